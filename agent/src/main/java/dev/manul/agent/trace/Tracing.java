package dev.manul.agent.trace;

import dev.manul.agent.trace.TraceQuestion.Probing;
import dev.manul.bgp.RouteExplanation;
import dev.manul.bgp.RouteExplanation.PathVerdict;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.FlowExplanation;
import dev.manul.model.NodeTrace;
import dev.manul.model.NodeTrace.Hop;
import dev.manul.netlink.Link;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.RouteAnswer;
import dev.manul.netlink.RouteQuestion;
import dev.manul.policy.explanation.Flow;
import dev.manul.routes.Decision;
import dev.manul.routes.LearnedRoute;
import dev.manul.routes.NodeView;
import dev.manul.routes.ProgrammerOptions;
import dev.manul.routes.RouteCalculation;
import dev.manul.routes.Underlay;
import dev.manul.routes.VxlanTunnel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Follows a packet through this node: what there is to be seen is gathered once, and judged by pure
 * functions. Any thread; a trace takes some milliseconds, and up to a second where a probe is not
 * answered.
 */
public final class Tracing {

  private final TraceSources sources;

  public Tracing(TraceSources sources) {
    this.sources = sources;
  }

  /** What is the same for both directions. */
  private record Seen(
      NodeView view,
      Underlay underlay,
      RouteCalculation calculation,
      Flow flow,
      Map<String, List<String>> filter,
      Optional<NetworkNamespace> sender,
      Optional<NetworkNamespace> receiver) {

    Optional<String> device(Address address) {
      return Optional.ofNullable(view.workloads().get(address.toPrefix()));
    }

    Optional<NetworkNamespace> namespace(Address address) {
      return address.equals(flow.source()) ? sender : receiver;
    }
  }

  /**
   * The way of a flow's packets through this node, and of the answers.
   *
   * @throws IllegalArgumentException when neither end is a pod of this node
   * @throws IllegalStateException when this node does not know yet what is to be
   */
  public NodeTrace trace(TraceQuestion question) {
    Flow flow = question.flow();
    NodeView view =
        sources
            .view()
            .orElseThrow(
                () -> new IllegalStateException("the datastore is being listed; ask again"));
    Underlay underlay = sources.underlay();
    Optional<String> sender = Optional.ofNullable(view.workloads().get(flow.source().toPrefix()));
    Optional<String> receiver =
        Optional.ofNullable(view.workloads().get(flow.destination().toPrefix()));
    if (sender.isEmpty() && receiver.isEmpty()) {
      throw new IllegalArgumentException(
          "neither "
              + flow.source()
              + " nor "
              + flow.destination()
              + " is a pod of node "
              + sources.node());
    }
    if (question.probe() == Probing.ONLY) {
      return answer(flow, probe(flow, namespace(flow.source(), sender)));
    }
    Seen seen =
        new Seen(
            view,
            underlay,
            new RouteCalculation(underlay, view, ProgrammerOptions.DEFAULT),
            flow,
            KernelSight.forwardChains(flow.family()),
            namespace(flow.source(), sender),
            namespace(flow.destination(), receiver));
    List<Hop> hops = new ArrayList<>();
    String far = sender.isPresent() ? question.destinationNode() : question.sourceNode();
    Optional<OtherNode> other =
        sender.isPresent() && receiver.isPresent()
            ? Optional.empty()
            : sources.other(far, flow.family());
    hops.addAll(hops(leg(seen, NodeTrace.THERE, flow.source(), flow.destination(), other), flow));
    hops.addAll(hops(leg(seen, NodeTrace.BACK, flow.destination(), flow.source(), other), flow));
    if (question.probe() == Probing.ALSO) {
      hops.addAll(probe(flow, seen.sender()));
    }
    return answer(flow, hops);
  }

  private NodeTrace answer(Flow flow, List<Hop> hops) {
    return new NodeTrace(sources.node(), flow.source().text(), flow.destination().text(), hops);
  }

  private static List<Hop> probe(Flow flow, Optional<NetworkNamespace> sender) {
    return sender.map(namespace -> Probe.run(namespace, flow)).stream().toList();
  }

  private Optional<NetworkNamespace> namespace(Address address, Optional<String> device) {
    return device.flatMap(name -> KernelSight.namespaceOf(address, sources.podNamespace(name)));
  }

