package dev.manul.policy.meaning;

import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import java.util.List;
import java.util.Optional;

/**
 * What a rule asks of one end of a packet. All that is said must hold; what is empty asks nothing.
 *
 * <p>{@code nets}, {@code selector} and {@code service} must each hold by themselves. {@code ports}
 * and {@code namedPorts} are alternatives of one another, and so are the two lists of ports that
 * must not be. Ports of any kind stand only in rules with protocol TCP, UDP or SCTP; those with
 * names are looked for among the endpoints that {@code selector} selects.
 *
 * @param nets one of them holds the address
 * @param notNets none of them holds the address
 * @param selector the address is one of an endpoint or network set that it selects; scoped already,
 *     so that it is asked of labels as they are inherited
 * @param notSelector the address is none of those that it selects
 * @param ports numbered
 * @param namedPorts names of ports of the endpoint that has the address
 * @param service the address (as a destination also the port) is one of the service's endpoints
 */
public record Peer(
    List<Prefix> nets,
    List<Prefix> notNets,
    Optional<Selector> selector,
    Optional<Selector> notSelector,
    List<PortRange> ports,
    List<String> namedPorts,
    List<PortRange> notPorts,
    List<String> notNamedPorts,
    Optional<ServiceId> service) {

  /** Asks nothing. */
  public static final Peer ANY =
      new Peer(
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          Optional.empty());

  public Peer {
    nets = List.copyOf(nets);
    notNets = List.copyOf(notNets);
    ports = List.copyOf(ports);
    namedPorts = List.copyOf(namedPorts);
    notPorts = List.copyOf(notPorts);
    notNamedPorts = List.copyOf(notNamedPorts);
  }
}
