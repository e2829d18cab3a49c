package dev.manul.agent;

import dev.manul.agent.trace.OtherNode;
import dev.manul.agent.trace.TraceSources;
import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.RouteExplanation;
import dev.manul.bgp.Speaker;
import dev.manul.model.AddressFamily;
import dev.manul.model.FlowExplanation;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.policy.explanation.Flow;
import dev.manul.routes.NodeView;
import dev.manul.routes.RouteProgrammer;
import dev.manul.routes.Underlay;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What this node's routing follows from and how far it is, for those who ask from outside.
 *
 * @param cluster the newest state of the cluster
 * @param viewed what routes follow from; null before it is known
 */
record RoutingSight(
    String node,
    Supplier<ClusterView> cluster,
    Supplier<NodeView> viewed,
    RouteProgrammer programmer,
    Speaker speaker,
    PodServices podServices)
    implements TraceSources {

  /** How far this node has followed the pools' modes; empty before it knows them. */
  Optional<PoolProgress> pools() {
    return view().map(view -> PoolProgress.of(view, programmer));
  }

  @Override
  public Optional<NodeView> view() {
    return Optional.ofNullable(viewed.get());
  }

  @Override
  public Underlay underlay() {
    return programmer.underlay();
  }

  @Override
  public Optional<OtherNode> other(String name, AddressFamily family) {
    ClusterView view = cluster.get();
    Optional<Node> found = Optional.ofNullable(view.nodes().get(name));
    return found.flatMap(
        node ->
            Peering.address(node, family)
                .map(address -> new OtherNode(name, address, Peering.asNumber(view, node))));
  }

  @Override
  public List<NeighborStatus> sessions() {
    return speaker.status().neighbors();
  }

  @Override
  public Optional<RouteExplanation> why(Prefix prefix) {
    return speaker.why(prefix);
  }

  @Override
  public Optional<FlowExplanation> policy(Flow flow) {
    return podServices.policy().explain(flow);
  }

  @Override
  public Optional<Path> podNamespace(String device) {
    return podServices.namespaceOf(device);
  }
}
