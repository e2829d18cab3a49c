package dev.manul.policy.oracle;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.IcmpMatch;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.PortRange;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.ServiceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Random selectors and rules over few labels, addresses and ports, so that they meet often. They
 * keep to what the meaning allows: ports only with TCP, UDP and SCTP, ICMP only with its protocols.
 */
final class RandomRules {

  static final List<String> NAMESPACES = List.of("red", "green", "blue");
  static final List<String> PORT_NAMES = List.of("http", "dns", "admin");
  static final List<Integer> PORTS = List.of(53, 80, 81, 443, 8080, 8081, 30_000, 65_535);
  static final List<ServiceId> SERVICES =
      List.of(new ServiceId("red", "shop"), new ServiceId("blue", "db"));

  /** Labels that occur, with the values that occur. */
  static final Map<String, List<String>> LABELS =
      Map.of(
          "app", List.of("web", "db", "webdb"),
          "env", List.of("prod", "dev"),
          "canary", List.of(""),
          "pcns.team", List.of("a", "b"),
          "pcsa.role", List.of("reader", "writer"));

  static final List<String> LABEL_NAMES =
      List.of("app", "app", "env", "canary", "pcns.team", "pcsa.role", "pcns.name");

  private static final List<String> IPV4_NETS =
      List.of(
          "10.65.0.0/16",
          "10.65.0.0/30",
          "10.65.0.4/30",
          "10.65.1.0/24",
          "10.65.1.4/32",
          "10.65.0.2/32",
          "10.0.0.0/8",
          "192.0.2.0/24",
          "203.0.113.0/25",
          "203.0.113.7/32",
          "0.0.0.0/0",
          "128.0.0.0/1");
  private static final List<String> IPV6_NETS =
      List.of(
          "fd00:65::/32",
          "fd00:65::/126",
          "fd00:65::4/126",
          "fd00:65:0:1::/64",
          "fd00:65:0:1::4/128",
          "fd00:65::2/128",
          "fd00::/8",
          "2001:db8::/32",
          "2001:db8:7::7/128",
          "::/0",
          "8000::/1");

  private final Random random;
  private final boolean ipv6;

  RandomRules(Random random, boolean ipv6) {
    this.random = random;
    this.ipv6 = ipv6;
  }

  <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** A list of some length, mostly short. */
  <T> List<T> some(int most, Supplier<T> of) {
    List<T> list = new ArrayList<>();
    int size = 1 + random.nextInt(most);
    for (int i = 0; i < size; i++) {
      list.add(of.get());
    }
    return list;
  }

  Prefix net() {
    return Prefix.parse(any(ipv6 && random.nextBoolean() ? IPV6_NETS : IPV4_NETS));
  }

  Selector selector() {
    return selector(0);
  }

  private Selector selector(int depth) {
    return switch (random.nextInt(depth < 2 ? 16 : 12)) {
      case 0 -> oneIn(4) ? new Selector.Global() : Selector.ALL;
      case 1 -> new Selector.Has(label());
      case 2, 3, 4 -> equal(label());
      case 5 -> new Selector.Equal(Selector.NAMESPACE_LABEL, any(NAMESPACES));
      case 6 -> in(label());
      case 7 -> {
        Selector.Equal equal = equal(label());
        yield new Selector.NotEqual(equal.label(), equal.value());
      }
      case 8 -> {
        Selector.In in = in(label());
        yield new Selector.NotIn(in.label(), in.values());
      }
      case 9 -> new Selector.Contains("app", any(List.of("b", "eb", "", "x")));
      case 10 -> new Selector.StartsWith("app", any(List.of("web", "d", "")));
      case 11 -> new Selector.EndsWith("app", any(List.of("db", "b", "web")));
      case 12, 13 -> new Selector.And(some(3, () -> selector(depth + 1)));
      case 14 -> new Selector.Or(some(3, () -> selector(depth + 1)));
      default -> new Selector.Not(selector(depth + 1));
    };
  }

