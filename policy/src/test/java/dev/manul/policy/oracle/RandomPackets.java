package dev.manul.policy.oracle;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.IcmpMatch;
import dev.manul.policy.meaning.NamedPort;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.PortRange;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.ServiceAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Random packets: half of them made to meet a rule of the world, or to miss it narrowly, the others
 * from what occurs there.
 */
final class RandomPackets {

  private static final int EPHEMERAL = 40_000;

  private final Random random;
  private final RandomRules rules;
  private final World world;
  private final Worlds.Shape shape;

  RandomPackets(Random random, RandomRules rules, World world, Worlds.Shape shape) {
    this.random = random;
    this.rules = rules;
    this.world = world;
    this.shape = shape;
  }

  Packet packet(Endpoint local, Direction direction) {
    List<Rule> candidates = new ArrayList<>();
    world.policies().values().forEach(policy -> candidates.addAll(policy.rules(direction)));
    Rule rule =
        candidates.isEmpty() || rules.oneIn(3) ? Rule.every(Action.ALLOW) : rules.any(candidates);
    AddressFamily family = family(rule, local);
    Address own = own(local, family);
    boolean in = direction == Direction.INGRESS;
    Address other = address(in ? rule.source() : rule.destination(), family);
    Address source = in ? other : own;
    Address destination = in ? own : other;
    List<ServiceAddress> behind = behind(rule.destination(), family, in ? own : null);
    if (!behind.isEmpty() && !rules.oneIn(3)) {
      ServiceAddress at = rules.any(behind);
      return new Packet(source, at.address(), at.protocol(), EPHEMERAL, at.port(), 0, 0);
    }
    int protocol = protocol(rule, family);
    if (Packet.hasPorts(protocol)) {
      return new Packet(
          source,
          destination,
          protocol,
          rules.oneIn(3) ? port(rule.source(), source) : EPHEMERAL + random.nextInt(100),
          port(rule.destination(), destination),
          0,
          0);
    }
    IcmpMatch icmp = rule.icmp().or(rule::notIcmp).orElse(null);
    boolean aimed = icmp != null && rules.oneIn(2);
    boolean typed = protocol == Packet.ICMP || protocol == Packet.ICMPV6;
    int type = rules.any(List.of(0, 3, 8, 128, 129));
    return new Packet(
        source,
        destination,
        protocol,
        0,
        0,
        typed ? (aimed ? icmp.type().orElse(type) : type) : 0,
        typed ? (aimed ? icmp.code().orElse(1) : random.nextInt(3)) : 0);
  }

  /** What is behind the service of a peer, of one family and with the address if that is given. */
  private List<ServiceAddress> behind(Peer peer, AddressFamily family, Address address) {
    return peer
        .service()
        .map(id -> world.services().getOrDefault(id, Set.of()))
        .orElse(Set.of())
        .stream()
        .filter(each -> each.address().family() == family)
        .filter(each -> address == null || each.address().equals(address))
        .sorted(
            Comparator.comparing(ServiceAddress::address)
                .thenComparingInt(ServiceAddress::protocol)
                .thenComparingInt(ServiceAddress::port))
        .toList();
  }

  private AddressFamily family(Rule rule, Endpoint local) {
    boolean four = has(local, AddressFamily.IPV4);
    boolean six = has(local, AddressFamily.IPV6);
    AddressFamily wanted =
        rule.family().orElse(rules.oneIn(2) ? AddressFamily.IPV6 : AddressFamily.IPV4);
    if (rule.protocol().orElse(0) == Packet.ICMP) {
      wanted = AddressFamily.IPV4;
    } else if (rule.protocol().orElse(0) == Packet.ICMPV6) {
      wanted = AddressFamily.IPV6;
    }
    if (four == six) {
      return four || shape.ipv6() ? wanted : AddressFamily.IPV4;
    }
    return four ? AddressFamily.IPV4 : AddressFamily.IPV6;
  }

