package dev.manul.policy.translation;

import dev.manul.model.AdminNetworkPolicy;
import dev.manul.model.BaselineAdminNetworkPolicy;
import dev.manul.model.ClusterNetworkPolicy;
import dev.manul.model.ClusterPeer;
import dev.manul.model.LabelSelector;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.RuleValues;
import dev.manul.model.Selector;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Rule;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Kubernetes' policies for administrators. They count in a direction only when they have rules for
 * it, and what none of these decides is for the next tier. As their makers ask for, a rule that
 * cannot be read matches nothing when it allows, and denies everything when it denies or passes.
 *
 * @see <a href="https://network-policy-api.sigs.k8s.io/">Network Policy API</a>
 */
final class ClusterPolicies {

  /** Asked before all that namespaces say. */
  static final String ADMIN_TIER = "kube-admin";

  /** Asked when nothing else is about a pod. */
  static final String BASELINE_TIER = "kube-baseline";

  private final Problems problems;
  private final List<Rule> ingress = new ArrayList<>();
  private final List<Rule> egress = new ArrayList<>();

  private ClusterPolicies(Problems problems) {
    this.problems = problems;
  }

  static Translated policy(AdminNetworkPolicy policy) {
    AdminNetworkPolicy.Spec spec = policy.spec();
    ClusterPolicies made = new ClusterPolicies(new Problems(policy));
    made.rules(spec.ingress(), spec.egress());
    return made.policy(
        policy, PolicyId.Type.ADMIN_NETWORK_POLICY, ADMIN_TIER, spec.priority(), spec.subject());
  }

  static Translated policy(BaselineAdminNetworkPolicy policy) {
    BaselineAdminNetworkPolicy.Spec spec = policy.spec();
    ClusterPolicies made = new ClusterPolicies(new Problems(policy));
    made.rules(spec.ingress(), spec.egress());
    return made.policy(
        policy,
        PolicyId.Type.BASELINE_ADMIN_NETWORK_POLICY,
        BASELINE_TIER,
        Double.POSITIVE_INFINITY, // it has no priority; there is only one
        spec.subject());
  }

  static Translated policy(ClusterNetworkPolicy policy) {
    ClusterNetworkPolicy.Spec spec = policy.spec();
    ClusterPolicies made = new ClusterPolicies(new Problems(policy));
    for (int i = 0; i < spec.ingress().size(); i++) {
      ClusterNetworkPolicy.IngressRule rule = spec.ingress().get(i);
      String field = "spec.ingress[" + i + "].";
      made.rule(true, field, rule.action(), rule.from(), () -> protocols(field, rule.protocols()));
    }
    for (int i = 0; i < spec.egress().size(); i++) {
      ClusterNetworkPolicy.EgressRule rule = spec.egress().get(i);
      String field = "spec.egress[" + i + "].";
      made.rule(false, field, rule.action(), rule.to(), () -> protocols(field, rule.protocols()));
    }
    String tier = spec.tier().equals("Baseline") ? BASELINE_TIER : ADMIN_TIER;
    if (!spec.tier().equals("Baseline") && !spec.tier().equals("Admin")) {
      made.problems.add(
          "spec.tier",
          "got \"" + spec.tier() + "\", allowed are Admin and Baseline; it counts as Admin");
    }
    return made.policy(
        policy, PolicyId.Type.CLUSTER_NETWORK_POLICY, tier, spec.priority(), spec.subject());
  }

  private Translated policy(
      Resource resource,
      PolicyId.Type type,
      String tier,
      double order,
      ClusterPeer.Subject subject) {
    Set<Direction> directions = EnumSet.noneOf(Direction.class);
    if (!ingress.isEmpty()) {
      directions.add(Direction.INGRESS);
    }
    if (!egress.isEmpty()) {
      directions.add(Direction.EGRESS);
    }
    try {
      Policy policy =
          new Policy(
              CalicoPolicies.id(type, resource.metadata()),
              tier,
              order,
              subject(subject),
              directions,
              ingress,
              egress,
              Policy.Stage.NORMAL,
              false,
              false);
      return new Translated(List.of(new Fact.PolicyIs(policy)), problems.lines());
    } catch (UnreadableException e) {
      e.tell(problems);
      return new Translated(List.of(), problems.lines());
    }
  }

