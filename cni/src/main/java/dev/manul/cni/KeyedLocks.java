package dev.manul.cni;

import dev.manul.cni.CniException.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock for each container and each device that somebody works on. Whoever takes several names
 * them in the order container, device.
 */
final class KeyedLocks {

  private static final class Counted {
    final ReentrantLock lock = new ReentrantLock(true);
    int users;
  }

  private final Map<String, Counted> locks = new HashMap<>();

  /** What is held until it is closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Takes the locks of some names.
   *
   * @throws CniException when they are not to be had in time
   */
  Held hold(Deadline deadline, String... names) {
    List<String> held = new ArrayList<>(names.length);
    try {
      for (String name : names) {
        take(deadline, name);
        held.add(name);
      }
    } catch (RuntimeException e) {
      release(held);
      throw e;
    }
    return () -> release(held);
  }

  private void take(Deadline deadline, String name) {
    Counted counted;
    synchronized (locks) {
      counted = locks.computeIfAbsent(name, _ -> new Counted());
      counted.users++;
    }
    boolean taken = false;
    try {
      taken = counted.lock.tryLock(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!taken) {
        forget(name, counted);
      }
    }
    if (!taken) {
      throw new CniException(
          Code.TRY_AGAIN_LATER, "another request for " + name + " is still being worked on");
    }
  }

  private void release(List<String> names) {
    for (String name : names.reversed()) {
      Counted counted;
      synchronized (locks) {
        counted = locks.get(name);
      }
      counted.lock.unlock();
      forget(name, counted);
    }
  }

  private void forget(String name, Counted counted) {
    synchronized (locks) {
      counted.users--;
      if (counted.users == 0) {
        locks.remove(name);
      }
    }
  }
}
