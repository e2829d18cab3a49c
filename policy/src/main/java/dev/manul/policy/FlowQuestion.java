package dev.manul.policy;

import dev.manul.model.Address;
import dev.manul.model.FlowExplanation;
import dev.manul.model.FlowExplanation.Half;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.explanation.Explanation;
import dev.manul.policy.explanation.Flow;
import dev.manul.policy.explanation.Passage;
import dev.manul.policy.explanation.Verdict;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.rendering.Failsafe;
import dev.manul.policy.rendering.PolicyOptions;
import dev.manul.policy.rendering.RenderedRule;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What this node does with the first packet of a connection: both halves, as far as they are here.
 * Of hosts the policies that are asked in the normal way are looked at, not those before connection
 * tracking or DNAT, nor those for what is forwarded.
 *
 * @param own the addresses of this node itself
 */
public record FlowQuestion(Flow flow, Set<Address> own) {

  private static final int IPIP = 4;

  public FlowQuestion {
    own = Set.copyOf(own);
  }

  /** A half without counters. */
  record Found(Half half, Optional<RenderedRule> rule) {}

  /** Both halves, without the counters of the kernel. */
  List<Found> ask(PolicyView view) {
    Optional<EndpointPlan> source = endpoint(view, flow.source());
    Optional<EndpointPlan> destination = endpoint(view, flow.destination());
    boolean fromPod = source.map(FlowQuestion::isPod).orElse(false);
    boolean toPod = destination.map(FlowQuestion::isPod).orElse(false);
    boolean fromHere = !fromPod && own.contains(flow.source());
    boolean toHere = !toPod && own.contains(flow.destination());
    return List.of(
        fromHere && toPod
            ? said(Direction.EGRESS, "", true, "not asked: this node itself sends it to its pod")
            : half(view, source, Direction.EGRESS, fromHere),
        fromHere && toPod
            ? said(
                Direction.INGRESS,
                name(destination.orElseThrow()),
                true,
                "not asked: a node always reaches its own pods")
            : toHere && fromPod
                ? toHost(view.options())
                : half(view, destination, Direction.INGRESS, toHere));
  }

  private static boolean isPod(EndpointPlan plan) {
    return plan.endpoint().id() instanceof EndpointId.Workload;
  }

  /** Pods come before hosts; of several with one address the first by its name is taken. */
  private static Optional<EndpointPlan> endpoint(PolicyView view, Address address) {
    return view.plans().stream()
        .filter(
            plan ->
                plan.endpoint().addresses().stream().anyMatch(prefix -> prefix.contains(address)))
        .min(Comparator.comparing(plan -> !isPod(plan)));
  }

  private Address address(Direction direction) {
    return direction == Direction.INGRESS ? flow.destination() : flow.source();
  }

  private Found half(
      PolicyView view, Optional<EndpointPlan> found, Direction direction, boolean here) {
    if (found.isEmpty()) {
      return here
          ? said(direction, "", true, "not asked: no host endpoint is about this node's address")
          : elsewhere(direction);
    }
    EndpointPlan plan = found.get();
    Optional<Found> before =
        isPod(plan) ? tunnelled(view, plan, direction) : safe(view, plan, direction);
    if (before.isPresent()) {
      return before.get();
    }
    Explanation explanation = Explanation.of(plan, Passage.NORMAL, direction, flow, view);
    Optional<RenderedRule> rule = view.lines(plan, explanation, flow.family());
    return new Found(
        new Half(
            word(direction),
            address(direction).text(),
            name(plan),
            explanation.verdict() == Verdict.ALLOW
                ? FlowExplanation.ALLOWED
                : FlowExplanation.DENIED,
            StepText.decider(explanation),
            explanation.steps().stream().map(step -> StepText.of(step, direction)).toList(),
            "",
            rule.map(one -> one.table().toString()).orElse(""),
            rule.map(RenderedRule::chain).orElse(""),
            PolicyView.chainOf(plan, direction),
            List.of()),
        rule);
  }

