package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.Key;
import dev.manul.model.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is to be known of a service to announce its addresses; see {@link ServiceRoutes}.
 *
 * @param key namespace and name
 * @param local whether only nodes with an endpoint take its traffic from outside
 * @param clusterIps its own addresses
 * @param externalIps addresses that somebody routes to the nodes
 * @param loadBalancerIps addresses that a load balancer has given it
 */
record AnnouncedService(
    Key key,
    boolean local,
    List<Address> clusterIps,
    List<Address> externalIps,
    List<Address> loadBalancerIps) {

  private static final Set<String> TYPES = Set.of("ClusterIP", "NodePort", "LoadBalancer");

  AnnouncedService {
    clusterIps = List.copyOf(clusterIps);
    externalIps = List.copyOf(externalIps);
    loadBalancerIps = List.copyOf(loadBalancerIps);
  }

  /**
   * What a service has to be announced; empty when it is of no type that is, or when nothing but
   * the ranges it lies in can be announced of it, as of most services.
   */
  static Optional<AnnouncedService> of(Service service) {
    Service.Spec spec = service.spec();
    List<Address> own = addresses(spec.ownAddresses());
    if (!TYPES.contains(spec.type()) || own.isEmpty()) {
      return Optional.empty();
    }
    boolean local = spec.externalTrafficPolicy().equals("Local");
    AnnouncedService announced =
        new AnnouncedService(
            service.key(),
            local,
            local ? own : List.of(),
            addresses(spec.externalIPs()),
            addresses(
                service.status().loadBalancer().ingress().stream()
                    .map(Service.Ingress::ip)
                    .toList()));
    boolean nothing =
        announced.clusterIps.isEmpty()
            && announced.externalIps.isEmpty()
            && announced.loadBalancerIps.isEmpty();
    return nothing ? Optional.empty() : Optional.of(announced);
  }

  /** What is no address, such as a name that an API server did not check, is passed over. */
  private static List<Address> addresses(List<String> texts) {
    List<Address> addresses = new ArrayList<>(texts.size());
    for (String text : texts) {
      try {
        addresses.add(Address.parse(text));
      } catch (IllegalArgumentException e) {
        // not an address
      }
    }
    return addresses;
  }
}
