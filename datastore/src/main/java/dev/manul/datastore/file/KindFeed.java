package dev.manul.datastore.file;

import dev.manul.datastore.DatastoreException;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watches of one kind and what is known of its files. Used by one thread. */
final class KindFeed {
  private static final Logger LOG = LoggerFactory.getLogger(KindFeed.class);

  /**
   * How long a file that does not parse must be left alone before that is told: editors that write
   * in place pass through states that nobody meant.
   */
  private static final Duration GRACE = Duration.ofMillis(100);

  /** How often a store that is away is looked for. */
  private static final Duration SEARCH = Duration.ofSeconds(1);

  private final Layout layout;
  private final Presence presence;
  private final EntryCache cache;
  private final Kind<?> kind;
  private final WatchService service;
  private final List<Subscription<?>> subscriptions = new ArrayList<>();

  /** The resources told, by file. */
  private final Map<Path, Key> told = new HashMap<>();

  /** The problems told, by file. */
  private final Map<Path, String> problems = new HashMap<>();

  /** Files to be looked at again, and when, on the scale of {@link System#nanoTime}. */
  private final Map<Path, Long> rechecks = new HashMap<>();

  /** Watches that began while the store was away; they are told when it is back. */
  private final List<Subscription<?>> waiting = new ArrayList<>();

  /** When to look for a store that is away; {@link Long#MAX_VALUE} while it is there. */
  private long search = Long.MAX_VALUE;

  KindFeed(Layout layout, Presence presence, EntryCache cache, Kind<?> kind, WatchService service) {
    this.layout = layout;
    this.presence = presence;
    this.cache = cache;
    this.kind = kind;
    this.service = service;
  }

  /** Tells a new watch what there is. */
  void begin(Subscription<?> subscription) {
    relist(); // watches the directories and brings the older watches up to date
    if (isAway()) {
      waiting.add(subscription);
      return;
    }
    subscriptions.add(subscription);
    for (Path file : List.copyOf(told.keySet())) {
      inForce(file).ifPresent(subscription::present);
    }
    problems.values().stream().sorted().forEach(subscription::broken);
    subscription.synced();
  }

  void end(Subscription<?> subscription) {
    subscriptions.remove(subscription);
    waiting.remove(subscription);
  }

  /** Looks at everything. */
  void relist() {
    if (isAway()) {
      return;
    }
    watchDirectories();
    Set<Path> all = new LinkedHashSet<>(ResourceFiles.of(layout, kind, Optional.empty()));
    all.addAll(told.keySet());
    all.addAll(problems.keySet());
    all.forEach(file -> refresh(file, false));
  }

  /** Whether the store is away, so that what is not found is not to be called deleted. */
  private boolean isAway() {
    if (presence.isThere()) {
      return false;
    }
    if (search == Long.MAX_VALUE) {
      LOG.atWarn().log("datastore-away kind={} directory={}", kind, layout.directory());
      subscriptions.forEach(each -> each.broken(presence.problem()));
    }
    search = System.nanoTime() + SEARCH.toNanos();
    return true;
  }

  /** Looks for a store that is away, and takes everything up again when it is back. */
  private void searchStore(long now) {
    if (search == Long.MAX_VALUE || search - now > 0 || isAway()) {
      return;
    }
    search = Long.MAX_VALUE;
    LOG.atInfo().log("datastore-back kind={} directory={}", kind, layout.directory());
    relist();
    if (problems.isEmpty()) {
      subscriptions.forEach(Subscription::mended);
    }
    List<Subscription<?>> begun = List.copyOf(waiting);
    waiting.clear();
    begun.forEach(this::begin);
  }

  private void watchDirectories() {
    Path directory = layout.kindDirectory(kind);
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
      }
      watch(directory);
      if (kind.namespaced()) {
        try (DirectoryStream<Path> children =
            Files.newDirectoryStream(directory, Files::isDirectory)) {
          for (Path child : children) {
            watch(child);
          }
        }
      }
    } catch (IOException e) {
      LOG.atWarn().log("directory-not-watched path={} reason={}", directory, Reasons.of(e));
    }
  }

  private void watch(Path directory) throws IOException {
    directory.register(
        service,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
  }

  /** A path in the kind's directory has changed, appeared or gone. */
  void changed(Path path) {
    boolean atTop = path.getParent().equals(layout.kindDirectory(kind));
    if (kind.namespaced() && atTop) {
      relist(); // a namespace has come or gone, which is rare
    } else if (Layout.isResourceFile(path)) {
      refresh(path, true);
    }
  }

  /** Looks again at files whose time has come. */
  void recheck() {
    if (rechecks.isEmpty() && search == Long.MAX_VALUE) {
      return;
    }
    long now = System.nanoTime();
    searchStore(now);
    for (Map.Entry<Path, Long> due : Map.copyOf(rechecks).entrySet()) {
      if (due.getValue() - now <= 0) {
        refresh(due.getKey(), true);
      }
    }
  }

  /** When the first file is to be looked at again; {@link Long#MAX_VALUE} when none is. */
  long nextRecheck() {
    long first = search;
    for (long due : rechecks.values()) {
      first = Math.min(first, due);
    }
    return first;
  }

  /**
   * Tells how a file is now.
   *
   * @param patient whether to wait for the file to be left alone before it is called broken
   */
  private void refresh(Path file, boolean patient) {
    rechecks.remove(file);
    Entry entry;
    try {
      entry = cache.load(kind, file);
    } catch (DatastoreException e) {
      complain(file, e.getMessage()); // what was told stays in force
      return;
    }
    if (entry == null) {
      if (isAway()) {
        return; // what was told stays in force
      }
      mend(file);
      Key key = told.remove(file);
      if (key != null) {
        subscriptions.forEach(each -> each.absent(key));
      }
      return;
    }
    entry
        .inForce()
        .ifPresent(
            resource -> {
              told.put(file, resource.key());
              subscriptions.forEach(each -> each.present(resource));
            });
    if (!entry.broken()) {
      mend(file);
    } else if (patient && entry.identity().changed().isAfter(Instant.now().minus(GRACE))) {
      rechecks.put(file, System.nanoTime() + GRACE.toNanos());
    } else {
      complain(file, entry.problem());
    }
  }

  private void mend(Path file) {
    if (problems.remove(file) != null && problems.isEmpty()) {
      subscriptions.forEach(Subscription::mended);
    }
  }

  private void complain(Path file, String problem) {
    if (!problem.equals(problems.put(file, problem))) {
      LOG.atWarn().log("resource-broken problem=\"{}\"", problem);
      subscriptions.forEach(each -> each.broken(problem));
    }
  }

  private Optional<Resource> inForce(Path file) {
    try {
      return Optional.ofNullable(cache.load(kind, file)).flatMap(Entry::inForce);
    } catch (DatastoreException e) {
      return Optional.empty(); // the problem is told
    }
  }
}
