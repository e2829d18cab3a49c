package dev.manul.e2e.bench;

import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.NamedPort;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.PortRange;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.Tier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The cluster that benchmarks of policy take: pods and Kubernetes-like policies over 20 namespaces.
 * Each policy is about one local pod, as many about each, and lets in the few remote pods of one
 * role, all pods of one team's namespaces, and out to a named port of one application; so all
 * policies are in use, and nearly each brings sets of its own.
 */
public final class PolicyLoad {

  public static final int NAMESPACES = 20;
  private static final int TEAMS = 10;
  private static final int APPLICATIONS = 50;
  private static final int ROLES = 5;

  /** Namespaces, applications and roles together, each twice. */
  private static final int PEERS = 2 * NAMESPACES * APPLICATIONS * ROLES;

  /** Without a common factor with the number of peers, so that all come before one comes again. */
  private static final int STRIDE = 7919;

  private static final int TCP = 6;
  private static final double KUBERNETES_ORDER = 1000;
  private static final int FIRST_LOCAL = 10 << 24 | 1 << 16;
  private static final int FIRST_REMOTE = 10 << 24 | 2 << 16;
  private static final Selector KUBERNETES =
      new Selector.Equal("projectcalico.org/orchestrator", "k8s");

  private PolicyLoad() {}

  /** All of it, made while it is read: the pods first. */
  public static Stream<Fact> facts(int locals, int remotes, int policies) {
    return Stream.of(
            Stream.of(new Fact.TierIs(new Tier(Tier.DEFAULT, 1_000_000, Action.DENY))),
            IntStream.range(0, NAMESPACES).mapToObj(i -> namespace(i, i)),
            IntStream.range(0, locals).mapToObj(PolicyLoad::local),
            IntStream.range(0, remotes).mapToObj(i -> remote(i, role(i))),
            IntStream.range(0, policies).mapToObj(i -> policy(i, locals, 0)))
        .flatMap(stream -> stream);
  }

  /** The profile of a namespace that belongs to a team. */
  public static Fact namespace(int i, int team) {
    return new Fact.ProfileIs(
        new Profile(
            "kns.ns" + i,
            List.of(Rule.every(Action.ALLOW)),
            List.of(Rule.every(Action.ALLOW)),
            Map.of("pcns.projectcalico.org/name", "ns" + i, "pcns.team", "team" + team % TEAMS)));
  }

  /** A pod of this node. */
  public static Fact local(int i) {
    String name = "local-" + i;
    return new Fact.EndpointIs(
        new Endpoint(
            new EndpointId.Workload("ns" + i % NAMESPACES, name),
            labels(i % NAMESPACES, name, "role0", i),
            profiles(i % NAMESPACES),
            Set.of(new Ipv4Address(FIRST_LOCAL + i).toPrefix()),
            List.of(new NamedPort("http", TCP, 8080)),
            Optional.of(new Endpoint.Local("cali" + i, Set.of()))));
  }

  /** A pod of this node is gone. */
  public static Fact localGone(int i) {
    return new Fact.EndpointGone(new EndpointId.Workload("ns" + i % NAMESPACES, "local-" + i));
  }

  /** A pod elsewhere. */
  public static Fact remote(int i, int role) {
    int application = i / NAMESPACES % APPLICATIONS;
    return new Fact.EndpointIs(
        new Endpoint(
            remoteId(i),
            labels(i % NAMESPACES, "app" + application, "role" + role % ROLES, i / 50),
            profiles(i % NAMESPACES),
            Set.of(new Ipv4Address(FIRST_REMOTE + i).toPrefix()),
            List.of(new NamedPort("http", TCP, 8000 + application)),
            Optional.empty()));
  }

  /** The role that a remote pod has at first. */
  public static int role(int i) {
    return i / NAMESPACES / APPLICATIONS % ROLES;
  }

  /** A pod elsewhere is gone. */
  public static Fact remoteGone(int i) {
    return new Fact.EndpointGone(remoteId(i));
  }

  private static EndpointId remoteId(int i) {
    int application = i / NAMESPACES % APPLICATIONS;
    return new EndpointId.Workload(
        "ns" + i % NAMESPACES, "node" + i % 100 + "-k8s-app" + application + "--5d4f8c--" + i);
  }

