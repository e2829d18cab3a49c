package dev.manul.bgp;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot of a speaker.
 *
 * @param asNumber 0 before the first configuration
 * @param routerId 0.0.0.0 before the first configuration
 * @param converged whether {@link BestPathListener#converged()} has been called
 * @param listening where connections are accepted now
 * @param problems what could not be done, such as an address that cannot be listened on; one line
 *     each
 * @param prefixes how many prefixes have a best path, own routes included
 * @param paths how many paths are known, own routes included
 * @param strangers who has connected without being a neighbour, the latest first
 * @param neighbors in ascending order of address
 */
public record SpeakerStatus(
    long asNumber,
    Ipv4Address routerId,
    boolean converged,
    List<InetSocketAddress> listening,
    List<String> problems,
    int prefixes,
    int paths,
    List<Stranger> strangers,
    List<NeighborStatus> neighbors) {

  public SpeakerStatus {
    listening = List.copyOf(listening);
    strangers = List.copyOf(strangers);
    problems = List.copyOf(problems);
    neighbors = List.copyOf(neighbors);
  }

  /**
   * Somebody whose connections were refused.
   *
   * @param refused how many
   */
  public record Stranger(Address address, long refused, Instant last) {}

  /** The status of the neighbour with that address. */
  public Optional<NeighborStatus> neighbor(Address address) {
    return neighbors.stream().filter(n -> n.address().equals(address)).findFirst();
  }
}
