package dev.manul.bgp;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything a speaker is told, as a whole.
 *
 * @param asNumber this speaker's AS number, 1 to 4294967295
 * @param routerId the BGP identifier; not 0.0.0.0
 * @param listen where to accept connections; empty for nowhere
 * @param originated what to announce, one entry a prefix
 * @param neighbors whom to speak with, one entry an address
 * @param selection how to choose paths
 */
public record SpeakerConfiguration(
    long asNumber,
    Ipv4Address routerId,
    List<InetSocketAddress> listen,
    List<OriginatedRoute> originated,
    List<NeighborConfiguration> neighbors,
    PathSelection selection) {

  /** With {@link PathSelection#DEFAULT}. */
  public SpeakerConfiguration(
      long asNumber,
      Ipv4Address routerId,
      List<InetSocketAddress> listen,
      List<OriginatedRoute> originated,
      List<NeighborConfiguration> neighbors) {
    this(asNumber, routerId, listen, originated, neighbors, PathSelection.DEFAULT);
  }

  public SpeakerConfiguration {
    listen = List.copyOf(listen);
    originated = List.copyOf(originated);
    neighbors = List.copyOf(neighbors);
    NeighborConfiguration.checkAsNumber("asNumber", asNumber);
    if (routerId.isUnspecified()) {
      throw new IllegalArgumentException("routerId must not be 0.0.0.0");
    }
    Set<Address> addresses = new HashSet<>();
    for (NeighborConfiguration neighbor : neighbors) {
      if (!addresses.add(neighbor.address())) {
        throw new IllegalArgumentException("neighbor " + neighbor.address() + " is listed twice");
      }
    }
    Set<Prefix> prefixes = new HashSet<>();
    for (OriginatedRoute route : originated) {
      if (!prefixes.add(route.prefix())) {
        throw new IllegalArgumentException("prefix " + route.prefix() + " is originated twice");
      }
    }
  }
}
