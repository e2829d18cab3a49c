package dev.manul.datastore.file;

import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WatchProgress;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One watch and its sink. */
final class Subscription<R extends Resource> implements Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

  private final Kind<R> kind;
  private final WatchProgress<R> progress;
  private final Consumer<Subscription<?>> ender;
  private boolean ended; // guarded by this, which is also held during calls of the sink

  Subscription(Kind<R> kind, Selection selection, Sink<R> sink, Consumer<Subscription<?>> ender) {
    this.kind = kind;
    this.progress = new WatchProgress<>(selection, sink);
    this.ender = ender;
  }

  Kind<R> kind() {
    return kind;
  }

  void present(Resource resource) {
    tell(() -> progress.present(kind.type().cast(resource)));
  }

  void absent(Key key) {
    tell(() -> progress.absent(key));
  }

  void broken(String problem) {
    tell(() -> progress.broken(problem));
  }

  void mended() {
    tell(progress::mended);
  }

  void synced() {
    tell(progress::synced);
  }

  private synchronized void tell(Runnable call) {
    if (ended) {
      return;
    }
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("watch-sink-failed kind={}", kind);
    }
  }

  @Override
  public void close() {
    ender.accept(this);
    synchronized (this) {
      ended = true;
    }
  }
}
