package dev.manul.policy.translation;

import dev.manul.model.IntOrString;
import dev.manul.model.KubernetesNetworkPolicy;
import dev.manul.model.KubernetesNetworkPolicy.EgressRule;
import dev.manul.model.KubernetesNetworkPolicy.IngressRule;
import dev.manul.model.LabelSelector;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.RuleValues;
import dev.manul.model.Selector;
import dev.manul.model.StagedKubernetesNetworkPolicy;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Kubernetes' NetworkPolicy: rules that allow, and a tier that denies the rest. A rule that cannot
 * be read allows nothing; the others stay.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/services-networking/network-policies/">Network
 *     Policies</a>
 */
final class KubernetesPolicies {

  /** Where among Calico's policies of the default tier they are asked. */
  static final double ORDER = 1000;

  private KubernetesPolicies() {}

  static Translated policy(KubernetesNetworkPolicy policy) {
    return policy(policy, PolicyId.Type.KUBERNETES_NETWORK_POLICY, policy.spec(), false);
  }

  static Translated policy(StagedKubernetesNetworkPolicy policy) {
    PolicyId.Type type = PolicyId.Type.STAGED_KUBERNETES_NETWORK_POLICY;
    return CalicoPolicies.isEvaluated(policy.spec().stagedAction())
        ? policy(policy, type, policy.spec().enforced(), true)
        : Translated.of(new Fact.PolicyGone(CalicoPolicies.id(type, policy.metadata())));
  }

  private static Translated policy(
      Resource resource, PolicyId.Type type, KubernetesNetworkPolicy.Spec spec, boolean staged) {
    Problems problems = new Problems(resource);
    PolicyId id = CalicoPolicies.id(type, resource.metadata());
    Set<Direction> directions =
        CalicoPolicies.directions("spec.policyTypes", spec.effectiveTypes(), problems);
    Policy policy;
    try {
      Selector pods =
          UnreadableException.read("spec.podSelector", spec.podSelector(), RuleValues::selector);
      policy =
          new Policy(
              id,
              Tier.DEFAULT,
              ORDER,
              Scopes.and(Scopes.namespace(id.namespace()), Scopes.PODS, pods),
              directions,
              ingress(spec.ingress(), id.namespace(), problems),
              egress(spec.egress(), id.namespace(), problems),
              Policy.Stage.NORMAL,
              false,
              staged);
    } catch (UnreadableException e) {
      e.tell(problems);
      policy = CalicoPolicies.closed(id, Tier.DEFAULT, ORDER, directions, staged);
    }
    return new Translated(List.of(new Fact.PolicyIs(policy)), problems.lines());
  }

