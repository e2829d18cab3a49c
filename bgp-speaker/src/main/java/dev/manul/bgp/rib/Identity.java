package dev.manul.bgp.rib;

import dev.manul.model.Ipv4Address;
import java.util.Set;

/**
 * Who this speaker is, for loop checks.
 *
 * @param clusterIds every cluster it reflects routes for
 */
public record Identity(Ipv4Address routerId, Set<Ipv4Address> clusterIds) {
  public Identity {
    clusterIds = Set.copyOf(clusterIds);
  }
}