  private Leg leg(
      Seen seen, String direction, Address from, Address to, Optional<OtherNode> other) {
    Optional<PodEnd> sender = seen.device(from).map(d -> pod(seen, d, from, to));
    Optional<PodEnd> receiver = seen.device(to).map(d -> pod(seen, d, to, from));
    Address far = sender.isPresent() ? to : from;
    BgpSight bgp =
        other.isPresent()
            ? new BgpSight(
                sources.sessions(), sources.why(far.toPrefix()).filter(w -> isLearned(w)))
            : BgpSight.NOTHING;
    Optional<Decision> wanted =
        other.map(
            node -> seen.calculation().learned(new LearnedRoute(far.toPrefix(), hops(bgp, node))));
    Optional<Link> own =
        seen.view()
            .address(far.family())
            .flatMap(address -> seen.underlay().linkOf(address.address()));
    Optional<Link> arrival =
        sender.isPresent()
            ? sender.flatMap(PodEnd::link)
            : wanted.flatMap(decision -> link(seen, decision)).or(() -> own);
    Optional<RouteAnswer> answer =
        arrival
            .filter(Link::up)
            .flatMap(link -> KernelSight.lookUp(RouteQuestion.arriving(from, to, link.index())));
    return new Leg(
        direction,
        from,
        to,
        sender,
        receiver,
        other,
        wanted,
        arrival,
        answer,
        KernelSight.lookUp(RouteQuestion.sent(from)),
        own,
        other.flatMap(node -> KernelSight.lookUp(RouteQuestion.sent(node.address()))),
        sender.isPresent() ? Optional.empty() : outerArrival(seen, other, own),
        bgp,
        direction.equals(NodeTrace.THERE)
            ? halves(seen.flow(), sender.isPresent(), receiver.isPresent())
            : List.of(),
        seen.filter(),
        KernelSight.settings(
            from.family(),
            Stream.concat(arrival.stream(), own.stream()).map(Link::name).distinct().toList()),
        seen.underlay());
  }

  /** This node's own block says nothing of an address of it that is elsewhere. */
  private static boolean isLearned(RouteExplanation why) {
    return why.paths().stream().anyMatch(path -> path.peer().isPresent());
  }

  /** By whom packets go to the other end: as BGP says, else the node itself. */
  private static List<Address> hops(BgpSight bgp, OtherNode node) {
    List<Address> learned =
        bgp.why().stream()
            .flatMap(why -> why.paths().stream())
            .filter(PathVerdict::used)
            .flatMap(path -> path.attributes().nextHop().stream())
            .distinct()
            .toList();
    return learned.isEmpty() ? List.of(node.address()) : learned;
  }

  /** The link of the way to the other end; of a tunnel that is not ready, its device. */
  private static Optional<Link> link(Seen seen, Decision decision) {
    if (decision.wanted().isPresent()) {
      return decision.wanted().get().nextHops().stream()
          .findFirst()
          .flatMap(hop -> seen.underlay().link(hop.linkIndex()));
    }
    return decision instanceof Decision.Wait
        ? seen.underlay().link(VxlanTunnel.deviceName(seen.flow().family()))
        : Optional.empty();
  }

  private Optional<RouteAnswer> outerArrival(
      Seen seen, Optional<OtherNode> other, Optional<Link> own) {
    AddressFamily family = seen.flow().family();
    return other.flatMap(
        node ->
            seen.view()
                .address(family)
                .flatMap(
                    address ->
                        own.filter(Link::up)
                            .flatMap(
                                link ->
                                    KernelSight.lookUp(
                                        RouteQuestion.arriving(
                                            node.address(), address.address(), link.index())))));
  }

  private List<FlowExplanation.Half> halves(Flow flow, boolean egress, boolean ingress) {
    return sources.policy(flow).map(FlowExplanation::halves).orElse(List.of()).stream()
        .filter(half -> half.direction().equals("egress") ? egress : ingress)
        .toList();
  }

  private PodEnd pod(Seen seen, String device, Address own, Address other) {
    return new PodEnd(
        device, seen.underlay().link(device), KernelSight.inside(seen.namespace(own), own, other));
  }

  /** What a leg comes to, in the order of the packet's way. */
  static List<Hop> hops(Leg leg, Flow flow) {
    List<Hop> hops = new ArrayList<>();
    if (leg.sender().isPresent()) {
      hops.add(HostHops.podInterface(leg, leg.sender().get(), true));
      hops.add(HostHops.hostInterface(leg, leg.sender().get()));
    } else {
      RouteHops.tunnel(leg).ifPresent(hops::add);
    }
    hops.add(HostHops.forwarding(leg));
    HostHops.reversePath(leg).ifPresent(hops::add);
    hops.addAll(FilterHops.policy(leg));
    hops.add(FilterHops.forward(leg, flow.protocol()));
    if (leg.sender().isPresent() && leg.other().isPresent()) {
      hops.add(BgpHops.session(leg, leg.other().get()));
      hops.add(BgpHops.route(leg));
      RouteHops.tunnel(leg).ifPresent(hops::add);
    }
    hops.add(RouteHops.kernelRoute(leg));
    if (leg.sender().isPresent()) {
      RouteHops.poolMode(leg).ifPresent(hops::add);
      RouteHops.underlay(leg).ifPresent(hops::add);
    }
    RouteHops.mtu(leg).ifPresent(hops::add);
    if (leg.receiver().isPresent()) {
      hops.add(HostHops.hostInterface(leg, leg.receiver().get()));
      hops.add(HostHops.podInterface(leg, leg.receiver().get(), false));
    }
    return List.copyOf(hops);
  }
}