  private static Selector subject(ClusterPeer.Subject subject) throws UnreadableException {
    if (subject.namespaces().isPresent() == subject.pods().isPresent()) {
      throw new UnreadableException("spec.subject", "needs one of namespaces and pods");
    }
    return subject.namespaces().isPresent()
        ? pods("spec.subject.namespaces", subject.namespaces().get(), LabelSelector.ALL)
        : pods(
            "spec.subject.pods",
            subject.pods().orElseThrow().namespaceSelector(),
            subject.pods().orElseThrow().podSelector());
  }

  private static Selector pods(String field, LabelSelector namespaces, LabelSelector pods)
      throws UnreadableException {
    return UnreadableException.read(field, namespaces, of -> Scopes.podsOf(of, pods));
  }

  private void rules(
      List<AdminNetworkPolicy.IngressRule> incoming, List<AdminNetworkPolicy.EgressRule> outgoing) {
    for (int i = 0; i < incoming.size(); i++) {
      AdminNetworkPolicy.IngressRule rule = incoming.get(i);
      String field = "spec.ingress[" + i + "].";
      rule(true, field, rule.action(), rule.from(), () -> ports(field, rule.ports()));
    }
    for (int i = 0; i < outgoing.size(); i++) {
      AdminNetworkPolicy.EgressRule rule = outgoing.get(i);
      String field = "spec.egress[" + i + "].";
      rule(false, field, rule.action(), rule.to(), () -> ports(field, rule.ports()));
    }
  }

  private interface Groups {
    List<PortGroups.Group> read() throws UnreadableException;
  }

  private void rule(
      boolean incoming, String field, String action, List<ClusterPeer> peers, Groups groups) {
    List<Rule> into = incoming ? ingress : egress;
    boolean allows = action.equals("Allow") || action.equals("Accept");
    try {
      Action taken = action(field + "action", action);
      List<Rule> made = new ArrayList<>();
      List<PortGroups.Group> ports = groups.read();
      for (Peer peer : peers(field + (incoming ? "from" : "to"), peers, !incoming)) {
        for (PortGroups.Group group : ports) {
          Peer source = incoming ? peer : Peer.ANY;
          Peer destination = incoming ? Peer.ANY : peer;
          made.add(KubernetesPolicies.rule(taken, group, source, destination));
        }
      }
      into.addAll(made);
    } catch (UnreadableException e) {
      e.tell(problems);
      if (!allows) {
        into.add(Rule.every(Action.DENY));
      }
    }
  }

  private static Action action(String field, String action) throws UnreadableException {
    return switch (action) {
      case "Allow", "Accept" -> Action.ALLOW;
      case "Deny" -> Action.DENY;
      case "Pass" -> Action.PASS;
      default ->
          throw new UnreadableException(
              field, "got \"" + action + "\", allowed are Allow (Accept), Deny and Pass");
    };
  }

  private static List<Peer> peers(String field, List<ClusterPeer> peers, boolean outward)
      throws UnreadableException {
    if (peers.isEmpty()) {
      throw new UnreadableException(field, "is missing");
    }
    List<Peer> made = new ArrayList<>(peers.size());
    for (int i = 0; i < peers.size(); i++) {
      made.add(peer(field + "[" + i + "]", peers.get(i), outward));
    }
    return made;
  }

