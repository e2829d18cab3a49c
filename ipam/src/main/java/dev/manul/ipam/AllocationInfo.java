package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * An allocated address.
 *
 * @param address the address
 * @param block the block it is of
 * @param blockOwner the node that owns the block; empty for a block without one
 * @param handleId the allocation's handle, or empty
 * @param attributes what was remembered with it
 * @param sequenceNumber the block's number at the allocation, or 0 when it was not recorded
 * @param coolingSince when it was released, for an address that waits to be used again; it belongs
 *     to nobody
 */
public record AllocationInfo(
    Address address,
    Prefix block,
    Optional<String> blockOwner,
    Optional<String> handleId,
    Map<String, String> attributes,
    long sequenceNumber,
    Optional<Instant> coolingSince) {

  public AllocationInfo {
    attributes = Map.copyOf(attributes);
  }

  /** The node that uses the address, as its attributes say. */
  public Optional<String> node() {
    return Optional.ofNullable(attributes.get("node"));
  }

  /** Whether another look has found the same allocation, and no later one of the address. */
  boolean isSame(AllocationInfo other) {
    return address.equals(other.address)
        && handleId.equals(other.handleId)
        && sequenceNumber == other.sequenceNumber
        && coolingSince.equals(other.coolingSince);
  }

  /** True when a node uses an address of a block that is not its own. */
  public boolean borrowed() {
    return coolingSince.isEmpty() && node().isPresent() && !node().equals(blockOwner);
  }
}
