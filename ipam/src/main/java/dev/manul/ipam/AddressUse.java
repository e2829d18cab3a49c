package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An address that somebody says to have, whatever the books say of it. */
sealed interface AddressUse {

  Address address();

  /** The node that it is used on, or "". */
  String node();

  /** Who uses it, in words: {@code endpoint default/n1-k8s-web-eth0}. */
  String user();

  /** When its user was made, in RFC 3339, or "". */
  String since();

  /** Whether an allocation is this use's own. */
  boolean holds(AllocationInfo allocation);

  /** Whether an allocation is certainly somebody else's; not so where it does not say whose. */
  boolean isStrangerTo(AllocationInfo allocation);

  /**
   * The allocation that it ought to have; empty where nobody could release by its handle.
   *
   * @param network the network that pods' handles are of
   */
  Optional<AssignAddressRequest> request(String network);

  /** What there is in use, nodes first: they are older than what runs on them. */
  static List<AddressUse> all(List<Node> nodes, List<WorkloadEndpoint> endpoints) {
    List<AddressUse> uses = new ArrayList<>();
    for (Node node : nodes) {
      for (TunnelType type : TunnelType.values()) {
        type.recorded(node).ifPresent(address -> uses.add(new OfTunnel(address, node, type)));
      }
    }
    for (WorkloadEndpoint endpoint : endpoints) {
      endpoint.spec().ipNetworks().stream()
          .filter(Prefix::isSingleAddress)
          .forEach(network -> uses.add(new OfEndpoint(network.address(), endpoint)));
    }
    return uses;
  }

  /** A node's tunnel device has it. */
  record OfTunnel(Address address, Node on, TunnelType type) implements AddressUse {

    @Override
    public String node() {
      return on.metadata().name();
    }

    @Override
    public String user() {
      return type.attribute() + " of node " + node();
    }

    @Override
    public String since() {
      return on.metadata().creationTimestamp();
    }

    @Override
    public boolean holds(AllocationInfo allocation) {
      return allocation.handleId().filter(id -> Handles.same(id, type.handleId(node()))).isPresent()
          || (node().equals(allocation.attributes().get("node"))
              && type.attribute().equals(allocation.attributes().get("type")));
    }

    @Override
    public boolean isStrangerTo(AllocationInfo allocation) {
      return namesItsUser(allocation) && !holds(allocation);
    }

    @Override
    public Optional<AssignAddressRequest> request(String network) {
      return Optional.of(
          new AssignAddressRequest(
              address,
              node(),
              IntendedUse.TUNNEL,
              Optional.of(type.handleId(node())),
              Map.of("node", node(), "type", type.attribute())));
    }
  }

  /** A pod or another container has it. */
  record OfEndpoint(Address address, WorkloadEndpoint endpoint) implements AddressUse {

    @Override
    public String node() {
      return endpoint.spec().node();
    }

    @Override
    public String user() {
      return "endpoint " + endpoint.key();
    }

    @Override
    public String since() {
      return endpoint.metadata().creationTimestamp();
    }

    @Override
    public boolean holds(AllocationInfo allocation) {
      String container = endpoint.spec().containerID();
      if (container.isEmpty()) {
        return isOfSamePod(allocation) && node().equals(allocation.attributes().get("node"));
      }
      return allocation
          .handleId()
          .map(Handles::name)
          .filter(id -> id.endsWith("." + Handles.name(container)))
          .isPresent();
    }

    private boolean isOfSamePod(AllocationInfo allocation) {
      return !endpoint.spec().pod().isEmpty()
          && endpoint.spec().pod().equals(allocation.attributes().get("pod"))
          && endpoint.metadata().namespace().equals(allocation.attributes().get("namespace"));
    }

    @Override
    public boolean isStrangerTo(AllocationInfo allocation) {
      return namesItsUser(allocation) && !isOfSamePod(allocation) && !holds(allocation);
    }

    @Override
    public Optional<AssignAddressRequest> request(String network) {
      WorkloadEndpoint.Spec spec = endpoint.spec();
      if (spec.node().isEmpty() || spec.containerID().isEmpty()) {
        return Optional.empty();
      }
      Map<String, String> attributes = new HashMap<>();
      attributes.put("node", spec.node());
      if (!spec.pod().isEmpty()) {
        attributes.put("namespace", endpoint.metadata().namespace());
        attributes.put("pod", spec.pod());
      }
      return Optional.of(
          new AssignAddressRequest(
              address,
              spec.node(),
              IntendedUse.WORKLOAD,
              Optional.of(network + "." + spec.containerID()),
              attributes));
    }
  }

  /**
   * Whether an allocation says whose it is. That of a virtual machine does not: it stays while the
   * machine moves from one pod to another.
   */
  static boolean namesItsUser(AllocationInfo allocation) {
    Map<String, String> attributes = allocation.attributes();
    return allocation.coolingSince().isEmpty()
        && !attributes.containsKey("vmi-name")
        && (attributes.containsKey("type")
            || (attributes.containsKey("pod") && attributes.containsKey("namespace")));
  }
}
