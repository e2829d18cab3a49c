package dev.manul.agent.trace;

import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.RouteExplanation;
import dev.manul.model.AddressFamily;
import dev.manul.model.FlowExplanation;
import dev.manul.model.Prefix;
import dev.manul.policy.explanation.Flow;
import dev.manul.routes.NodeView;
import dev.manul.routes.Underlay;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Whom a trace asks in its own process. Any thread; some answers are waited for. */
public interface TraceSources {

  /** This node's name. */
  String node();

  /** What routes are calculated from; empty before it is known. */
  Optional<NodeView> view();

  Underlay underlay();

  /** A node of the cluster with an address of that family. */
  Optional<OtherNode> other(String name, AddressFamily family);

  /** The BGP sessions there are to be. */
  List<NeighborStatus> sessions();

  Optional<RouteExplanation> why(Prefix prefix);

  /** What policies of this node decide; empty before they are known. */
  Optional<FlowExplanation> policy(Flow flow);

  /** The file of the network namespace behind a pod's device, where this agent knows it. */
  Optional<Path> podNamespace(String device);
}
