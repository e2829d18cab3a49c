package dev.manul.routes;

import dev.manul.model.Prefix;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Wanted routes beside those of ours that the kernel was last seen to have. Knows at any time how
 * many of the wanted ones are there. Not safe for several threads.
 *
 * <p>One route is wanted for a prefix, at the family's usual metric; the kernel may have others of
 * ours, left by somebody else.
 */
final class OwnRoutes {

  /** A route the kernel has. */
  static final class Seen {
    private final Route route;
    private final long writtenNanos;
    private final boolean written;
    private int round;

    private Seen(Route route, boolean written, long writtenNanos, int round) {
      this.route = route;
      this.written = written;
      this.writtenNanos = writtenNanos;
      this.round = round;
    }

    Route route() {
      return route;
    }

    /** Whether we wrote it after {@code sinceNanos}, so that older news of it may be on its way. */
    boolean writtenAfter(long sinceNanos) {
      return written && writtenNanos - sinceNanos > 0;
    }
  }

  private final Map<Prefix, Route> wanted = new HashMap<>();
  private final Map<RouteKey, Seen> seen = new HashMap<>();
  private final RoutesByLink byLink = new RoutesByLink();
  private int installed;
  private int round;

  Optional<Route> wanted(RouteKey key) {
    Route route = wanted.get(key.destination());
    return route != null && route.key().equals(key) ? Optional.of(route) : Optional.empty();
  }

  Collection<Route> allWanted() {
    return wanted.values();
  }

  int wantedCount() {
    return wanted.size();
  }

  /** How many of the wanted routes the kernel has. */
  int installedCount() {
    return installed;
  }

  /** What the kernel has under a key, or null. */
  Seen seen(RouteKey key) {
    return seen.get(key);
  }

  Collection<Seen> allSeen() {
    return seen.values();
  }

  /** True when a wanted route is there, or nothing is wanted and nothing is there. */
  boolean agrees(RouteKey key) {
    Seen has = seen.get(key);
    Optional<Route> want = wanted(key);
    return want.isEmpty() ? has == null : has != null && has.route.equals(want.get());
  }

  private int installedUnder(RouteKey key) {
    Route want = wanted.get(key.destination());
    Seen has = want == null ? null : seen.get(key);
    return has != null && has.route.equals(want) ? 1 : 0;
  }

  /**
   * Sets what is wanted for a prefix.
   *
   * @return the key that is to be looked at, or empty when nothing has changed
   */
  Optional<RouteKey> want(Prefix prefix, Optional<Route> route) {
    Route before = wanted.get(prefix);
    if (route.isPresent() ? route.get().equals(before) : before == null) {
      return Optional.empty();
    }
    RouteKey key = route.orElse(before).key();
    installed -= installedUnder(key);
    if (route.isPresent()) {
      wanted.put(prefix, route.get());
    } else {
      wanted.remove(prefix);
    }
    installed += installedUnder(key);
    return Optional.of(key);
  }

  /** The kernel has this route because we have written it just now. */
  void wrote(Route route, long nowNanos) {
    put(route.key(), new Seen(route, true, nowNanos, round));
  }

  /** The kernel was seen to have this route. */
  void sighted(Route route) {
    put(route.key(), new Seen(route, false, 0, round));
  }

  /** The kernel has no route of ours under this key. */
  void gone(RouteKey key) {
    put(key, null);
  }

  private void put(RouteKey key, Seen next) {
    installed -= installedUnder(key);
    Seen before = next == null ? seen.remove(key) : seen.put(key, next);
    if (before != null) {
      byLink.remove(before.route);
    }
    if (next != null) {
      byLink.add(next.route);
    }
    installed += installedUnder(key);
  }

  /**
   * Replaces all that was seen by what a full reading gave.
   *
   * @param routes our routes; where several have one key, the one that is wanted counts, else the
   *     first
   * @param changed called with each key under which something has changed, before it has
   * @return the routes whose key was taken by another
   */
  List<Route> replaceAll(Iterable<Route> routes, Consumer<RouteKey> changed) {
    round++;
    List<Route> doubles = new ArrayList<>();
    for (Route route : routes) {
      RouteKey key = route.key();
      Seen has = seen.get(key);
      if (has != null && has.round == round) {
        if (wanted(key).filter(route::equals).isPresent() && !has.route.equals(route)) {
          doubles.add(has.route);
          sighted(route);
        } else if (!has.route.equals(route)) {
          doubles.add(route);
        }
      } else if (has != null && has.route.equals(route)) {
        has.round = round;
      } else {
        changed.accept(key);
        sighted(route);
      }
    }
    Iterator<Map.Entry<RouteKey, Seen>> entries = seen.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<RouteKey, Seen> entry = entries.next();
      if (entry.getValue().round != round) {
        changed.accept(entry.getKey());
        installed -= installedUnder(entry.getKey());
        byLink.remove(entry.getValue().route);
        entries.remove();
      }
    }
    return doubles;
  }

  /** Whether any route that was seen goes out by a link. */
  boolean use(int linkIndex) {
    return byLink.use(linkIndex);
  }

  /** The routes that were seen to go out by a link. */
  List<Route> over(int linkIndex) {
    return byLink.of(linkIndex);
  }
}
