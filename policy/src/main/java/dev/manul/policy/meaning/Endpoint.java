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
   */
  public record Local(String device, Set<Prefix> spoofable) {
    public Local {
      spoofable = Set.copyOf(spoofable);
    }
  }

  public Endpoint {
    labels = Map.copyOf(labels);
    profiles = List.copyOf(profiles);
    addresses = Set.copyOf(addresses);
    ports = List.copyOf(ports);
  }
}
