package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One list and watch of one path, for all who want the same of it. It keeps no objects: who comes
 * later makes it list again, and those before see only the differences.
 *
 * <p>A watch that ends goes on from the last version seen, which bookmarks keep recent. When the
 * server does not know that version any more (410), everything is listed again, in a state not
 * older than that version; such a list is answered from the server's memory, so that many agents
 * may ask for it at once. While the API is away nothing is told absent.
 */
final class Feed {
  private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

  private final ApiServer api;
  private final ObjectPath path;
  private final List<ObjectPath> olderPaths;
  private final boolean optional;
  private final String collection;
  private final String query;

  private final List<Subscription<?>> subscriptions = new ArrayList<>(); // guarded by this
  private boolean joined; // somebody has not been told what there is; guarded by this
  private boolean ended; // guarded by this
  private ApiStream stream; // guarded by this

  private String listed; // the collection that was listed last; of the feed's thread
  private String version = ""; // from where to watch, "" for none; of the feed's thread
  private String notOlderThan = ""; // of the feed's thread
  private int failures; // of the feed's thread
  private int timesUnserved; // 0 when the kind is served; of the feed's thread
  private boolean served; // and not counted as gone since; of the feed's thread
  private long missingSince; // System.nanoTime, 0 when it is served; of the feed's thread

  /**
   * A feed, not yet begun.
   *
   * @param collection the path of the collection
   * @param query further parameters, each with {@code &} before it
   */
  Feed(ApiServer api, Mapping<?> mapping, String collection, String query) {
    this.api = api;
    this.path = mapping.path();
    this.olderPaths = mapping.olderPaths();
    this.optional = mapping.isOptional();
    this.collection = collection;
    this.listed = collection;
    this.query = query;
  }

  /** Adds a watch; false when the feed has ended. */
  synchronized boolean join(Subscription<?> subscription) {
    if (ended) {
      return false;
    }
    subscriptions.add(subscription);
    joined = true;
    if (subscriptions.size() == 1) {
      Thread.ofVirtual().name("kube-watch-" + path.plural()).start(this::run);
    } else if (stream != null) {
      stream.close();
    } else {
      notifyAll(); // it may be waiting for its kind to be served
    }
    return true;
  }

  /** Takes a watch away; true when it was the last one and the feed has ended. */
  synchronized boolean leave(Subscription<?> subscription) {
    subscriptions.remove(subscription);
    if (subscriptions.isEmpty()) {
      end();
    }
    return ended;
  }

  synchronized void end() {
    ended = true;
    if (stream != null) {
      stream.close();
    }
    notifyAll();
  }