  private static Peer peer(String field, ClusterPeer peer, boolean outward)
      throws UnreadableException {
    if (peer.namespaces().isPresent()) {
      return KubernetesPolicies.selected(
          pods(field + ".namespaces", peer.namespaces().get(), LabelSelector.ALL));
    }
    if (peer.pods().isPresent()) {
      ClusterPeer.Pods pods = peer.pods().get();
      return KubernetesPolicies.selected(
          pods(field + ".pods", pods.namespaceSelector(), pods.podSelector()));
    }
    if (outward && !peer.networks().isEmpty()) {
      List<Prefix> nets = new ArrayList<>();
      for (int i = 0; i < peer.networks().size(); i++) {
        nets.add(
            UnreadableException.read(
                field + ".networks[" + i + "]", peer.networks().get(i), RuleValues::net));
      }
      return KubernetesPolicies.nets(nets, List.of());
    }
    throw new UnreadableException(
        field,
        "says nothing that is known here; allowed are namespaces"
            + (outward ? ", pods and networks" : " and pods"));
  }

  private static List<PortGroups.Group> ports(
      String rule, Optional<List<AdminNetworkPolicy.Port>> ports) throws UnreadableException {
    PortGroups groups = new PortGroups();
    List<AdminNetworkPolicy.Port> all = ports.orElse(List.of());
    for (int i = 0; i < all.size(); i++) {
      AdminNetworkPolicy.Port port = all.get(i);
      String field = rule + "ports[" + i + "]";
      if (port.portNumber().isPresent()) {
        int number = port.portNumber().get().port();
        range(groups, field, port.portNumber().get().protocol(), number, number);
      } else if (port.portRange().isPresent()) {
        AdminNetworkPolicy.PortRange range = port.portRange().get();
        range(groups, field, range.protocol(), range.start(), range.end());
      } else if (!port.namedPort().isEmpty()) {
        groups.name(port.namedPort());
      } else {
        throw new UnreadableException(
            field, "says nothing that is known here; allowed are portNumber, portRange, namedPort");
      }
    }
    return groups.groups();
  }

  private static void range(PortGroups groups, String field, String protocol, int first, int last)
      throws UnreadableException {
    range(
        groups,
        field,
        UnreadableException.read(field, protocol, RuleValues::kubernetesProtocol),
        first,
        last);
  }

  private static void range(PortGroups groups, String field, int protocol, int first, int last)
      throws UnreadableException {
    if (first < 1 || last > 65_535 || last < first) {
      throw new UnreadableException(
          field, "got " + first + " to " + last + ", allowed are 1 to 65535, the lower first");
    }
    groups.range(protocol, first, last);
  }

  private static List<PortGroups.Group> protocols(
      String rule, Optional<List<ClusterNetworkPolicy.Protocol>> protocols)
      throws UnreadableException {
    PortGroups groups = new PortGroups();
    List<ClusterNetworkPolicy.Protocol> all = protocols.orElse(List.of());
    for (int i = 0; i < all.size(); i++) {
      ClusterNetworkPolicy.Protocol protocol = all.get(i);
      String field = rule + "protocols[" + i + "]";
      if (protocol.tcp().isPresent()) {
        destination(groups, field, RuleValues.TCP, protocol.tcp().get());
      } else if (protocol.udp().isPresent()) {
        destination(groups, field, RuleValues.UDP, protocol.udp().get());
      } else if (protocol.sctp().isPresent()) {
        destination(groups, field, RuleValues.SCTP, protocol.sctp().get());
      } else if (!protocol.destinationNamedPort().isEmpty()) {
        groups.name(protocol.destinationNamedPort());
      } else {
        throw new UnreadableException(
            field,
            "says nothing that is known here; allowed are tcp, udp, sctp, destinationNamedPort");
      }
    }
    return groups.groups();
  }

  private static void destination(
      PortGroups groups, String field, int protocol, ClusterNetworkPolicy.Destination destination)
      throws UnreadableException {
    if (destination.destinationPort().isEmpty()) {
      groups.all(protocol);
      return;
    }
    ClusterNetworkPolicy.Port port = destination.destinationPort().get();
    if (port.number().isPresent()) {
      range(groups, field, protocol, port.number().get(), port.number().get());
    } else if (port.range().isPresent()) {
      range(groups, field, protocol, port.range().get().start(), port.range().get().end());
    } else {
      throw new UnreadableException(
          field, "says nothing that is known here; allowed are number and range");
    }
  }
}
