package dev.manul.policy.oracle;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.IcmpMatch;
import dev.manul.policy.meaning.NamedPort;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.ServiceAddress;
import dev.manul.policy.meaning.Tier;
import dev.manul.policy.oracle.Decision.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides about packets from the facts themselves: goes through tiers, policies and rules in order,
 * and through all endpoints for every selector.
 */
public final class Oracle {

  private final World world;

  public Oracle(World world) {
    this.world = world;
  }

  /**
   * What becomes of a packet between addresses, on a node whose own addresses are {@code host}: of
   * the endpoints here, the source must let it out and the destination must let it in. What the
   * host itself sends to a pod of its own is not asked about.
   */
  public Decision path(Packet packet, Set<Address> host) {
    Optional<Endpoint> from = pod(packet.source());
    Optional<Endpoint> to = pod(packet.destination());
    Decision out = new Decision(Verdict.ALLOW, "the source is no pod of this node", List.of());
    if (from.isPresent()) {
      out = decide(from.get(), Hook.NORMAL, Direction.EGRESS, packet);
    }
    if (!out.allowed() || to.isEmpty() || host.contains(packet.source())) {
      return out;
    }
    return decide(to.get(), Hook.NORMAL, Direction.INGRESS, packet);
  }

  private Optional<Endpoint> pod(Address address) {
    return world.locals().stream()
        .filter(e -> e.id() instanceof EndpointId.Workload && has(e, address))
        .findFirst();
  }

  /** What an endpoint of this node says to a packet. */
  public Decision decide(Endpoint endpoint, Hook hook, Direction direction, Packet packet) {
    List<String> logged = new ArrayList<>();
    boolean asked = false;
    for (Tier tier : world.tiers().values().stream().sorted().toList()) {
      List<Policy> policies = policies(endpoint, hook, direction, tier);
      if (policies.isEmpty()) {
        continue;
      }
      asked = true;
      Optional<Decided> decided = Optional.empty();
      for (Policy policy : policies) {
        String name = "tier " + tier.name() + ", " + policy.id() + ", " + direction;
        decided = firstOf(policy.rules(direction), packet, name, logged);
        if (decided.isPresent()) {
          break;
        }
      }
      Action action = decided.map(Decided::action).orElse(tier.defaultAction());
      if (decided.isEmpty() && (hook == Hook.UNTRACKED || hook == Hook.PRE_DNAT)) {
        continue; // what no rule decides there is decided later
      }
      if (action != Action.PASS) {
        String end = "tier " + tier.name() + ": its default";
        return decision(action, decided.map(Decided::by).orElse(end), logged);
      }
    }
    return switch (hook) {
      case NORMAL -> byProfiles(endpoint, direction, packet, logged);
      case FORWARD ->
          asked
              ? new Decision(Verdict.UNDECIDED, "the end of the tiers", logged)
              : new Decision(Verdict.ALLOW, "no policy is about what is forwarded", logged);
      case UNTRACKED, PRE_DNAT -> new Decision(Verdict.UNDECIDED, "the end of the tiers", logged);
    };
  }

  private Decision byProfiles(
      Endpoint endpoint, Direction direction, Packet packet, List<String> logged) {
    for (String name : endpoint.profiles()) {
      Profile profile = world.profiles().get(name);
      if (profile != null) {
        Optional<Decided> decided =
            firstOf(profile.rules(direction), packet, "profile " + name + ", " + direction, logged);
        if (decided.isPresent() && decided.get().action() != Action.PASS) {
          return decision(decided.get().action(), decided.get().by(), logged);
        }
      }
    }
    return new Decision(Verdict.DENY, "no profile allows it", logged);
  }

  private static Decision decision(Action action, String by, List<String> logged) {
    return new Decision(action == Action.ALLOW ? Verdict.ALLOW : Verdict.DENY, by, logged);
  }

  /** The policies of a tier that decide about an endpoint, in order. */
  private List<Policy> policies(Endpoint endpoint, Hook hook, Direction direction, Tier tier) {
    boolean pod = endpoint.id() instanceof EndpointId.Workload;
    Policy.Stage stage =
        switch (hook) {
          case NORMAL, FORWARD -> Policy.Stage.NORMAL;
          case UNTRACKED -> Policy.Stage.UNTRACKED;
          case PRE_DNAT -> Policy.Stage.PRE_DNAT;
        };
    if ((pod && hook != Hook.NORMAL) || (hook == Hook.PRE_DNAT && direction == Direction.EGRESS)) {
      return List.of();
    }
    return world.policies().values().stream()
        .filter(policy -> policy.tier().equals(tier.name()))
        .filter(policy -> !policy.staged())
        .filter(policy -> policy.stage() == stage)
        .filter(policy -> hook != Hook.FORWARD || policy.onForward())
        .filter(policy -> policy.directions().contains(direction))
        .filter(policy -> policy.selector().matches(world.labels(endpoint)))
        .sorted(Comparator.comparingDouble(Policy::order).thenComparing(Policy::id))
        .toList();
  }

