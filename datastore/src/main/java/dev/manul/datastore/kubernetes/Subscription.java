package dev.manul.datastore.kubernetes;

import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WatchProgress;
import dev.manul.model.Key;
import dev.manul.model.Resource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One watch, fed by a {@link Feed}'s thread. */
final class Subscription<R extends Resource> implements Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

  /** Under which the trouble with the API itself is noted. */
  private static final Key API = new Key("", "");

  private final Mapping<R> mapping;
  private final WatchProgress<R> progress;
  private final Consumer<Subscription<?>> onClose;
  private final Map<Key, String> problems = new HashMap<>(); // of the feed's thread
  private Set<Key> listed = new HashSet<>(); // of the feed's thread
  private boolean synced; // of the feed's thread

  Subscription(
      Mapping<R> mapping, Selection selection, Sink<R> sink, Consumer<Subscription<?>> onClose) {
    this.mapping = mapping;
    this.progress = new WatchProgress<>(mapping.kind(), selection, sink);
    this.onClose = onClose;
  }

  /** A listing begins. */
  void beginListing() {
    listed = new HashSet<>();
  }

  /** The listing has an object. */
  void list(Map<String, Object> tree) {
    listed.add(mapping.keyOf(tree));
    changed(tree);
  }

  /** The listing had all there is. */
  void endListing() {
    Set<Key> all = listed;
    listed = new HashSet<>();
    progress.only(all);
    for (Key key : Set.copyOf(problems.keySet())) {
      if (!all.contains(key) && !key.equals(API)) {
        mend(key);
      }
    }
    if (!synced) {
      synced = true;
      progress.synced();
    }
  }

  /** An object is so. */
  void changed(Map<String, Object> tree) {
    Key key = mapping.keyOf(tree);
    Optional<R> resource;
    try {
      resource = mapping.read(tree);
    } catch (MalformedTextException e) {
      complain(key, e.getMessage()); // what was told stays in force
      return;
    }
    mend(key);
    resource.ifPresentOrElse(progress::present, () -> progress.absent(key));
  }

  /** An object is gone. */
  void deleted(Map<String, Object> tree) {
    Key key = mapping.keyOf(tree);
    mend(key);
    progress.absent(key);
  }

  /** The API is away; what was told stays in force. */
  void away(String problem) {
    if (!problems.containsKey(API)) {
      complain(API, problem);
    }
  }

  /** The API is back. */
  void back() {
    mend(API);
  }

  private void complain(Key key, String problem) {
    if (!problem.equals(problems.put(key, problem))) {
      LOG.atWarn().log("watch-problem kind={} problem=\"{}\"", mapping.kind(), problem);
      progress.broken(problem);
    }
  }

  private void mend(Key key) {
    if (problems.remove(key) != null && problems.isEmpty()) {
      progress.mended();
    }
  }

  @Override
  public void close() {
    progress.end();
    onClose.accept(this);
  }
}
