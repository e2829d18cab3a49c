package dev.manul.ipam;

import dev.manul.model.Address;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A wish for one certain address.
 *
 * <p>When no block of its pool holds the address yet, the whole block becomes the node's. A
 * reservation does not stand in the way.
 *
 * @param address the address
 * @param node the node that will use it
 * @param use what it is for
 * @param handleId the handle for a later {@link Ipam#releaseByHandle}; empty for none
 * @param attributes what is remembered with the address
 */
public record AssignAddressRequest(
    Address address,
    String node,
    IntendedUse use,
    Optional<String> handleId,
    Map<String, String> attributes) {

  public AssignAddressRequest {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(use, "use");
    if (node.isEmpty()) {
      throw new IllegalArgumentException("a request for " + address + " must name a node");
    }
    handleId = handleId.map(Handles::cleanId);
    attributes = Map.copyOf(attributes);
  }
}