  private record Decided(Action action, String by) {}

  /** The first rule that matches and decides. */
  private Optional<Decided> firstOf(
      List<Rule> rules, Packet packet, String where, List<String> logged) {
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      if (matches(rule, packet)) {
        String name = where + " rule " + i;
        if (rule.action() != Action.LOG) {
          return Optional.of(new Decided(rule.action(), name));
        }
        logged.add(name);
      }
    }
    return Optional.empty();
  }

  /** Whether all that a rule asks holds of a packet. */
  public boolean matches(Rule rule, Packet packet) {
    return rule.family().map(family -> family == packet.family()).orElse(true)
        && (rule.protocol().isEmpty() || rule.protocol().getAsInt() == packet.protocol())
        && (rule.notProtocol().isEmpty() || rule.notProtocol().getAsInt() != packet.protocol())
        && ofItsFamily(rule, packet)
        && (rule.icmp().isEmpty() || matches(rule.icmp().get(), packet))
        && (rule.notIcmp().isEmpty() || !matches(rule.notIcmp().get(), packet))
        && matches(rule, rule.source(), packet, packet.source(), packet.sourcePort(), false)
        && matches(
            rule, rule.destination(), packet, packet.destination(), packet.destinationPort(), true);
  }

  private static boolean ofItsFamily(Rule rule, Packet packet) {
    int protocol = rule.protocol().orElse(-1);
    return (protocol != Packet.ICMP || packet.family() == AddressFamily.IPV4)
        && (protocol != Packet.ICMPV6 || packet.family() == AddressFamily.IPV6);
  }

  private static boolean matches(IcmpMatch icmp, Packet packet) {
    return packet.isIcmp()
        && (icmp.type().isEmpty() || icmp.type().getAsInt() == packet.icmpType())
        && (icmp.code().isEmpty() || icmp.code().getAsInt() == packet.icmpCode());
  }

  private boolean matches(
      Rule rule, Peer peer, Packet packet, Address address, int port, boolean destination) {
    if (!peer.nets().isEmpty() && peer.nets().stream().noneMatch(net -> net.contains(address))) {
      return false;
    }
    if (peer.notNets().stream().anyMatch(net -> net.contains(address))) {
      return false;
    }
    if (peer.selector().isPresent() && !selected(peer.selector().get(), address)) {
      return false;
    }
    if (peer.notSelector().isPresent() && selected(peer.notSelector().get(), address)) {
      return false;
    }
    if (peer.service().isPresent()) {
      Set<ServiceAddress> behind = world.services().getOrDefault(peer.service().get(), Set.of());
      boolean there =
          destination
              ? behind.contains(new ServiceAddress(address, packet.protocol(), port))
              : behind.stream().anyMatch(each -> each.address().equals(address));
      if (!there) {
        return false;
      }
    }
    return portsMatch(rule, peer, packet, address, port);
  }

  private boolean portsMatch(Rule rule, Peer peer, Packet packet, Address address, int port) {
    boolean wanted = !peer.ports().isEmpty() || !peer.namedPorts().isEmpty();
    boolean unwanted = !peer.notPorts().isEmpty() || !peer.notNamedPorts().isEmpty();
    if (!wanted && !unwanted) {
      return true;
    }
    if (!packet.hasPorts()) {
      return false;
    }
    boolean is =
        peer.ports().stream().anyMatch(range -> range.contains(port))
            || peer.namedPorts().stream()
                .anyMatch(n -> named(rule, peer, packet, address, port, n));
    boolean isNot =
        peer.notPorts().stream().anyMatch(range -> range.contains(port))
            || peer.notNamedPorts().stream()
                .anyMatch(n -> named(rule, peer, packet, address, port, n));
    return (!wanted || is) && !isNot;
  }

  /** Whether an endpoint that the peer selects has the address and calls the port so. */
  private boolean named(
      Rule rule, Peer peer, Packet packet, Address address, int port, String name) {
    int protocol = rule.protocol().orElse(Packet.TCP);
    Selector selector = peer.selector().orElse(Selector.ALL);
    return packet.protocol() == protocol
        && world.endpoints().values().stream()
            .filter(e -> has(e, address))
            .filter(e -> e.ports().contains(new NamedPort(name, protocol, port)))
            .anyMatch(e -> selector.matches(world.labels(e)));
  }

  private boolean selected(Selector selector, Address address) {
    return world.endpoints().values().stream()
        .anyMatch(e -> has(e, address) && selector.matches(world.labels(e)));
  }

  private static boolean has(Endpoint endpoint, Address address) {
    for (Prefix prefix : endpoint.addresses()) {
      if (prefix.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
