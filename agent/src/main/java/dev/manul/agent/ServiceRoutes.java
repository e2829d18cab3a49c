package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.Key;
import dev.manul.model.Prefix;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which addresses of services a node announces, by Calico's rules. Pure: worked out from the whole
 * state each time, so that nothing that is gone can be forgotten.
 *
 * <ul>
 *   <li>Every node announces the ranges of cluster IPs, those of external IPs that hold more than
 *       one address, and those of load balancers' IPs likewise, unless aggregation is disabled.
 *   <li>Of a service with the traffic policy Local, nodes with a ready endpoint announce each
 *       address that is in a range of its sort.
 *   <li>Of other services, all nodes announce external and load balancers' IPs that stand in the
 *       settings as single addresses; and without aggregation load balancers' IPs in any range
 *       while there is a ready endpoint anywhere.
 * </ul>
 */
final class ServiceRoutes {

  /** The label of a node that announces nothing. */
  private static final String EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";

  private ServiceRoutes() {}

  /** Whether a node is told to announce nothing of services. */
  static boolean isExcluded(Map<String, String> nodeLabels) {
    return nodeLabels.getOrDefault(EXCLUDED, "").equals("true");
  }

  /** Whether it matters where the services' endpoints are. */
  static boolean needsEndpoints(ServiceRanges ranges, List<AnnouncedService> services) {
    return services.stream()
        .anyMatch(
            service ->
                service.local() || (!ranges.aggregated() && !service.loadBalancerIps().isEmpty()));
  }

  /** What is to be announced, in the order of prefixes, each with the reason in a few words. */
  static SortedMap<Prefix, String> of(
      ServiceRanges ranges, List<AnnouncedService> services, Collection<ReadyEndpoints> endpoints) {
    Calculation calculation = new Calculation(ranges, endpoints);
    calculation.aggregates();
    services.forEach(calculation::service);
    return calculation.routes;
  }

  private static final class Calculation {
    private final ServiceRanges ranges;
    private final Set<Key> ready = new HashSet<>();
    private final Set<Key> readyHere = new HashSet<>();
    private final SortedMap<Prefix, String> routes = new TreeMap<>();

    Calculation(ServiceRanges ranges, Collection<ReadyEndpoints> endpoints) {
      this.ranges = ranges;
      for (ReadyEndpoints slice : endpoints) {
        ready.add(slice.service());
        if (slice.here()) {
          readyHere.add(slice.service());
        }
      }
    }

    void aggregates() {
      ranges.clusterIps().forEach(range -> routes.put(range, "range of cluster IPs"));
      ranges.externalIps().stream()
          .filter(range -> !range.isSingleAddress())
          .forEach(range -> routes.putIfAbsent(range, "range of external IPs"));
      if (ranges.aggregated()) {
        ranges.loadBalancerIps().stream()
            .filter(range -> !range.isSingleAddress())
            .forEach(range -> routes.putIfAbsent(range, "range of load balancers' IPs"));
      }
    }

    void service(AnnouncedService service) {
      if (service.local()) {
        if (readyHere.contains(service.key())) {
          String why = "service " + service.key() + ", Local, has a ready endpoint here";
          within(service.clusterIps(), ranges.clusterIps(), why);
          within(service.externalIps(), ranges.externalIps(), why);
          within(service.loadBalancerIps(), ranges.loadBalancerIps(), why);
        }
        return;
      }
      single(service, service.externalIps(), ranges.externalIps(), "external IP");
      single(service, service.loadBalancerIps(), ranges.loadBalancerIps(), "load balancer's IP");
      if (!ranges.aggregated() && ready.contains(service.key())) {
        within(
            service.loadBalancerIps(),
            ranges.loadBalancerIps(),
            "load balancer's IP of service " + service.key() + ", which has a ready endpoint");
      }
    }

    private void within(List<Address> addresses, List<Prefix> of, String why) {
      for (Address address : addresses) {
        if (ServiceRanges.covers(of, address)) {
          announce(address, why);
        }
      }
    }

    private void single(
        AnnouncedService service, List<Address> addresses, List<Prefix> of, String what) {
      for (Address address : addresses) {
        if (of.contains(host(address))) {
          announce(address, what + " of service " + service.key() + ", said by itself");
        }
      }
    }

    /** Several services may share an address: the first in the order of names is the reason. */
    private void announce(Address address, String why) {
      routes.putIfAbsent(host(address), why);
    }
  }

  private static Prefix host(Address address) {
    return new Prefix(address, address.family().bits());
  }
}
