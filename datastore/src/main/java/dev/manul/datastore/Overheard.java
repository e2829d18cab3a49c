package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Resource;

/**
 * A watch's sink with somebody beside it who hears what is told, before the sink does.
 *
 * @param listener is told of what it is concerned with alone
 */
record Overheard<R extends Resource>(WatchedKind<R> listener, Sink<R> sink) implements Sink<R> {

  @Override
  public void present(R resource) {
    listener.seen(resource);
    sink.present(resource);
  }

  @Override
  public void absent(Key key) {
    listener.absent(key);
    sink.absent(key);
  }

  @Override
  public void synced() {
    listener.synced();
    sink.synced();
  }

  @Override
  public void broken(String problem) {
    listener.broken(problem);
    sink.broken(problem);
  }

  @Override
  public void mended() {
    listener.mended();
    sink.mended();
  }
}
