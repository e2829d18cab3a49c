package dev.manul.datastore.file;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Resource;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves all watches of a datastore.
 *
 * <p>Two threads: one takes the kernel's notifications and notes which paths they are about; the
 * other looks at those paths and tells the sinks. However fast changes come, each path is noted at
 * most once, so that a slow sink sees the newest state and nothing piles up.
 *
 * <p>Directories are watched before they are listed; what changes in between is noticed twice and
 * told once. When the kernel drops notifications, everything is listed again.
 */
final class DirectoryWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatcher.class);

  /**
   * A first change is told at once; those that follow it closely gather for so long. A program that
   * writes one resource after another would otherwise be slowed down by being told of itself.
   */
  private static final long PACE_NANOS = 20_000_000;

  private final Layout layout;
  private final Presence presence;
  private final EntryCache cache;
  private final WatchService service;

  private final Object work = new Object();
  private final List<Subscription<?>> starting = new ArrayList<>(); // guarded by work
  private final List<Subscription<?>> ending = new ArrayList<>(); // guarded by work
  private Set<Path> dirty = new LinkedHashSet<>(); // guarded by work
  private Set<Path> lost = new HashSet<>(); // directories no longer watched; guarded by work
  private boolean overflow; // guarded by work
  private boolean closed; // guarded by work

  // of the telling thread
  private final Map<Kind<?>, KindFeed> feeds = new HashMap<>();
  private long lastTold = System.nanoTime() - PACE_NANOS;

  private DirectoryWatcher(
      Layout layout, Presence presence, EntryCache cache, WatchService service) {
    this.layout = layout;
    this.presence = presence;
    this.cache = cache;
    this.service = service;
  }

  static DirectoryWatcher start(Layout layout, Presence presence, EntryCache cache)
      throws IOException {
    DirectoryWatcher watcher =
        new DirectoryWatcher(
            layout, presence, cache, layout.directory().getFileSystem().newWatchService());
    Thread.ofPlatform().daemon().name("datastore-notice").start(watcher::takeNotice);
    Thread.ofPlatform().daemon().name("datastore-watch").start(watcher::tell);
    return watcher;
  }

  <R extends Resource> Watch add(Kind<R> kind, Selection selection, Sink<R> sink) {
    Subscription<R> subscription = new Subscription<>(kind, selection, sink, this::end);
    synchronized (work) {
      starting.add(subscription);
      work.notifyAll();
    }
    return subscription;
  }

  private void end(Subscription<?> subscription) {
    synchronized (work) {
      ending.add(subscription);
      work.notifyAll();
    }
  }

  private void takeNotice() {
    try {
      while (true) {
        WatchKey key = service.take();
        Path directory = (Path) key.watchable();
        List<WatchEvent<?>> events = key.pollEvents();
        synchronized (work) {
          boolean idle = dirty.isEmpty();
          for (WatchEvent<?> event : events) {
            if (event.kind().equals(StandardWatchEventKinds.OVERFLOW)) {
              overflow = true;
            } else if (!event.context().toString().startsWith(".")) {
              dirty.add(directory.resolve((Path) event.context()));
            }
          }
          if (!key.reset()) {
            lost.add(directory);
          }
          if (overflow || !lost.isEmpty() || (idle && !dirty.isEmpty())) {
            work.notifyAll();
          }
        }
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      // the watcher is closed
    }
  }

  private void tell() {
    try {
      while (await()) {
        List<Subscription<?>> begun;
        List<Subscription<?>> ended;
        Set<Path> changed;
        Set<Path> gone;
        boolean all;
        synchronized (work) {
          begun = List.copyOf(starting);
          ended = List.copyOf(ending);
          changed = dirty;
          gone = lost;
          all = overflow;
          starting.clear();
          ending.clear();
          dirty = new LinkedHashSet<>();
          lost = new HashSet<>();
          overflow = false;
        }
        begun.forEach(each -> feed(each.kind()).begin(each));
        ended.forEach(each -> feed(each.kind()).end(each));
        if (all) {
          LOG.atInfo().log("datastore-relisted reason=overflow directory={}", layout.directory());
          feeds.values().forEach(KindFeed::relist);
        }
        changed.forEach(this::changed);
        gone.forEach(this::lost);
      }
    } catch (InterruptedException e) {
      // the watcher is closed
    }
  }

  /** Waits for something to do; false when the watcher is closed. */
  private boolean await() throws InterruptedException {
    synchronized (work) {
      while (!closed && starting.isEmpty() && ending.isEmpty() && lost.isEmpty() && !overflow) {
        long millis = dirty.isEmpty() ? untilRecheck() : millisUntil(lastTold + PACE_NANOS);
        if (millis == 0) {
          break;
        }
        work.wait(millis < 0 ? 0 : millis);
      }
      if (closed) {
        return false;
      }
    }
    lastTold = System.nanoTime();
    feeds.values().forEach(KindFeed::recheck);
    return true;
  }

  /** Milliseconds to the first file that is to be looked at again; negative when there is none. */
  private long untilRecheck() {
    long first = Long.MAX_VALUE;
    for (KindFeed feed : feeds.values()) {
      first = Math.min(first, feed.nextRecheck());
    }
    if (first == Long.MAX_VALUE) {
      return -1;
    }
    return millisUntil(first);
  }

  private static long millisUntil(long nanoTime) {
    return Math.max(0, (nanoTime - System.nanoTime() + 999_999) / 1_000_000);
  }

  private KindFeed feed(Kind<?> kind) {
    return feeds.computeIfAbsent(kind, k -> new KindFeed(layout, presence, cache, k, service));
  }

  private void changed(Path path) {
    KindFeed feed = feedOf(path);
    if (feed != null) {
      feed.changed(path);
    }
  }

  private void lost(Path directory) {
    KindFeed feed = feedOf(directory);
    if (feed != null) {
      feed.relist();
    }
  }

  private KindFeed feedOf(Path path) {
    String name = layout.directory().relativize(path).getName(0).toString();
    for (Kind<?> kind : Kinds.ALL) {
      if (Layout.directoryName(kind).equals(name)) {
        return feeds.get(kind);
      }
    }
    return null;
  }

  @Override
  public void close() {
    synchronized (work) {
      closed = true;
      work.notifyAll();
    }
    try {
      service.close();
    } catch (IOException e) {
      throw new DatastoreException("cannot stop watching " + layout.directory(), e);
    }
  }
}
