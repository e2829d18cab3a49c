package dev.manul.ipam;

import dev.manul.model.Address;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An address to give back.
 *
 * @param address the address
 * @param handleId when present, the release fails unless this is the allocation's handle
 * @param sequenceNumber when present, the release fails unless this is the allocation's number,
 *     which protects an address that was given to somebody else in the meantime
 */
public record ReleaseRequest(
    Address address, Optional<String> handleId, OptionalLong sequenceNumber) {

  public ReleaseRequest {
    handleId = handleId.map(Handles::cleanId);
  }

  /** A release whatever the handle and sequence number. */
  public static ReleaseRequest of(Address address) {
    return new ReleaseRequest(address, Optional.empty(), OptionalLong.empty());
  }
}
