package dev.manul.agent;

import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Keeps the announced addresses of services in step with the cluster. Works them out again only
 * when something that they follow from has changed. Of one thread.
 */
final class ServiceAnnouncements {
  private final List<Prefix> environment;
  private ServiceRanges ranges = new ServiceRanges(List.of(), List.of(), List.of(), true);
  private boolean excluded;
  private List<AnnouncedService> services = List.of();
  private List<ReadyEndpoints> endpoints = List.of();
  private SortedMap<Prefix, String> routes = new TreeMap<>();

  /**
   * @param environment the environment's ranges of cluster IPs
   */
  ServiceAnnouncements(List<Prefix> environment) {
    this.environment = environment;
  }

  /** Takes a new state of the cluster into account. */
  @SuppressWarnings("ReferenceEquality") // what has not changed is the same object
  void look(ClusterView view) {
    ServiceRanges wanted = ServiceRanges.of(view.bgpOf(view.nodeName()), environment);
    Map<String, String> labels =
        view.self().map(Node::metadata).map(m -> m.labels()).orElse(Map.of());
    boolean out = ServiceRoutes.isExcluded(labels);
    ClusterView.OnDemand now = view.onDemand();
    if (wanted.equals(ranges)
        && out == excluded
        && now.services() == services
        && now.endpoints() == endpoints) {
      return;
    }
    ranges = wanted;
    excluded = out;
    services = now.services();
    endpoints = now.endpoints();
    routes =
        excluded || ranges.isEmpty()
            ? new TreeMap<>()
            : ServiceRoutes.of(ranges, services, endpoints);
  }

  /** Whether services are of interest. */
  boolean needsServices() {
    return !ranges.isEmpty() && !excluded;
  }

  /** Whether it is of interest where their endpoints are. */
  boolean needsEndpoints() {
    return needsServices() && ServiceRoutes.needsEndpoints(ranges, services);
  }

  /** Where the service proxy delivers what arrives, whoever announces it. */
  Set<Prefix> ranges() {
    return ranges.all();
  }

  /** What this node announces. */
  Set<Prefix> routes() {
    return routes.keySet();
  }

  /** What this node announces, each with the reason in a few words; not to be changed. */
  SortedMap<Prefix, String> reasons() {
    return routes;
  }
}