  private String label() {
    return any(LABEL_NAMES);
  }

  private Selector.Equal equal(String label) {
    return new Selector.Equal(label, value(label));
  }

  private Selector.In in(String label) {
    return new Selector.In(label, Set.copyOf(some(3, () -> value(label))));
  }

  private String value(String label) {
    return label.equals("pcns.name") ? any(NAMESPACES) : any(LABELS.get(label));
  }

  /** Rules of one direction. */
  List<Rule> rules() {
    return oneIn(6) ? List.of() : some(4, this::rule);
  }

  Rule rule() {
    Action action =
        any(
            List.of(
                Action.ALLOW,
                Action.ALLOW,
                Action.ALLOW,
                Action.DENY,
                Action.DENY,
                Action.PASS,
                Action.LOG));
    if (oneIn(10)) {
      return Rule.every(action);
    }
    int protocol = any(List.of(0, 0, 0, 6, 6, 6, 6, 17, 17, 132, 1, 58, 47, 136));
    boolean ports = Packet.hasPorts(protocol);
    boolean icmp = protocol == Packet.ICMP || protocol == Packet.ICMPV6;
    return new Rule(
        action,
        oneIn(8) ? Optional.of(any(List.of(AddressFamily.values()))) : Optional.empty(),
        protocol == 0 ? OptionalInt.empty() : OptionalInt.of(protocol),
        oneIn(protocol == 0 ? 4 : 40)
            ? OptionalInt.of(any(List.of(6, 17, 1, 58, 132)))
            : OptionalInt.empty(),
        icmp && oneIn(2) ? Optional.of(icmp()) : Optional.empty(),
        icmp && oneIn(3) ? Optional.of(icmpOfType()) : Optional.empty(),
        oneIn(3) ? Peer.ANY : peer(ports && oneIn(4)),
        oneIn(3) ? Peer.ANY : peer(ports && !oneIn(4)));
  }

  private IcmpMatch icmp() {
    return oneIn(6) ? new IcmpMatch(OptionalInt.empty(), OptionalInt.empty()) : icmpOfType();
  }

  private IcmpMatch icmpOfType() {
    return new IcmpMatch(
        OptionalInt.of(any(List.of(0, 3, 8, 128, 129))),
        oneIn(2) ? OptionalInt.empty() : OptionalInt.of(random.nextInt(2)));
  }

  private Peer peer(boolean ports) {
    boolean service = oneIn(8);
    boolean plain = oneIn(service ? 2 : 3);
    boolean named = ports && oneIn(2);
    return new Peer(
        !plain && oneIn(4) ? some(3, this::net) : List.of(),
        !plain && oneIn(6) ? some(2, this::net) : List.of(),
        !plain && oneIn(2) ? Optional.of(selector()) : Optional.empty(),
        !plain && oneIn(6) ? Optional.of(selector()) : Optional.empty(),
        ports && (!named || oneIn(3)) ? ranges() : List.of(),
        named ? some(2, () -> any(PORT_NAMES)) : List.of(),
        ports && oneIn(5) ? some(2, this::range) : List.of(),
        ports && oneIn(6) ? some(2, () -> any(PORT_NAMES)) : List.of(),
        service ? Optional.of(any(SERVICES)) : Optional.empty());
  }

  /** Sometimes more than the 15 that one match of the kernel's multiport takes. */
  private List<PortRange> ranges() {
    if (!oneIn(12)) {
      return some(3, this::range);
    }
    List<PortRange> many = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      many.add(PortRange.of(2000 + 2 * i));
    }
    many.add(range());
    return many;
  }

  private PortRange range() {
    int first = any(PORTS);
    if (oneIn(20)) {
      return new PortRange(0, 65_535);
    }
    return oneIn(3)
        ? new PortRange(first, Math.min(65_535, first + 1 + random.nextInt(400)))
        : PortRange.of(first);
  }
}
