package dev.manul.policy.oracle;

import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.NamedPort;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.ServiceAddress;
import dev.manul.policy.meaning.ServiceId;
import dev.manul.policy.meaning.Tier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A world that changes at random, the same for the same seed. Local pod N has the addresses
 * 10.65.0.N and fd00:65::N and the device {@code caliN}, remote pod N 10.65.1.N and fd00:65:0:1::N;
 * host endpoint N has the device {@code ethN}, the first one all devices.
 */
public final class Worlds {

  /**
   * How large the world is.
   *
   * @param locals pods on this node
   * @param remotes pods elsewhere
   * @param hosts host endpoints on this node
   * @param policies of all kinds
   * @param ipv6 whether there are addresses and nets of IPv6
   */
  public record Shape(int locals, int remotes, int hosts, int policies, boolean ipv6) {

    /** Small, with everything. */
    public static final Shape SMALL = new Shape(3, 5, 2, 7, true);

    /** Without host endpoints. */
    public Shape withoutHosts() {
      return new Shape(locals, remotes, 0, policies, ipv6);
    }
  }

  private static final List<String> TIERS =
      List.of("default", "admin", "baseline", "security", "missing");
  private static final List<String> PROFILES =
      List.of(
          "kns.red",
          "kns.green",
          "kns.blue",
          "ksa.red.default",
          "ksa.green.default",
          "ksa.blue.default",
          "hand-made");
  private static final List<PolicyId.Type> TYPES = List.of(PolicyId.Type.values());
  private static final int NETWORK_SETS = 3;

  private final Random random;
  private final Shape shape;
  private final RandomRules rules;
  private final RandomPackets packets;
  private final World world = new World();

  public Worlds(long seed, Shape shape) {
    this.random = new Random(seed);
    this.shape = shape;
    this.rules = new RandomRules(random, shape.ipv6());
    this.packets = new RandomPackets(random, rules, world, shape);
  }

  /** What is so now; changes with every step. */
  public World world() {
    return world;
  }

  /** Facts that fill the world, in random order; they are so from now on. */
  public List<Fact> start() {
    List<Fact> facts = new ArrayList<>();
    TIERS.stream().filter(name -> !name.equals("missing")).forEach(name -> facts.add(tier(name)));
    PROFILES.forEach(name -> facts.add(new Fact.ProfileIs(profile(name))));
    RandomRules.SERVICES.forEach(id -> facts.add(service(id)));
    for (int i = 0; i < endpoints(); i++) {
      facts.add(new Fact.EndpointIs(endpoint(i)));
    }
    for (int i = 0; i < shape.policies(); i++) {
      facts.add(new Fact.PolicyIs(policy(i)));
    }
    Collections.shuffle(facts, random);
    facts.forEach(world::apply);
    return facts;
  }

  /** One change, seldom several at once; it is so from now on. */
  public List<Fact> step() {
    List<Fact> facts = new ArrayList<>();
    int count = rules.oneIn(4) ? 1 + random.nextInt(6) : 1;
    for (int i = 0; i < count; i++) {
      Fact fact = change();
      facts.add(fact);
      world.apply(fact);
    }
    return facts;
  }

  /** A packet that the endpoint may see, aimed at the rules there are. */
  public Packet packet(Endpoint local, Direction direction) {
    return packets.packet(local, direction);
  }

  private Fact change() {
    int number = random.nextInt(100);
    if (number < 40) {
      int i = random.nextInt(shape.policies());
      return rules.oneIn(5)
          ? new Fact.PolicyGone(policyId(i))
          : new Fact.PolicyIs(rules.oneIn(2) ? policy(i) : alike(i));
    }
    if (number < 75) {
      int i = random.nextInt(endpoints());
      return rules.oneIn(5)
          ? new Fact.EndpointGone(endpointId(i))
          : new Fact.EndpointIs(rules.oneIn(3) ? endpoint(i) : relabelled(i));
    }
    if (number < 85) {
      String name = rules.any(PROFILES);
      return rules.oneIn(5) ? new Fact.ProfileGone(name) : new Fact.ProfileIs(profile(name));
    }
    if (number < 92) {
      ServiceId id = rules.any(RandomRules.SERVICES);
      return rules.oneIn(4) ? new Fact.ServiceGone(id) : service(id);
    }
    String name = rules.any(TIERS);
    return name.equals("missing") || rules.oneIn(4) ? new Fact.TierGone(name) : tier(name);
  }

  private Fact tier(String name) {
    double order = rules.oneIn(5) ? Double.POSITIVE_INFINITY : random.nextInt(4) * 100;
    return new Fact.TierIs(new Tier(name, order, rules.oneIn(3) ? Action.PASS : Action.DENY));
  }

