package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Resource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What one watch has told its sink so far, so that a datastore may say "this is how it is now" as
 * often as it likes and only differences get through. Used by one thread.
 */
public final class WatchProgress<R extends Resource> {
  private final Selection selection;
  private final Sink<R> sink;
  private final Map<Key, String> told = new HashMap<>();

  public WatchProgress(Selection selection, Sink<R> sink) {
    this.selection = selection;
    this.sink = sink;
  }

  /** The resource is there, in this version. */
  public void present(R resource) {
    Key key = resource.key();
    if (!selection.admits(resource)) {
      absent(key);
    } else if (!resource.metadata().resourceVersion().equals(told.get(key))) {
      told.put(key, resource.metadata().resourceVersion());
      sink.present(resource);
    }
  }

  /** There is no resource of this key. */
  public void absent(Key key) {
    if (told.remove(key) != null) {
      sink.absent(key);
    }
  }

  /** Only resources with these keys are there; {@link #present} tells how they are. */
  public void only(Set<Key> keys) {
    for (Key key : Set.copyOf(told.keySet())) {
      if (!keys.contains(key)) {
        absent(key);
      }
    }
  }

  /** The keys told as present. */
  public Set<Key> keys() {
    return new HashSet<>(told.keySet());
  }

  public void synced() {
    sink.synced();
  }

  public void broken(String problem) {
    sink.broken(problem);
  }

  /** Everything can be read again. */
  public void mended() {
    sink.mended();
  }
}
