package dev.manul.routes;

import dev.manul.model.Prefix;
import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/** Which keys of a routing table are not as wanted, why, and when each is tried again. */
final class RouteFailures {
  private final Map<RouteKey, Failure> failures = new HashMap<>();
  private Optional<List<String>> listed = Optional.empty();

  /** Without a back-off it waits for another program's route to go. */
  private record Failure(Optional<BackOff> backOff, Route route, Cause cause) {

    String text(IntFunction<String> linkName) {
      return switch (cause) {
        case Refused(String answer) -> route.text(linkName) + ": " + answer;
        case InTheWay(Route other) ->
            route.text(linkName)
                + ": another program's route with the same destination and metric is in the way"
                + " and is left alone: "
                + other.text(linkName);
      };
    }
  }

  private sealed interface Cause {}

  private record Refused(String answer) implements Cause {}

  private record InTheWay(Route other) implements Cause {}

  /** Another program's route has the key of a wanted one. */
  void inTheWay(Route wanted, Route other) {
    remember(new Failure(Optional.empty(), wanted, new InTheWay(other)));
  }

  /** The kernel has refused to add, replace or delete a route. */
  void refused(Route route, ApplyReport.Failure answer, long now) {
    Failure before = failures.get(route.key());
    BackOff backOff = BackOff.after(before == null ? null : before.backOff.orElse(null), now);
    String reason = answer.errno() + (answer.message().isEmpty() ? "" : ": " + answer.message());
    remember(new Failure(Optional.of(backOff), route, new Refused(reason)));
  }

  private void remember(Failure failure) {
    if (!failure.equals(failures.put(failure.route().key(), failure))) {
      listed = Optional.empty();
    }
  }

  /** A key is as wanted, or something else is wanted of it. */
  void forget(RouteKey key) {
    if (failures.remove(key) != null) {
      listed = Optional.empty();
    }
  }

  boolean isEmpty() {
    return failures.isEmpty();
  }

  /** What the kernel has refused. */
  List<RouteKey> refused() {
    return keys(_ -> true);
  }

  /** What the kernel has refused and is to be tried again now. */
  List<RouteKey> due(long now) {
    return keys(backOff -> backOff.isDue(now));
  }

  private List<RouteKey> keys(Predicate<BackOff> which) {
    List<RouteKey> keys = new ArrayList<>();
    failures.forEach((key, failure) -> failure.backOff.filter(which).ifPresent(_ -> keys.add(key)));
    return keys;
  }

  /** How many nanoseconds from now something is to be tried again; empty when nothing is. */
  OptionalLong untilRetry(long now) {
    return failures.values().stream()
        .flatMap(failure -> failure.backOff.stream())
        .mapToLong(backOff -> Math.max(0, backOff.dueNanos() - now))
        .min();
  }

  /** At most so many lines, in the order of prefixes. */
  List<String> texts(int most, IntFunction<String> linkName) {
    if (listed.isEmpty()) {
      Map<Prefix, Failure> ordered = new TreeMap<>();
      failures.forEach((key, failure) -> ordered.put(key.destination(), failure));
      listed =
          Optional.of(ordered.values().stream().limit(most).map(f -> f.text(linkName)).toList());
    }
    return listed.get();
  }
}
