package dev.manul.policy.packets;

import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.Fact;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** How pods are joined to their node. */
public enum Arrangement {
  /** By a link and a route each. */
  ROUTED,
  /** By a bridge, of which their ports are known. */
  ON_PORTS,
  /** By a bridge, their ports not being known, as beside another network. */
  ON_A_BRIDGE;

  /** The facts as they are in this arrangement. */
  List<Fact> of(Collection<Fact> facts) {
    return facts.stream().map(this::of).toList();
  }

  private Fact of(Fact fact) {
    return fact instanceof Fact.EndpointIs(Endpoint endpoint)
            && endpoint.local().filter(local -> local.device().startsWith("cali")).isPresent()
        ? new Fact.EndpointIs(placed(endpoint))
        : fact;
  }

  private Endpoint placed(Endpoint pod) {
    Endpoint.Local local = pod.local().orElseThrow();
    Endpoint.Local place =
        switch (this) {
          case ROUTED -> local;
          case ON_PORTS -> on(local, local.device(), true);
          case ON_A_BRIDGE -> on(local, "cali0000" + local.device().substring(4), false);
        };
    return new Endpoint(
        pod.id(), pod.labels(), pod.profiles(), pod.addresses(), pod.ports(), Optional.of(place));
  }

  private static Endpoint.Local on(Endpoint.Local local, String device, boolean isPortKnown) {
    return new Endpoint.Local(
        device,
        local.spoofable(),
        Optional.of(new Endpoint.Bridge(PolicyHosts.BRIDGE, isPortKnown)));
  }
}