  private static List<Rule> ingress(List<IngressRule> rules, String namespace, Problems problems) {
    List<Rule> made = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      String field = "spec.ingress[" + i + "].";
      IngressRule rule = rules.get(i);
      try {
        List<PortGroups.Group> groups = groups(field + "ports", rule.ports());
        for (Peer from : peers(field + "from", rule.from(), namespace)) {
          groups.forEach(group -> made.add(rule(group, from, Peer.ANY)));
        }
      } catch (UnreadableException e) {
        e.tell(problems);
      }
    }
    return made;
  }

  private static List<Rule> egress(List<EgressRule> rules, String namespace, Problems problems) {
    List<Rule> made = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      String field = "spec.egress[" + i + "].";
      EgressRule rule = rules.get(i);
      try {
        List<PortGroups.Group> groups = groups(field + "ports", rule.ports());
        for (Peer to : peers(field + "to", rule.to(), namespace)) {
          groups.forEach(group -> made.add(rule(group, Peer.ANY, to)));
        }
      } catch (UnreadableException e) {
        e.tell(problems);
      }
    }
    return made;
  }

  private static Rule rule(PortGroups.Group group, Peer source, Peer destination) {
    return rule(Action.ALLOW, group, source, destination);
  }

  /** A rule whose destination has a group's ports. */
  static Rule rule(Action action, PortGroups.Group group, Peer source, Peer destination) {
    return new Rule(
        action,
        Optional.empty(),
        group.protocol(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        source,
        withPorts(destination, group));
  }

  private static Peer withPorts(Peer peer, PortGroups.Group group) {
    if (group.ranges().isEmpty() && group.names().isEmpty()) {
      return peer;
    }
    return new Peer(
        peer.nets(),
        peer.notNets(),
        peer.selector(),
        peer.notSelector(),
        group.ranges(),
        group.names(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static List<PortGroups.Group> groups(
      String field, List<KubernetesNetworkPolicy.Port> ports) throws UnreadableException {
    PortGroups groups = new PortGroups();
    for (int i = 0; i < ports.size(); i++) {
      port(field + "[" + i + "].", ports.get(i), groups);
    }
    return groups.groups();
  }

  private static void port(String field, KubernetesNetworkPolicy.Port port, PortGroups groups)
      throws UnreadableException {
    int protocol =
        UnreadableException.read(
            field + "protocol", port.protocol(), RuleValues::kubernetesProtocol);
    if (port.port().isEmpty()) {
      if (port.endPort().isPresent()) {
        throw new UnreadableException(field + "endPort", "needs a port that is a number");
      }
      groups.all(protocol);
      return;
    }
    IntOrString first = port.port().get();
    if (!first.isNumber()) {
      if (port.endPort().isPresent()) {
        throw new UnreadableException(field + "endPort", "needs a port that is a number");
      }
      groups.name(protocol, first.text());
      return;
    }
    int last = port.endPort().orElse(first.number());
    if (first.number() < 1 || last > 65_535 || last < first.number()) {
      throw new UnreadableException(
          field + "port",
          "got "
              + first
              + (port.endPort().isPresent() ? " to " + last : "")
              + ", allowed are 1 to 65535, the lower first");
    }
    groups.range(protocol, first.number(), last);
  }

  private static List<Peer> peers(
      String field, List<KubernetesNetworkPolicy.Peer> peers, String namespace)
      throws UnreadableException {
    if (peers.isEmpty()) {
      return List.of(Peer.ANY);
    }
    List<Peer> made = new ArrayList<>(peers.size());
    for (int i = 0; i < peers.size(); i++) {
      made.add(peer(field + "[" + i + "]", peers.get(i), namespace));
    }
    return made;
  }

  private static Peer peer(String field, KubernetesNetworkPolicy.Peer peer, String namespace)
      throws UnreadableException {
    boolean selects = peer.podSelector().isPresent() || peer.namespaceSelector().isPresent();
    if (selects == peer.ipBlock().isPresent()) {
      throw new UnreadableException(
          field, "needs podSelector, namespaceSelector or both, or ipBlock alone");
    }
    if (peer.ipBlock().isPresent()) {
      return block(field + ".ipBlock.", peer.ipBlock().get());
    }
    Selector pods =
        UnreadableException.read(
            field + ".podSelector",
            peer.podSelector().orElse(LabelSelector.ALL),
            RuleValues::selector);
    Selector where = Scopes.namespace(namespace);
    if (peer.namespaceSelector().isPresent()) {
      where =
          Scopes.namespaces(
              UnreadableException.read(
                  field + ".namespaceSelector",
                  peer.namespaceSelector().get(),
                  RuleValues::selector));
    }
    return selected(Scopes.and(where, Scopes.PODS, pods));
  }

  static Peer selected(Selector selector) {
    return new Peer(
        List.of(),
        List.of(),
        Optional.of(selector),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static Peer block(String field, KubernetesNetworkPolicy.IpBlock block)
      throws UnreadableException {
    Prefix all = UnreadableException.read(field + "cidr", block.cidr(), RuleValues::net);
    List<Prefix> except = new ArrayList<>(block.except().size());
    for (int i = 0; i < block.except().size(); i++) {
      except.add(
          UnreadableException.read(
              field + "except[" + i + "]", block.except().get(i), RuleValues::net));
    }
    return nets(List.of(all), except);
  }

  static Peer nets(List<Prefix> nets, List<Prefix> notNets) {
    return new Peer(
        nets,
        notNets,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty());
  }
}
