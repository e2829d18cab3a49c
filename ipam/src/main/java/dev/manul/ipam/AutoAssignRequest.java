package dev.manul.ipam;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A wish for any free addresses.
 *
 * <p>Start with {@link #of} and go on with the {@code with} methods.
 *
 * @param node the node that will use the addresses, and whose blocks they come from
 * @param use what the addresses are for
 * @param ipv4Count how many IPv4 addresses, 0 or more
 * @param ipv6Count how many IPv6 addresses, 0 or more
 * @param handleId the handle that groups the addresses for a later {@link Ipam#releaseByHandle};
 *     empty for none
 * @param attributes what is remembered with each address, such as {@code pod}, {@code namespace},
 *     {@code node} and {@code type}
 * @param pools names or prefixes of the pools to take from, whatever their selectors say; empty for
 *     every pool whose selectors choose the node and the namespace. They stand for the families
 *     they are of; a family of which none is named takes from every pool that chooses the node
 * @param maxBlocks the most blocks of a family the node may own to satisfy this request; 0 for no
 *     limit but the configured one
 * @param namespaceLabels labels of the pod's namespace; empty when it is not known
 */
public record AutoAssignRequest(
    String node,
    IntendedUse use,
    int ipv4Count,
    int ipv6Count,
    Optional<String> handleId,
    Map<String, String> attributes,
    List<String> pools,
    int maxBlocks,
    Map<String, String> namespaceLabels) {

  public AutoAssignRequest {
    if (node.isEmpty()) {
      throw new IllegalArgumentException("a request for addresses must name a node");
    }
    Objects.requireNonNull(use, "use");
    if (ipv4Count < 0 || ipv6Count < 0 || maxBlocks < 0) {
      throw new IllegalArgumentException(
          "counts of addresses and blocks are 0 or more, not "
              + Math.min(Math.min(ipv4Count, ipv6Count), maxBlocks));
    }
    handleId = handleId.map(Handles::cleanId);
    attributes = Map.copyOf(attributes);
    pools = List.copyOf(pools);
    namespaceLabels = Map.copyOf(namespaceLabels);
  }

  /** A request for no address yet, without handle, attributes, pools or limit. */
  public static AutoAssignRequest of(String node, IntendedUse use) {
    return new AutoAssignRequest(
        node, use, 0, 0, Optional.empty(), Map.of(), List.of(), 0, Map.of());
  }

  public AutoAssignRequest withCounts(int ipv4, int ipv6) {
    return new AutoAssignRequest(
        node, use, ipv4, ipv6, handleId, attributes, pools, maxBlocks, namespaceLabels);
  }

  public AutoAssignRequest withHandle(String handle) {
    return new AutoAssignRequest(
        node,
        use,
        ipv4Count,
        ipv6Count,
        Optional.of(handle),
        attributes,
        pools,
        maxBlocks,
        namespaceLabels);
  }

  public AutoAssignRequest withAttributes(Map<String, String> values) {
    return new AutoAssignRequest(
        node, use, ipv4Count, ipv6Count, handleId, values, pools, maxBlocks, namespaceLabels);
  }

  public AutoAssignRequest withPools(List<String> namesOrPrefixes) {
    return new AutoAssignRequest(
        node,
        use,
        ipv4Count,
        ipv6Count,
        handleId,
        attributes,
        namesOrPrefixes,
        maxBlocks,
        namespaceLabels);
  }

  public AutoAssignRequest withMaxBlocks(int blocks) {
    return new AutoAssignRequest(
        node, use, ipv4Count, ipv6Count, handleId, attributes, pools, blocks, namespaceLabels);
  }

  public AutoAssignRequest withNamespaceLabels(Map<String, String> labels) {
    return new AutoAssignRequest(
        node, use, ipv4Count, ipv6Count, handleId, attributes, pools, maxBlocks, labels);
  }
}