  /** Pods may not send what tunnels of nodes look like, whatever policies say. */
  private Optional<Found> tunnelled(PolicyView view, EndpointPlan plan, Direction direction) {
    PolicyOptions options = view.options();
    boolean ipip = flow.protocol() == IPIP && !options.ipipFromPods();
    boolean vxlan =
        flow.protocol() == Flow.UDP
            && flow.destinationPort() == options.guardedVxlanPort()
            && !options.vxlanFromPods();
    boolean udp =
        flow.protocol() == Flow.UDP
            && options.udpTunnelPort() != 0
            && flow.destinationPort() == options.udpTunnelPort();
    if (direction == Direction.INGRESS || !(ipip || vxlan || udp)) {
      return Optional.empty();
    }
    return Optional.of(
        said(
            direction,
            name(plan),
            false,
            ipip
                ? "pods may not send IPIP (allowIPIPPacketsFromWorkloads)"
                : vxlan
                    ? "pods may not send VXLAN (allowVXLANPacketsFromWorkloads)"
                    : "pods may not send to the port of the nodes' own tunnel (udpPort)"));
  }

  /** Some ports of hosts are open whatever policies say. */
  private Optional<Found> safe(PolicyView view, EndpointPlan plan, Direction direction) {
    boolean in = direction == Direction.INGRESS;
    List<Failsafe> safe = in ? view.options().failsafeInbound() : view.options().failsafeOutbound();
    Address other = in ? flow.source() : flow.destination();
    return safe.stream()
        .filter(one -> one.protocol() == flow.protocol() && one.port() == flow.destinationPort())
        .filter(one -> one.net().map(net -> net.contains(other)).orElse(true))
        .findFirst()
        .map(one -> said(direction, name(plan), true, "failsafe port " + one.port() + " of hosts"));
  }

  private Found toHost(PolicyOptions options) {
    return said(
        Direction.INGRESS,
        "",
        options.toHost() != PolicyOptions.ToHost.DROP,
        switch (options.toHost()) {
          case DROP -> "pods may not speak to their own node (defaultEndpointToHostAction Drop)";
          case ACCEPT -> "pods may speak to their own node (defaultEndpointToHostAction Accept)";
          case RETURN ->
              "the node's own rules decide (defaultEndpointToHostAction Return); policies do not";
        });
  }

  private Found elsewhere(Direction direction) {
    return new Found(
        empty(
            direction,
            "",
            FlowExplanation.ELSEWHERE,
            "no endpoint of this node has the address " + address(direction)),
        Optional.empty());
  }

  private Found said(Direction direction, String endpoint, boolean allowed, String why) {
    return new Found(
        empty(direction, endpoint, allowed ? FlowExplanation.ALLOWED : FlowExplanation.DENIED, why),
        Optional.empty());
  }

  private Half empty(Direction direction, String endpoint, String verdict, String why) {
    return new Half(
        word(direction),
        address(direction).text(),
        endpoint,
        verdict,
        why,
        List.of(),
        "",
        "",
        "",
        "",
        List.of());
  }

  private static String word(Direction direction) {
    return StepText.word(direction);
  }

  private static String name(EndpointPlan plan) {
    return switch (plan.endpoint().id()) {
      case EndpointId.Workload(var namespace, var name) ->
          "WorkloadEndpoint " + namespace + "/" + name;
      case EndpointId.Host(var name) -> "HostEndpoint " + name;
      case EndpointId.NetworkSet(var namespace, var name) ->
          "NetworkSet " + (namespace.isEmpty() ? "" : namespace + "/") + name;
    };
  }

  /** The answer of both halves. */
  FlowExplanation answer(String node, List<Half> halves) {
    boolean denied = halves.stream().anyMatch(h -> h.verdict().equals(FlowExplanation.DENIED));
    boolean open = halves.stream().anyMatch(h -> h.verdict().equals(FlowExplanation.ELSEWHERE));
    return new FlowExplanation(
        node,
        flow.source().text(),
        flow.destination().text(),
        StepText.protocol(flow.protocol()),
        flow.destinationPort(),
        denied
            ? FlowExplanation.DENIED
            : open ? FlowExplanation.UNDECIDED : FlowExplanation.ALLOWED,
        halves);
  }
}
