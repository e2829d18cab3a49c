package dev.manul.datastore.file;

import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WatchProgress;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.function.Consumer;

/** One watch and its sink. */
final class Subscription<R extends Resource> implements Watch {
  private final Kind<R> kind;
  private final WatchProgress<R> progress;
  private final Consumer<Subscription<?>> ender;

  Subscription(Kind<R> kind, Selection selection, Sink<R> sink, Consumer<Subscription<?>> ender) {
    this.kind = kind;
    this.progress = new WatchProgress<>(kind, selection, sink);
    this.ender = ender;
  }

  Kind<R> kind() {
    return kind;
  }

  void present(Resource resource) {
    progress.present(kind.type().cast(resource));
  }

  void absent(Key key) {
    progress.absent(key);
  }

  void broken(String problem) {
    progress.broken(problem);
  }

  void mended() {
    progress.mended();
  }

  void synced() {
    progress.synced();
  }

  @Override
  public void close() {
    ender.accept(this);
    progress.end();
  }
}
