package dev.manul.routes;

import dev.manul.model.Prefix;
import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.Errno;
import dev.manul.netlink.Event;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteKey;
import dev.manul.netlink.RouteType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;

/**
 * Makes one routing table of the kernel have the wanted routes. Keeps what it has seen of the
 * kernel, the keys where that differs from what is wanted, and what failed; a pass costs as much as
 * there are differences. Not safe for several threads.
 *
 * <p>What is kept true:
 *
 * <ul>
 *   <li>only routes with our protocol are replaced or deleted. Where another program's route has a
 *       wanted route's key, nothing is written; it is told as failing, and tried again when that
 *       route goes;
 *   <li>where nothing was seen under a key, a route is added and never replaced, so that a route
 *       that came unseen makes the kernel refuse;
 *   <li>a route that changes is replaced by one message, never deleted and added;
 *   <li>nothing is deleted before {@link #allowRemoval};
 *   <li>a route that is already right is not written.
 * </ul>
 */
final class RouteTable {

  /**
   * How many changes go into one batch: enough to make little of the calls, few enough that the
   * monitor, to whom the kernel tells our own changes too, keeps up.
   */
  private static final int BATCH = 4_096;

  /** News of the kernel are older than this at most when they are read. */
  private static final long NEWS_AGE = Duration.ofSeconds(1).toNanos();

  private final ProgrammerOptions options;
  private final Kernel kernel;
  private final LongSupplier nanoTime;
  private final OwnRoutes own = new OwnRoutes();
  private ForeignRoutes foreign = new ForeignRoutes();

  private final Set<RouteKey> dirty = new LinkedHashSet<>();
  private final List<Route> doubles = new ArrayList<>();
  private final Set<RouteKey> disturbed = new HashSet<>();
  private final RouteFailures failures = new RouteFailures();
  private long repaired;
  private boolean removing;
  private boolean doubtful;

  RouteTable(ProgrammerOptions options, Kernel kernel, LongSupplier nanoTime) {
    this.options = options;
    this.kernel = kernel;
    this.nanoTime = nanoTime;
  }

  /** Sets the wanted route of a prefix, or that there is to be none. */
  void want(Prefix prefix, Optional<Route> route) {
    own.want(prefix, route.map(RouteCalculation::canonical)).ifPresent(this::look);
  }

  /**
   * Leaves a prefix the route it has: the one that was wanted, or one of ours that the kernel was
   * seen to have, as after a restart.
   *
   * @param linkThere whether a link, by its index, is there; a route over others is not kept
   * @param otherwise the route that is wanted when there is none to keep
   */
  void keep(Prefix prefix, IntPredicate linkThere, Optional<Route> otherwise) {
    RouteKey key = Route.blackhole(prefix).withTable(options.table()).key();
    Optional<Route> kept =
        own.wanted(key)
            .or(() -> Optional.ofNullable(own.seen(key)).map(OwnRoutes.Seen::route))
            .filter(route -> route.type() == RouteType.UNICAST)
            .filter(
                route -> route.nextHops().stream().allMatch(hop -> linkThere.test(hop.linkIndex())))
            .or(() -> otherwise);
    want(prefix, kept);
  }

  private void look(RouteKey key) {
    failures.forget(key);
    dirty.add(key);
  }

  /** Whether the kernel has any route of ours. */
  boolean hasOwn() {
    return !own.allSeen().isEmpty();
  }

  /** From now on routes of ours that are not wanted are deleted. */
  void allowRemoval() {
    if (!removing) {
      removing = true;
      for (OwnRoutes.Seen has : own.allSeen()) {
        if (own.wanted(has.route().key()).isEmpty()) {
          dirty.add(has.route().key());
        }
      }
    }
  }

  boolean removing() {
    return removing;
  }

  /** Other programs' routes in the table. */
  PrefixTrie<List<Route>> foreign() {
    return foreign.all();
  }

  /** True when events left it open what the kernel has, so that it has to be read whole. */
  boolean doubtful() {
    return doubtful;
  }

  /** Whether any route of the table goes out by a link. */
  boolean uses(int linkIndex) {
    return own.use(linkIndex) || foreign.use(linkIndex);
  }