  private Profile profile(String name) {
    Map<String, String> labels = new HashMap<>();
    boolean namespace = name.startsWith("kns.");
    if (namespace) {
      labels.put("pcns.name", name.substring(4));
    }
    for (String label : List.of("pcns.team", "pcsa.role", "env")) {
      if (rules.oneIn(label.equals("env") ? 5 : 2)) {
        labels.put(label, rules.any(RandomRules.LABELS.get(label)));
      }
    }
    List<Rule> all = List.of(Rule.every(Action.ALLOW));
    boolean plain = namespace && !rules.oneIn(4);
    boolean empty = name.startsWith("ksa.") && !rules.oneIn(4);
    return new Profile(
        name,
        plain ? all : empty ? List.of() : rules.rules(),
        plain ? all : empty ? List.of() : rules.rules(),
        labels);
  }

  private Fact service(ServiceId id) {
    Set<ServiceAddress> addresses = new HashSet<>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      addresses.add(
          new ServiceAddress(
              packets.podAddress(),
              rules.any(List.of(Packet.TCP, Packet.TCP, Packet.UDP, Packet.SCTP)),
              rules.any(RandomRules.PORTS)));
    }
    return new Fact.ServiceIs(id, addresses);
  }

  /** How many endpoints and network sets there can be: pods, then hosts, then sets. */
  private int endpoints() {
    return shape.locals() + shape.remotes() + shape.hosts() + NETWORK_SETS;
  }

  private EndpointId endpointId(int i) {
    int pods = shape.locals() + shape.remotes();
    if (i < pods) {
      return new EndpointId.Workload(namespace(i), "pod" + i);
    }
    int set = i - pods - shape.hosts();
    return set < 0
        ? new EndpointId.Host("host" + (i - pods))
        : new EndpointId.NetworkSet(set == 0 ? "" : namespace(set), "set" + set);
  }

  private static String namespace(int i) {
    return RandomRules.NAMESPACES.get(i % RandomRules.NAMESPACES.size());
  }

  private Endpoint endpoint(int i) {
    return switch (endpointId(i)) {
      case EndpointId.Workload pod -> pod(pod, i);
      case EndpointId.Host host -> host(host, i - shape.locals() - shape.remotes());
      case EndpointId.NetworkSet set ->
          new Endpoint(
              set,
              labels(set.namespace()),
              set.namespace().isEmpty() || rules.oneIn(3)
                  ? List.of()
                  : List.of("kns." + set.namespace()),
              Set.copyOf(rules.some(3, rules::net)),
              List.of(),
              Optional.empty());
    };
  }

  private Endpoint pod(EndpointId.Workload id, int i) {
    boolean local = i < shape.locals();
    int number = local ? i + 1 : i + 1 - shape.locals();
    // Now and then two remote pods have one address: the old one's end was not heard of yet.
    int address = !local && rules.oneIn(8) ? Math.max(1, number - 1) : number;
    Set<Prefix> addresses = new HashSet<>();
    if (!shape.ipv6() || !rules.oneIn(10)) {
      addresses.add(Prefix.parse((local ? "10.65.0." : "10.65.1.") + address));
    }
    if (shape.ipv6() && !rules.oneIn(5)) {
      addresses.add(Prefix.parse((local ? "fd00:65::" : "fd00:65:0:1::") + address));
    }
    List<String> profiles = new ArrayList<>();
    profiles.add("kns." + id.namespace());
    if (!rules.oneIn(4)) {
      profiles.add("ksa." + id.namespace() + ".default");
    }
    if (rules.oneIn(8)) {
      profiles.add(rules.oneIn(2) ? "hand-made" : "nowhere");
    }
    return new Endpoint(
        id,
        labels(id.namespace()),
        profiles,
        addresses,
        ports(),
        local
            ? Optional.of(
                new Endpoint.Local(
                    "cali" + number, rules.oneIn(6) ? Set.of(rules.net()) : Set.of()))
            : Optional.empty());
  }

  private Endpoint host(EndpointId.Host id, int number) {
    Set<Prefix> addresses = new HashSet<>(Set.of(Prefix.parse("192.0.2." + (number + 1))));
    if (shape.ipv6()) {
      addresses.add(Prefix.parse("2001:db8::" + (number + 1)));
    }
    return new Endpoint(
        id,
        labels(""),
        rules.oneIn(2) ? List.of() : List.of("hand-made"),
        addresses,
        ports(),
        Optional.of(new Endpoint.Local(number == 0 ? "*" : "eth" + number, Set.of())));
  }

  /** The endpoint as it is, with other labels or ports. */
  private Endpoint relabelled(int i) {
    Endpoint now = world.endpoints().get(endpointId(i));
    if (now == null) {
      return endpoint(i);
    }
    boolean ports = rules.oneIn(4) && !(now.id() instanceof EndpointId.NetworkSet);
    Map<String, String> labels = new HashMap<>(now.labels());
    if (!ports) {
      String label = rules.any(List.of("app", "env", "canary", "pcns.team"));
      if (labels.containsKey(label) && rules.oneIn(2)) {
        labels.remove(label);
      } else {
        labels.put(label, rules.any(RandomRules.LABELS.get(label)));
      }
    }
    return new Endpoint(
        now.id(),
        labels,
        now.profiles(),
        now.addresses(),
        ports ? ports() : now.ports(),
        now.local());
  }

  private Map<String, String> labels(String namespace) {
    Map<String, String> labels = new HashMap<>();
    if (!namespace.isEmpty()) {
      labels.put(Selector.NAMESPACE_LABEL, namespace);
      labels.put("projectcalico.org/orchestrator", "k8s");
    }
    if (!rules.oneIn(5)) {
      labels.put("app", rules.any(RandomRules.LABELS.get("app")));
    }
    if (rules.oneIn(2)) {
      labels.put("env", rules.any(RandomRules.LABELS.get("env")));
    }
    if (rules.oneIn(4)) {
      labels.put("canary", "");
    }
    if (rules.oneIn(8)) {
      labels.put(
          "pcns.team", rules.any(RandomRules.LABELS.get("pcns.team"))); // hides the profile's
    }
    return labels;
  }

  private List<NamedPort> ports() {
    if (rules.oneIn(3)) {
      return List.of();
    }
    return rules.some(
        3,
        () ->
            new NamedPort(
                rules.any(RandomRules.PORT_NAMES),
                rules.any(List.of(Packet.TCP, Packet.TCP, Packet.UDP, Packet.SCTP)),
                rules.any(RandomRules.PORTS)));
  }

  private PolicyId policyId(int i) {
    PolicyId.Type type = TYPES.get(i % TYPES.size());
    // Of one name at times, so that namespace and kind must settle the order.
    String name = i % 3 == 0 ? "same" : "policy" + i;
    return new PolicyId(type, isNamespaced(type) ? namespace(i / TYPES.size() + i) : "", name);
  }

  private static boolean isNamespaced(PolicyId.Type type) {
    return switch (type) {
      case NETWORK_POLICY,
          KUBERNETES_NETWORK_POLICY,
          STAGED_NETWORK_POLICY,
          STAGED_KUBERNETES_NETWORK_POLICY ->
          true;
      default -> false;
    };
  }

  private static boolean isStaged(PolicyId.Type type) {
    return switch (type) {
      case STAGED_NETWORK_POLICY, STAGED_GLOBAL_NETWORK_POLICY, STAGED_KUBERNETES_NETWORK_POLICY ->
          true;
      default -> false;
    };
  }

  private Policy policy(int i) {
    PolicyId id = policyId(i);
    Policy.Stage stage = Policy.Stage.NORMAL;
    if (id.namespace().isEmpty() && shape.hosts() > 0 && rules.oneIn(4)) {
      stage = rules.oneIn(2) ? Policy.Stage.UNTRACKED : Policy.Stage.PRE_DNAT;
    }
    Set<Direction> directions =
        stage == Policy.Stage.PRE_DNAT
            ? Set.of(Direction.INGRESS)
            : rules.any(
                List.of(
                    Set.of(Direction.INGRESS),
                    Set.of(Direction.EGRESS),
                    Set.of(Direction.INGRESS, Direction.EGRESS)));
    Selector selector = rules.selector();
    if (!id.namespace().isEmpty()) {
      selector =
          new Selector.And(
              List.of(new Selector.Equal(Selector.NAMESPACE_LABEL, id.namespace()), selector));
    }
    return new Policy(
        id,
        rules.any(List.of("default", "default", "default", rules.any(TIERS))),
        order(),
        rules.oneIn(3) ? Selector.ALL : selector,
        directions,
        rules.rules(),
        stage == Policy.Stage.PRE_DNAT ? List.of() : rules.rules(),
        stage,
        stage != Policy.Stage.NORMAL || (shape.hosts() > 0 && rules.oneIn(3)),
        isStaged(id.type()));
  }

  /** The policy as it is, with another order or with other rules of one direction. */
  private Policy alike(int i) {
    Policy now = world.policies().get(policyId(i));
    if (now == null) {
      return policy(i);
    }
    boolean order = rules.oneIn(4);
    return new Policy(
        now.id(),
        now.tier(),
        order ? order() : now.order(),
        now.selector(),
        now.directions(),
        order ? now.ingress() : rules.rules(),
        now.egress(),
        now.stage(),
        now.onForward(),
        now.staged());
  }

  private double order() {
    return rules.any(List.of(0.0, 1.0, 1.5, 1000.0, Double.POSITIVE_INFINITY));
  }
}
