package dev.manul.agent;

import dev.manul.model.Prefix;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.translation.Translated;
import dev.manul.routes.Underlay;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pods of this node that another network has wired, and the interfaces that were found for
 * them. A pod whose interface is not found has no chain: packets by an interface that looks like a
 * pod's are dropped then.
 *
 * <p>One thread owns it; {@link #problems} is for all.
 *
 * @param <P> what pods are known by
 */
final class FoundPods<P extends Comparable<P>> {

  private final Map<P, Known> pods = new HashMap<>();
  private PodDevices devices = new PodDevices(Underlay.EMPTY, List.of());
  private volatile List<String> problems = List.of();

  private record Known(
      String name,
      String said,
      Set<Prefix> spoofable,
      Set<Prefix> addresses,
      Function<Optional<Endpoint.Local>, Translated> translation,
      Optional<String> device) {
    Known withDevice(Optional<String> now) {
      return new Known(name, said, spoofable, addresses, translation, now);
    }

    Translated translated() {
      return translation.apply(device.map(name -> new Endpoint.Local(name, spoofable)));
    }
  }

  /**
   * What a pod means, with its interface if that is known.
   *
   * @param said the interface that the datastore tells, taken when there is no route to the pod; ""
   *     for none
   */
  Translated translated(
      P place,
      String name,
      String said,
      Set<Prefix> spoofable,
      Function<Optional<Endpoint.Local>, Translated> translation) {
    Set<Prefix> addresses = addresses(translation.apply(Optional.empty()));
    var pod = new Known(name, said, spoofable, addresses, translation, Optional.empty());
    Known found = pod.withDevice(device(pod));
    pods.put(place, found);
    complain();
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

  private Optional<String> device(Known pod) {
    return devices
        .of(pod.addresses())
        .or(() -> Optional.of(pod.said()).filter(name -> !name.isEmpty() && devices.has(name)));
  }

  /** Takes in links and routes; gives what pods mean now whose interface is another. */
  Map<P, Translated> look(PodDevices now) {
    devices = now;
    Map<P, Translated> changed = new TreeMap<>();
    pods.replaceAll(
        (place, pod) -> {
          Optional<String> device = device(pod);
          if (device.equals(pod.device())) {
            return pod;
          }
          Known found = pod.withDevice(device);
          changed.put(place, found.translated());
          return found;
        });
    complain();
    return changed;
  }

  /** A pod is no more. */
  void gone(P place) {
    if (pods.remove(place) != null) {
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
    Collection<Known> all = pods.values();
    problems =
        all.stream()
            .filter(pod -> pod.device().isEmpty() && !pod.addresses().isEmpty())
            .map(
                pod ->
                    "Pod "
                        + pod.name()
                        + devices
                            .bridge(pod.addresses())
                            .map(
                                bridge ->
                                    ": policy is not enforced, as it is behind the bridge "
                                        + bridge
                                        + "; wanted a network with a route to each pod, like CNI's"
                                        + " ptp")
                            .orElse(
                                ": no interface found; wanted a route to its address alone, by an"
                                    + " interface that begins with "
                                    + String.join(" or ", devices.prefixes())))
            .sorted()
            .toList();
  }
}
