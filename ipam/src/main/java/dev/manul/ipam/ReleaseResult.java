package dev.manul.ipam;

import dev.manul.model.Address;
import java.util.List;

/**
 * What came of a release.
 *
 * @param released addresses that are free now
 * @param unallocated addresses that were not allocated to begin with; not an error
 * @param refused addresses whose handle or sequence number differs from the request's. All requests
 *     for one block stand or fall together
 */
public record ReleaseResult(
    List<Address> released, List<Address> unallocated, List<Refusal> refused) {

  public ReleaseResult {
    released = List.copyOf(released);
    unallocated = List.copyOf(unallocated);
    refused = List.copyOf(refused);
  }

  /** An address that stays allocated, and why, in one line. */
  public record Refusal(Address address, String reason) {}
}
