package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Chains that find the chain of a pod on a bridge. What the bridge carries from port to port, and
 * what it takes in, is by the bridge's name as far as rules can see; the port is another match,
 * {@code physdev}, of what comes in by it (xt_physdev: of what is routed, the port that it leaves
 * by is not known yet). So pods are told apart by their addresses, and by their ports where these
 * are known.
 *
 * <p>A bridge may have other ports than pods': what is known of no pod is left alone, but for ports
 * whose names begin as those of pods do.
 */
final class BridgedPods {

  private final PolicyOptions options;
  private final AddressFamily family;
  private final Collection<Endpoint> pods;

  /**
   * @param plans those that are in the rules of the family, of which the ones on a bridge count
   */
  BridgedPods(PolicyOptions options, AddressFamily family, Collection<EndpointPlan> plans) {
    this.options = options;
    this.family = family;
    this.pods = plans.stream().map(EndpointPlan::endpoint).filter(BridgedPods::isBridged).toList();
  }

  static boolean isBridged(Endpoint endpoint) {
    return endpoint.local().flatMap(Endpoint.Local::bridge).isPresent();
  }

  /** The bridges of endpoints. */
  static SortedSet<String> bridges(Collection<EndpointPlan> plans) {
    SortedSet<String> bridges = new TreeSet<>();
    plans.forEach(
        plan ->
            plan.endpoint()
                .local()
                .flatMap(Endpoint.Local::bridge)
                .ifPresent(bridge -> bridges.add(bridge.device())));
    return bridges;
  }

  /** Adds the chains. */
  void chains(Map<String, List<RuleText>> chains, SortedSet<String> bridges) {
    if (bridges.isEmpty()) {
      return;
    }
    List<RuleText> from = new ArrayList<>();
    List<RuleText> to = new ArrayList<>();
    List<RuleText> toHost = new ArrayList<>();
    for (Endpoint pod : pods) {
      String device = pod.local().orElseThrow().device();
      for (String source : sources(pod)) {
        String goes = " -g " + ChainNames.pod(device, Direction.EGRESS);
        from.add(new RuleText(source + goes));
        toHost.add(new RuleText(source + " -g " + ChainNames.BRIDGED_TO_HOST));
      }
      String bridge = bridge(pod).device();
      addresses(pod)
          .forEach(
              address ->
                  to.add(
                      new RuleText(
                          "-d %s -o %s -g %s"
                              .formatted(
                                  address, bridge, ChainNames.pod(device, Direction.INGRESS)))));
    }
    if (options.seesPorts()) {
      for (String prefix : options.interfacePrefixes()) {
        RuleText closed = new RuleText("-m physdev --physdev-in " + prefix + "+ -j DROP");
        from.add(closed);
        toHost.add(closed);
        to.add(
            new RuleText("-m physdev --physdev-is-bridged --physdev-out " + prefix + "+ -j DROP"));
      }
    }
    chains.put(ChainNames.FROM_BRIDGED, from);
    chains.put(ChainNames.TO_BRIDGED, to);
    chains.put(ChainNames.BRIDGE_TO_HOST, toHost);
  }

  private static Endpoint.Bridge bridge(Endpoint pod) {
    return pod.local().flatMap(Endpoint.Local::bridge).orElseThrow();
  }

  /** What a packet of a pod looks like, for each source that it may have. */
  private List<String> sources(Endpoint pod) {
    Endpoint.Local local = pod.local().orElseThrow();
    Endpoint.Bridge bridge = bridge(pod);
    String port =
        options.seesPorts() && bridge.isPortKnown()
            ? " -m physdev --physdev-in " + local.device()
            : "";
    return Stream.concat(addresses(pod), local.spoofable().stream().filter(this::isOfFamily))
        .map(Prefix::toString)
        .distinct()
        .sorted()
        .map(source -> "-s " + source + " -i " + bridge.device() + port)
        .toList();
  }

  private Stream<Prefix> addresses(Endpoint pod) {
    return pod.addresses().stream().filter(this::isOfFamily).sorted();
  }

  private boolean isOfFamily(Prefix prefix) {
    return prefix.family() == family;
  }
}