  private void run() {
    try {
      while (!isEnded()) {
        try {
          if (isListingWanted()) {
            list();
          }
          if (timesUnserved > 0) {
            await(api.patience().unservedPause(timesUnserved, ThreadLocalRandom.current()));
          } else {
            follow();
          }
        } catch (ApiFailure.ExpiredException e) {
          LOG.atInfo().log("watch-expired path={} version={}", collection, version);
          notOlderThan = version;
          version = "";
          failures++;
        } catch (ApiFailure.UnservedException e) {
          failures++;
          lost(e);
          version = ""; // to watch from a version would go on to fail
        } catch (DatastoreException | IOException e) {
          failures++;
          if (!isEnded()) {
            lost(e);
          }
        }
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("watch-failed path={}", collection);
      all(each -> each.away("the watch of " + collection + " has failed: " + e));
    }
  }

  private void lost(Exception e) {
    LOG.atDebug().log("watch-lost path={} reason=\"{}\"", collection, e.getMessage());
    notOlderThan = version.isEmpty() ? notOlderThan : version;
    if (failures > 1 || version.isEmpty()) { // a mere disconnect is no news
      all(each -> each.away(e.getMessage()));
    }
  }

  private synchronized boolean isListingWanted() {
    return joined || version.isEmpty();
  }

  private synchronized boolean isEnded() {
    return ended;
  }

  private void all(Consumer<Subscription<?>> call) {
    List<Subscription<?>> now;
    synchronized (this) {
      now = List.copyOf(subscriptions);
    }
    now.forEach(call);
  }

  /** Waits before the next attempt, unless all is well, and for a server that is out of reach. */
  private void pause() throws InterruptedException {
    if (failures == 0) {
      return;
    }
    if (failures > 1) { // who waits is known to have been told
      awaitReachable();
    }
    long until =
        System.nanoTime() + 1_000_000 * api.patience().pause(failures, ThreadLocalRandom.current());
    synchronized (this) {
      for (long left; !ended && (left = until - System.nanoTime()) > 0; ) {
        wait(left / 1_000_000, (int) (left % 1_000_000));
      }
    }
  }

  private void awaitReachable() throws InterruptedException {
    CompletableFuture<Void> reachable = api.reachable();
    var _ = reachable.thenRun(this::wake);
    synchronized (this) {
      while (!ended && !reachable.isDone()) {
        wait();
      }
    }
  }

  private synchronized void wake() {
    notifyAll();
  }

  /** Waits before a kind is looked for again, or until somebody new asks for it. */
  private synchronized void await(long millis) throws InterruptedException {
    long until = System.nanoTime() + 1_000_000 * millis;
    for (long left; !ended && !joined && (left = until - System.nanoTime()) > 0; ) {
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
  }

  private void list() {
    List<Subscription<?>> now;
    boolean fresh;
    synchronized (this) {
      now = List.copyOf(subscriptions);
      fresh = joined || notOlderThan.isEmpty();
      joined = false;
    }
    boolean done = false;
    try {
      now.forEach(Subscription::beginListing);
      version = read(fresh ? "" : notOlderThan, now);
      now.forEach(Subscription::endListing);
      done = true;
      heard();
    } finally {
      if (!done) {
        synchronized (this) {
          joined |= fresh;
        }
      }
    }
  }

  /**
   * Reads all there is. A kind that need not be served and is not has nothing; but one that was
   * served until just now is not believed to be gone, since a server that is starting may not know
   * all of its kinds yet.
   *
   * @return the version of what was read, or ""
   */
  private String read(String oldest, List<Subscription<?>> to) {
    try {
      String read = readServed(oldest, tree -> to.forEach(each -> each.list(tree)));
      if (timesUnserved > 0) {
        LOG.atInfo().log("kind-served kind={}", path.resourceName());
      }
      timesUnserved = 0;
      missingSince = 0;
      served = true;
      return read;
    } catch (ApiFailure.UnservedException e) {
      missingSince = missingSince == 0 ? System.nanoTime() : missingSince;
      long missing = System.nanoTime() - missingSince;
      if (!optional || (served && missing < api.patience().unserved().toNanos())) {
        throw e;
      }
      served = false;
      if (timesUnserved++ == 0) {
        LOG.atInfo().log("kind-not-served kind={}", path.resourceName());
      }
      return "";
    }
  }

  /** Reads the collection in the newest version of its group that the server has. */
  private String readServed(String oldest, Consumer<Map<String, Object>> item) {
    try {
      listed = collection;
      return new Lists(api, path).read(collection, query, oldest, item);
    } catch (ApiFailure.UnservedException newest) {
      for (ObjectPath older : olderPaths) {
        String there = older.group() + collection.substring(path.group().length());
        try {
          String read = new Lists(api, older).read(there, query, oldest, item);
          listed = there;
          return read;
        } catch (ApiFailure.UnservedException e) {
          LOG.atDebug().log("collection-not-served path={}", there);
        }
      }
      throw newest;
    }
  }

  /** The API works. */
  private void heard() {
    failures = 0;
    all(Subscription::back);
  }

  /** Watches until the stream ends. */
  private void follow() throws IOException, InterruptedException {
    long seconds = ThreadLocalRandom.current().nextLong(300, 600); // not all at the same time
    String uri =
        listed
            + "?watch=true&allowWatchBookmarks=true&timeoutSeconds="
            + seconds
            + "&resourceVersion="
            + ObjectPath.encode(version)
            + query;
    ApiStream opened = api.stream(uri);
    try (opened) {
      synchronized (this) {
        if (ended || joined) {
          return;
        }
        stream = opened;
      }
      if (opened.status() != 200) {
        byte[] body = opened.rest(api.patience().answer());
        throw ApiFailure.of(
            new ApiServer.Answer(opened.status(), body), "watch " + path.resourceName(), path);
      }
      if (failures > 1) {
        heard();
      }
      read(opened);
    } finally {
      synchronized (this) {
        stream = null;
      }
    }
  }

  private void read(ApiStream opened) throws IOException, InterruptedException {
    while (true) {
      switch (opened.next(api.patience().silence())) {
        case LINE -> {
          event(ApiJson.read(opened.buffer(), opened.lineStart(), opened.lineLength()));
          failures = 0;
        }
        case SILENCE -> {
          if (!api.isAlive(opened.connection())) {
            throw new IOException("the Kubernetes API at " + api.url() + " has gone silent");
          }
        }
        case END -> {
          failures = isInterruptedByJoin() ? 0 : failures + 1;
          return;
        }
      }
    }
  }

  private synchronized boolean isInterruptedByJoin() {
    return joined;
  }

  private void event(Map<String, Object> event) {
    Map<String, Object> tree = Fields.map(event, "object");
    switch (Fields.text(event, "type")) {
      case "ADDED", "MODIFIED" -> {
        all(each -> each.changed(tree));
        version = Fields.version(tree);
      }
      case "DELETED" -> {
        all(each -> each.deleted(tree));
        version = Fields.version(tree);
      }
      case "BOOKMARK" -> version = Fields.version(tree);
      case "ERROR" -> {
        byte[] body = ApiJson.write(tree).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        throw ApiFailure.of(
            new ApiServer.Answer(Fields.number(tree, "code"), body),
            "watch " + path.resourceName(),
            path);
      }
      default -> LOG.atDebug().log("watch-event-ignored path={}", collection);
    }
  }
}