  private static boolean has(Endpoint endpoint, AddressFamily family) {
    return endpoint.addresses().stream().anyMatch(prefix -> prefix.family() == family);
  }

  private Address own(Endpoint local, AddressFamily family) {
    return local.addresses().stream()
        .filter(prefix -> prefix.family() == family)
        .map(Prefix::address)
        .findFirst()
        .orElse(Address.parse(family == AddressFamily.IPV4 ? "192.0.2.99" : "2001:db8::99"));
  }

  private int protocol(Rule rule, AddressFamily family) {
    int icmp = family == AddressFamily.IPV4 ? Packet.ICMP : Packet.ICMPV6;
    int wanted = rules.oneIn(5) ? 0 : rule.protocol().orElse(0);
    if (wanted == 0) {
      return rules.any(
          List.of(Packet.TCP, Packet.TCP, Packet.TCP, Packet.UDP, Packet.SCTP, icmp, 47, 136));
    }
    return wanted == Packet.ICMP || wanted == Packet.ICMPV6 ? icmp : wanted;
  }

  private int port(Peer peer, Address address) {
    List<Integer> ports = new ArrayList<>(List.of(rules.any(RandomRules.PORTS)));
    for (List<PortRange> ranges : List.of(peer.ports(), peer.notPorts())) {
      for (PortRange range : ranges) {
        ports.addAll(
            List.of(
                range.first(),
                range.last(),
                Math.max(0, range.first() - 1),
                Math.min(65_535, range.last() + 1)));
      }
    }
    for (Endpoint endpoint : world.endpoints().values()) {
      if (endpoint.addresses().contains(address.toPrefix())) {
        endpoint.ports().stream().map(NamedPort::port).forEach(ports::add);
      }
    }
    peer.service()
        .ifPresent(
            id ->
                world.services().getOrDefault(id, Set.of()).stream()
                    .filter(each -> each.address().equals(address))
                    .forEach(each -> ports.add(each.port())));
    ports.sort(null); // sets have an order of their own in every run
    return rules.any(ports);
  }

  /** An address of the other end. */
  private Address address(Peer peer, AddressFamily family) {
    List<Address> addresses = new ArrayList<>();
    if (peer.service().isPresent() && rules.oneIn(2)) {
      world.services().getOrDefault(peer.service().get(), Set.of()).stream()
          .map(each -> each.address())
          .forEach(addresses::add);
    } else if (!peer.nets().isEmpty() && rules.oneIn(2)) {
      peer.nets().forEach(net -> addresses.addAll(edges(net)));
    } else {
      world
          .endpoints()
          .values()
          .forEach(e -> e.addresses().forEach(p -> addresses.addAll(edges(p))));
      addresses.add(podAddress());
      addresses.addAll(edges(rules.net()));
    }
    addresses.removeIf(address -> address.family() != family || !address.isGlobalUnicast());
    addresses.sort(null); // sets have an order of their own in every run
    return addresses.isEmpty()
        ? Address.parse(family == AddressFamily.IPV4 ? "198.51.100.1" : "2001:db8:9::1")
        : rules.any(addresses);
  }

  /** The first and last address in a prefix, and those just outside. */
  private static List<Address> edges(Prefix prefix) {
    List<Address> edges = new ArrayList<>(List.of(prefix.address(), prefix.lastAddress()));
    if (prefix.length() > 8) {
      edges.add(prefix.address().plus(-1));
      edges.add(prefix.lastAddress().plus(1));
    }
    return edges;
  }

  /** An address that a pod may have. */
  Address podAddress() {
    boolean local = random.nextBoolean();
    int number = 1 + random.nextInt(Math.max(1, local ? shape.locals() : shape.remotes()));
    return Address.parse(
        shape.ipv6() && random.nextBoolean()
            ? (local ? "fd00:65::" : "fd00:65:0:1::") + number
            : (local ? "10.65.0." : "10.65.1.") + number);
  }
}
