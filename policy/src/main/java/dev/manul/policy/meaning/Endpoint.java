package dev.manul.policy.meaning;

import dev.manul.model.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What has labels and addresses: a pod or host interface anywhere in the cluster, or a network set.
 *
 * @param labels its own; they win over those it inherits
 * @param profiles names, those that decide first at first; all give labels
 * @param addresses of a network set prefixes of any length, else single addresses
 * @param local what is known only of an endpoint on this node: policies are enforced on it
 */
public record Endpoint(
    EndpointId id,
    Map<String, String> labels,
    List<String> profiles,
    Set<Prefix> addresses,
    List<NamedPort> ports,
    Optional<Local> local) {

  /**
   * The part of an endpoint on this node.
   *
   * @param device the kernel's name of the node's end of the pod's interface, or of the host's
   *     interface; {@code *} for a host endpoint that is all interfaces of the host
   * @param spoofable source prefixes that it may send from besides its own addresses
   * @param bridge of a pod that is on a bridge: its packets come and go by that, and are known by
   *     the pod's addresses
   */
  public record Local(String device, Set<Prefix> spoofable, Optional<Bridge> bridge) {
    public Local {
      spoofable = Set.copyOf(spoofable);
    }

    /** Behind an interface of its own. */
    public Local(String device, Set<Prefix> spoofable) {
      this(device, spoofable, Optional.empty());
    }
  }

  /**
   * The bridge that a pod is on.
   *
   * @param device the bridge's name
   * @param isPortKnown whether {@link Local#device} is the pod's port of it; otherwise that is but
   *     a name for the pod
   */
  public record Bridge(String device, boolean isPortKnown) {}

  public Endpoint {
    labels = Map.copyOf(labels);
    profiles = List.copyOf(profiles);
    addresses = Set.copyOf(addresses);
    ports = List.copyOf(ports);
  }
}
