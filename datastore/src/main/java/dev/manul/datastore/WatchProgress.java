package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one watch has told its sink so far, so that a datastore may say "this is how it is now" as
 * often as it likes and only differences get through, until the watch is ended. A sink that fails
 * is logged and told what comes next all the same. Safe for several threads; its sink is called by
 * one at a time.
 */
public final class WatchProgress<R extends Resource> {
  private static final Logger LOG = LoggerFactory.getLogger(WatchProgress.class);

  private final Kind<R> kind;
  private final Selection selection;
  private final Sink<R> sink;
  private final Map<Key, String> told = new HashMap<>();
  private boolean ended;

  public WatchProgress(Kind<R> kind, Selection selection, Sink<R> sink) {
    this.kind = kind;
    this.selection = selection;
    this.sink = sink;
  }

  /** The resource is there, in this version. */
  public synchronized void present(R resource) {
    Key key = resource.key();
    if (!selection.admits(resource)) {
      absent(key);
    } else if (!resource.metadata().resourceVersion().equals(told.get(key))) {
      told.put(key, resource.metadata().resourceVersion());
      tell(() -> sink.present(resource));
    }
  }

  /** There is no resource of this key. */
  public synchronized void absent(Key key) {
    if (told.remove(key) != null) {
      tell(() -> sink.absent(key));
    }
  }

  /** Only resources with these keys are there; {@link #present} tells how they are. */
  public synchronized void only(Set<Key> keys) {
    for (Key key : Set.copyOf(told.keySet())) {
      if (!keys.contains(key)) {
        absent(key);
      }
    }
  }

  public synchronized void synced() {
    tell(sink::synced);
  }

  public synchronized void broken(String problem) {
    tell(() -> sink.broken(problem));
  }

  /** Everything can be read again. */
  public synchronized void mended() {
    tell(sink::mended);
  }

  /** After this the sink is not called any more. Waits for a call that is under way. */
  public synchronized void end() {
    ended = true;
  }

  private void tell(Runnable call) {
    if (ended) {
      return;
    }
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("watch-sink-failed kind={}", kind);
    }
  }
}
