package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;

/** A datastore that counts reads, and whose watches tell each thing when they are told to. */
final class LateWatches extends ForwardingDatastore {
  private final Queue<Runnable> calls = new ArrayDeque<>(); // guarded by itself
  private final AtomicInteger reads = new AtomicInteger();

  LateWatches(Datastore real) {
    super(real);
  }

  int reads() {
    return reads.get();
  }

  int waiting() {
    synchronized (calls) {
      return calls.size();
    }
  }

  /** Lets one call through. */
  void tell() {
    Runnable call;
    synchronized (calls) {
      call = calls.remove();
    }
    call.run();
  }

  void tellAll() {
    while (waiting() > 0) {
      tell();
    }
  }

  private void later(Runnable call) {
    synchronized (calls) {
      calls.add(call);
    }
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    reads.incrementAndGet();
    return real.get(kind, key);
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    reads.incrementAndGet();
    return real.list(kind, selection);
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    return real.watch(
        kind,
        selection,
        new Sink<>() {
          @Override
          public void present(R resource) {
            later(() -> sink.present(resource));
          }

          @Override
          public void absent(Key key) {
            later(() -> sink.absent(key));
          }

          @Override
          public void synced() {
            later(sink::synced);
          }

          @Override
          public void broken(String problem) {
            later(() -> sink.broken(problem));
          }

          @Override
          public void mended() {
            later(sink::mended);
          }
        });
  }
}
