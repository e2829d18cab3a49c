package dev.manul.bgp;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Time that stands still until it is moved. */
final class ManualTime implements TimeSource {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();
  private final List<Runnable> wakes = new CopyOnWriteArrayList<>();

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public Instant now() {
    return START.plusNanos(nanos.get());
  }

  @Override
  public boolean manual() {
    return true;
  }

  @Override
  public void onAdvance(Runnable wake) {
    wakes.add(wake);
  }

  void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
    wakes.forEach(Runnable::run);
  }
}