  /**
   * Takes in that a link went down or away, and with it the routes that had no other one.
   *
   * @return false when there are routes over it and over others, of which something may be left
   */
  boolean linkGone(int linkIndex) {
    boolean sure = true;
    for (Route route : own.over(linkIndex)) {
      if (route.nextHops().size() > 1) {
        sure = false;
      } else {
        boolean agreed = own.agrees(route.key());
        own.gone(route.key());
        changed(route.key(), agreed);
      }
    }
    for (Route route : foreign.over(linkIndex)) {
      if (route.nextHops().size() > 1) {
        sure = false;
      } else {
        foreign.remove(route);
        changed(route.key(), own.agrees(route.key()));
      }
    }
    return sure;
  }

  /** Takes in that another program has added or replaced a route. */
  void added(Event.RouteAdded event) {
    Route route = RouteCalculation.canonical(event.route());
    if (route.table() != options.table()) {
      return;
    }
    RouteKey key = route.key();
    OwnRoutes.Seen has = own.seen(key);
    List<Route> others = foreign.with(key);
    if (has != null && has.writtenAfter(nanoTime.getAsLong() - NEWS_AGE)) {
      doubtful = true;
    }
    boolean agreed = own.agrees(key);
    if (isOurs(route)) {
      if (event.replaced() ? has == null && !others.isEmpty() : has != null) {
        doubtful = true;
      }
      own.sighted(route);
    } else {
      if (event.replaced()) {
        if (has != null && others.isEmpty()) {
          own.gone(key);
        } else if (has == null && others.size() == 1) {
          foreign.remove(others.getFirst());
        } else {
          doubtful = true;
        }
      }
      foreign.add(route);
    }
    changed(key, agreed);
  }

  /** Takes in that a route has gone by another's hand. */
  void removed(Event.RouteRemoved event) {
    Route route = RouteCalculation.canonical(event.route());
    if (route.table() != options.table()) {
      return;
    }
    RouteKey key = route.key();
    boolean agreed = own.agrees(key);
    if (isOurs(route)) {
      OwnRoutes.Seen has = own.seen(key);
      if (has != null && has.route().equals(route)) {
        own.gone(key);
      } else if (has != null) {
        doubtful = true;
      }
    } else {
      List<Route> others = foreign.with(key);
      if (!others.contains(route) && others.stream().anyMatch(other -> shareLink(other, route))) {
        doubtful = true; // else it went with its link, of which was told before
      }
      foreign.remove(route);
    }
    changed(key, agreed);
  }

  private void changed(RouteKey key, boolean agreedBefore) {
    if (own.wanted(key).isEmpty() && own.seen(key) == null) {
      return;
    }
    if (agreedBefore && own.wanted(key).isPresent() && !own.agrees(key)) {
      disturbed.add(key);
    }
    look(key);
  }

  private static boolean shareLink(Route one, Route other) {
    if (one.nextHops().isEmpty() || other.nextHops().isEmpty()) {
      return true;
    }
    return one.nextHops().stream()
        .anyMatch(hop -> other.nextHops().stream().anyMatch(h -> h.linkIndex() == hop.linkIndex()));
  }

  private boolean isOurs(Route route) {
    return route.protocol() == options.protocol();
  }

  /** Takes in all routes of the table. */
  void replaceAll(List<Route> routes) {
    doubtful = false;
    List<Route> ours = new ArrayList<>();
    List<Route> others = new ArrayList<>();
    for (Route route : routes) {
      if (route.table() == options.table()) {
        (isOurs(route) ? ours : others).add(RouteCalculation.canonical(route));
      }
    }
    replaceForeign(others);
    doubles.clear();
    doubles.addAll(
        own.replaceAll(
            ours,
            key -> {
              if (own.wanted(key).isPresent() && own.agrees(key)) {
                disturbed.add(key);
              }
              look(key);
            }));
  }

  private void replaceForeign(List<Route> others) {
    if (foreign.isAll(others)) {
      return;
    }
    ForeignRoutes old = foreign;
    foreign = new ForeignRoutes();
    others.forEach(foreign::add);
    for (Route wanted : own.allWanted()) {
      Prefix prefix = wanted.destination();
      if (!old.to(prefix).equals(foreign.to(prefix))) {
        look(wanted.key());
      }
    }
  }

  /** Tries again at once what the kernel has refused: what it depends on may be there now. */
  void retryFailures() {
    dirty.addAll(failures.refused());
  }

  /** How many nanoseconds from now something is to be tried again; empty when nothing is. */
  OptionalLong untilRetry() {
    return failures.untilRetry(nanoTime.getAsLong());
  }