  private static Map<String, String> labels(int namespace, String app, String role, int hash) {
    return Map.of(
        "projectcalico.org/namespace",
        "ns" + namespace,
        "projectcalico.org/orchestrator",
        "k8s",
        "projectcalico.org/serviceaccount",
        "default",
        "app",
        app,
        "role",
        role,
        "pod-template-hash",
        "5d4f8c" + hash);
  }

  private static List<String> profiles(int namespace) {
    return List.of("kns.ns" + namespace, "ksa.ns" + namespace + ".default");
  }

  public static PolicyId policyId(int i) {
    return new PolicyId(
        PolicyId.Type.KUBERNETES_NETWORK_POLICY, "ns" + i % NAMESPACES, "policy-" + i);
  }

  /**
   * A policy about one of so many local pods.
   *
   * @param version others have other peers and ports
   */
  public static Fact policy(int i, int locals, int version) {
    int pod = i % locals;
    int peer = peer(i, version);
    Selector namespace = new Selector.Equal(Selector.NAMESPACE_LABEL, "ns" + peer % NAMESPACES);
    Selector application = new Selector.Equal("app", "app" + peer / NAMESPACES % APPLICATIONS);
    Selector role = new Selector.Equal("role", "role" + peer / NAMESPACES / APPLICATIONS % ROLES);
    Selector team = new Selector.Equal("pcns.team", "team" + (i + version) % TEAMS);
    return new Fact.PolicyIs(
        new Policy(
            policyId(i),
            Tier.DEFAULT,
            KUBERNETES_ORDER,
            new Selector.And(
                List.of(
                    new Selector.Equal(Selector.NAMESPACE_LABEL, "ns" + pod % NAMESPACES),
                    new Selector.And(
                        List.of(KUBERNETES, new Selector.Equal("app", "local-" + pod))))),
            Set.of(Direction.INGRESS, Direction.EGRESS),
            List.of(
                rule(selected(List.of(namespace, application, role)), ports(8000 + version % 100)),
                rule(selected(List.of(team)), ports(9000)),
                rule(nets("192.0.2.0/24"), ports(443))),
            List.of(rule(Peer.ANY, named(List.of(namespace, application)))),
            Policy.Stage.NORMAL,
            false,
            false));
  }

  /** The first version of a policy, but with another port in one of its rules. */
  public static Fact policyWithPort(int i, int locals, int port) {
    Policy first = ((Fact.PolicyIs) policy(i, locals, 0)).policy();
    List<Rule> ingress =
        List.of(
            first.ingress().get(0),
            first.ingress().get(1),
            rule(nets("192.0.2.0/24"), ports(port)));
    return new Fact.PolicyIs(
        new Policy(
            first.id(),
            first.tier(),
            first.order(),
            first.selector(),
            first.directions(),
            ingress,
            first.egress(),
            first.stage(),
            first.onForward(),
            first.staged()));
  }

  /** A policy is gone. */
  public static Fact policyGone(int i) {
    return new Fact.PolicyGone(policyId(i));
  }

  /** The number of a remote pod that a policy lets in. */
  public static int peer(int policy, int version) {
    return (int) (((long) policy * STRIDE + version) % PEERS);
  }

  private static Rule rule(Peer source, Peer destination) {
    return new Rule(
        Action.ALLOW,
        Optional.empty(),
        OptionalInt.of(TCP),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        source,
        destination);
  }

  private static Peer selected(List<Selector> terms) {
    return peer(List.of(), Optional.of(new Selector.And(terms)), List.of(), List.of());
  }

  private static Peer named(List<Selector> terms) {
    return peer(List.of(), Optional.of(new Selector.And(terms)), List.of(), List.of("http"));
  }

  private static Peer nets(String net) {
    return peer(List.of(Prefix.parse(net)), Optional.empty(), List.of(), List.of());
  }

  private static Peer ports(int port) {
    return peer(List.of(), Optional.empty(), List.of(PortRange.of(port)), List.of());
  }

  private static Peer peer(
      List<Prefix> nets, Optional<Selector> selector, List<PortRange> ports, List<String> named) {
    return new Peer(
        nets,
        List.of(),
        selector,
        Optional.empty(),
        ports,
        named,
        List.of(),
        List.of(),
        Optional.empty());
  }
}
