package dev.manul.agent;

import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.translation.Translated;
import dev.manul.routes.Underlay;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pods of this node, and where their packets are met: by an interface of their own, or on a
 * bridge. Where another network has wired them, that has to be found; a pod whose place is not
 * found has no chain: packets by an interface that looks like a pod's are dropped then.
 *
 * <p>One thread owns it; {@link #problems} is for all.
 *
 * @param <P> what pods are known by
 */
final class FoundPods<P extends Comparable<P>> {

  private final boolean beside;
  private final Supplier<Optional<String>> bridgeFilter;
  private final Map<P, Known> pods = new HashMap<>();
  private PodDevices devices = new PodDevices(Underlay.EMPTY, List.of());
  private volatile List<String> problems = List.of();

  /**
   * @param beside whether another network has wired the pods; if not, their interfaces are what
   *     they are said to be
   * @param bridgeFilter sees to it that iptables sees what bridges carry, once a pod is on one;
   *     gives why it does not
   */
  FoundPods(boolean beside, Supplier<Optional<String>> bridgeFilter) {
    this.beside = beside;
    this.bridgeFilter = bridgeFilter;
  }

  private record Known(
      String name,
      String said,
      Set<Prefix> spoofable,
      Set<Prefix> addresses,
      Function<Optional<Endpoint.Local>, Translated> translation,
      Optional<Endpoint.Local> local) {
    Known at(Optional<Endpoint.Local> now) {
      return new Known(name, said, spoofable, addresses, translation, now);
    }

    Translated translated() {
      return translation.apply(local);
    }

    /** Whether there may be something to say of it: of most pods there is not. */
    boolean isOfConcern() {
      return isLost() || bridge().isPresent();
    }

    boolean isLost() {
      return local.isEmpty() && !addresses.isEmpty();
    }

    Optional<String> bridge() {
      return local.flatMap(Endpoint.Local::bridge).map(Endpoint.Bridge::device);
    }
  }

  /**
   * What a pod means, with its place if that is known.
   *
   * @param said the interface that the datastore tells, beside another network taken when there is
   *     no route to the pod; "" for none
   */
  Translated translated(
      P place,
      String name,
      String said,
      Set<Prefix> spoofable,
      Function<Optional<Endpoint.Local>, Translated> translation) {
    Set<Prefix> addresses = beside ? addresses(translation.apply(Optional.empty())) : Set.of();
    var pod = new Known(name, said, spoofable, addresses, translation, Optional.empty());
    Known found = pod.at(local(pod));
    Known before = pods.put(place, found);
    if (found.isOfConcern() || (before != null && before.isOfConcern())) {
      complain();
    }
    return found.translated();
  }

  private static Set<Prefix> addresses(Translated translated) {
    return translated.facts().stream()
        .flatMap(
            fact ->
                fact instanceof Fact.EndpointIs(Endpoint endpoint)
                    ? endpoint.addresses().stream()
                    : Stream.empty())
        .collect(Collectors.toUnmodifiableSet());
  }

  private Optional<Endpoint.Local> local(Known pod) {
    if (!beside) {
      return Optional.of(at(pod, pod.said()));
    }
    return devices
        .of(pod.addresses())
        .or(() -> Optional.of(pod.said()).filter(said -> !said.isEmpty() && devices.has(said)))
        .map(device -> at(pod, device))
        .or(() -> devices.bridge(pod.addresses()).map(bridge -> on(pod, bridge)));
  }

  private Endpoint.Local at(Known pod, String device) {
    return new Endpoint.Local(
        device,
        pod.spoofable(),
        devices.bridgeOf(device).map(bridge -> new Endpoint.Bridge(bridge, true)));
  }

  /** Its port is not known; it is called as Manul itself would call it. */
  private static Endpoint.Local on(Known pod, String bridge) {
    int slash = pod.name().indexOf('/');
    String device =
        WorkloadEndpoint.deviceOf(
            pod.name().substring(0, Math.max(slash, 0)), pod.name().substring(slash + 1));
    return new Endpoint.Local(
        device, pod.spoofable(), Optional.of(new Endpoint.Bridge(bridge, false)));
  }

  /** Takes in links and routes; gives what pods mean now whose place is another. */
  Map<P, Translated> look(PodDevices now) {
    devices = now;
    Map<P, Translated> changed = new TreeMap<>();
    pods.replaceAll(
        (place, pod) -> {
          Optional<Endpoint.Local> local = local(pod);
          if (local.equals(pod.local())) {
            return pod;
          }
          Known found = pod.at(local);
          changed.put(place, found.translated());
          return found;
        });
    complain();
    return changed;
  }

  /** A pod is no more. */
  void gone(P place) {
    Known before = pods.remove(place);
    if (before != null && before.isOfConcern()) {
      complain();
    }
  }

  /** What cannot be enforced, a line each; any thread. */
  List<String> problems() {
    return problems;
  }

  private void complain() {
    if (devices.prefixes().isEmpty()) {
      return; // nothing was looked at yet
    }
    Stream<String> lost =
        pods.values().stream()
            .filter(Known::isLost)
            .map(
                pod ->
                    "Pod "
                        + pod.name()
                        + ": no interface found; wanted a bridge, or a route to its address alone,"
                        + " by an interface that begins with "
                        + String.join(" or ", devices.prefixes()));
    SortedSet<String> bridges =
        pods.values().stream()
            .flatMap(pod -> pod.bridge().stream())
            .collect(Collectors.toCollection(TreeSet::new));
    Stream<String> unfiltered =
        bridges.isEmpty()
            ? Stream.empty()
            : bridgeFilter.get().stream()
                .map(
                    why ->
                        "Bridge "
                            + String.join(", ", bridges)
                            + ": policy is not enforced between the pods on it; "
                            + why);
    problems = Stream.concat(lost, unfiltered).sorted().toList();
  }
}
