package dev.manul.ipam;

import dev.manul.model.Address;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * What checks have reported, of which each is put right if it still is so.
 *
 * @param leaked addresses to release, with the handles and sequence numbers they were seen with
 * @param unallocated addresses to allocate to the pods and nodes that use them
 * @param shared addresses that more than one had, each to be given to the one it belongs to
 */
public record RepairRequest(
    Collection<ReleaseRequest> leaked, Set<Address> unallocated, Set<Address> shared) {

  public RepairRequest {
    leaked = List.copyOf(leaked);
    unallocated = Set.copyOf(unallocated);
    shared = Set.copyOf(shared);
  }
}