  /** Writes all that differs and is not waiting to be tried again. */
  void apply() {
    dirty.addAll(failures.due(nanoTime.getAsLong()));
    if (dirty.isEmpty() && doubles.isEmpty()) {
      return;
    }
    // First the routes to single addresses, so that a block's blackhole swallows no traffic to a
    // workload; deletions last, so that what is left without a route has its other one already.
    List<Change> hosts = new ArrayList<>();
    List<Change> nets = new ArrayList<>();
    List<Change> deletions = new ArrayList<>();
    for (RouteKey key : dirty) {
      Change change = change(key);
      switch (change) {
        case null -> disturbed.remove(key);
        case Change.DeleteRoute delete -> deletions.add(delete);
        case Change other -> (key.destination().isSingleAddress() ? hosts : nets).add(other);
      }
    }
    if (removing) {
      doubles.forEach(route -> deletions.add(new Change.DeleteRoute(route)));
      doubles.clear();
    }
    hosts.addAll(nets);
    hosts.addAll(deletions);
    for (int from = 0; from < hosts.size(); from += BATCH) {
      write(hosts.subList(from, Math.min(hosts.size(), from + BATCH)));
    }
    dirty.clear();
  }

  /** What is to be written for a key, or null. */
  private Change change(RouteKey key) {
    OwnRoutes.Seen has = own.seen(key);
    Optional<Route> want = own.wanted(key);
    if (own.agrees(key)) {
      failures.forget(key);
      return null;
    }
    if (want.isEmpty()) {
      return removing ? new Change.DeleteRoute(has.route()) : null;
    }
    List<Route> others = foreign.with(key);
    if (!others.isEmpty()) {
      failures.inTheWay(want.get(), others.getFirst());
      return null;
    }
    return has == null ? new Change.AddRoute(want.get()) : new Change.ReplaceRoute(want.get());
  }

  private void write(List<Change> batch) {
    ApplyReport report = kernel.apply(batch);
    long now = nanoTime.getAsLong();
    int next = 0;
    List<ApplyReport.Failure> failed = report.failures();
    for (int i = 0; i < batch.size(); i++) {
      if (next < failed.size() && failed.get(next).index() == i) {
        refused(batch.get(i), failed.get(next), now);
        next++;
      } else {
        done(batch.get(i), now);
      }
    }
  }

  private void done(Change change, long now) {
    switch (change) {
      case Change.AddRoute(Route route) -> written(route, now);
      case Change.ReplaceRoute(Route route) -> written(route, now);
      case Change.DeleteRoute(Route route) -> deleted(route);
      default -> throw new IllegalStateException("not a change of a route: " + change);
    }
  }

  private void written(Route route, long now) {
    RouteKey key = route.key();
    own.wrote(route, now);
    failures.forget(key);
    if (disturbed.remove(key)) {
      repaired++;
    }
  }

  private void deleted(Route route) {
    RouteKey key = route.key();
    OwnRoutes.Seen has = own.seen(key);
    if (has != null && has.route().equals(route)) {
      own.gone(key);
      failures.forget(key);
    }
  }

  private void refused(Change change, ApplyReport.Failure failure, long now) {
    Route route = routeOf(change);
    if (change instanceof Change.DeleteRoute && failure.errno().equals(Errno.ESRCH)) {
      // Somebody else was quicker, or has changed it; reading tells which.
      deleted(route);
      doubtful = true;
      return;
    }
    if (failure.errno().equals(Errno.EEXIST)) {
      doubtful = true;
    }
    failures.refused(route, failure, now);
  }

  private static Route routeOf(Change change) {
    return switch (change) {
      case Change.AddRoute(Route route) -> route;
      case Change.ReplaceRoute(Route route) -> route;
      case Change.DeleteRoute(Route route) -> route;
      default -> throw new IllegalStateException("not a change of a route: " + change);
    };
  }

  Collection<Route> wanted() {
    return own.allWanted();
  }

  int wantedCount() {
    return own.wantedCount();
  }

  int installedCount() {
    return own.installedCount();
  }

  long repaired() {
    return repaired;
  }

  /** What is not as wanted, in the order of prefixes. */
  List<String> failing(int most, IntFunction<String> linkName) {
    return failures.texts(most, linkName);
  }

  boolean settled() {
    return dirty.isEmpty() && failures.isEmpty() && !doubtful;
  }
}
