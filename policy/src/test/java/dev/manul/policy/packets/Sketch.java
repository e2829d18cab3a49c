package dev.manul.policy.packets;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.IcmpMatch;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.PortRange;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.ServiceId;
import dev.manul.policy.meaning.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Policies and rules in few words. */
final class Sketch {

  private final Action action;
  private Optional<AddressFamily> family = Optional.empty();
  private OptionalInt protocol = OptionalInt.empty();
  private OptionalInt notProtocol = OptionalInt.empty();
  private Optional<IcmpMatch> icmp = Optional.empty();
  private Optional<IcmpMatch> notIcmp = Optional.empty();
  private final Side source = new Side();
  private final Side destination = new Side();

  private Sketch(Action action) {
    this.action = action;
  }

  /** One end of a packet. */
  private static final class Side {
    private final List<Prefix> nets = new ArrayList<>();
    private final List<Prefix> notNets = new ArrayList<>();
    private Optional<Selector> selector = Optional.empty();
    private Optional<Selector> notSelector = Optional.empty();
    private final List<PortRange> ports = new ArrayList<>();
    private final List<String> namedPorts = new ArrayList<>();
    private final List<PortRange> notPorts = new ArrayList<>();
    private Optional<ServiceId> service = Optional.empty();

    Peer peer() {
      return new Peer(
          nets, notNets, selector, notSelector, ports, namedPorts, notPorts, List.of(), service);
    }
  }

  static Sketch allow() {
    return new Sketch(Action.ALLOW);
  }

  static Sketch deny() {
    return new Sketch(Action.DENY);
  }

  static Sketch pass() {
    return new Sketch(Action.PASS);
  }

  static Sketch log() {
    return new Sketch(Action.LOG);
  }

  Sketch family(AddressFamily only) {
    family = Optional.of(only);
    return this;
  }

  Sketch protocol(int number) {
    protocol = OptionalInt.of(number);
    return this;
  }

  Sketch notProtocol(int number) {
    notProtocol = OptionalInt.of(number);
    return this;
  }

  Sketch icmp(int type, int code) {
    icmp =
        Optional.of(
            new IcmpMatch(
                OptionalInt.of(type), code < 0 ? OptionalInt.empty() : OptionalInt.of(code)));
    return this;
  }

  Sketch notIcmp(int type) {
    notIcmp = Optional.of(new IcmpMatch(OptionalInt.of(type), OptionalInt.empty()));
    return this;
  }

  Sketch from(String selector) {
    source.selector = Optional.of(Selector.parse(selector));
    return this;
  }

  Sketch notFrom(String selector) {
    source.notSelector = Optional.of(Selector.parse(selector));
    return this;
  }

  Sketch to(String selector) {
    destination.selector = Optional.of(Selector.parse(selector));
    return this;
  }

  Sketch fromNets(String... nets) {
    Arrays.stream(nets).map(Prefix::parse).forEach(source.nets::add);
    return this;
  }

  Sketch notFromNets(String... nets) {
    Arrays.stream(nets).map(Prefix::parse).forEach(source.notNets::add);
    return this;
  }

  Sketch toNets(String... nets) {
    Arrays.stream(nets).map(Prefix::parse).forEach(destination.nets::add);
    return this;
  }

  Sketch notToNets(String... nets) {
    Arrays.stream(nets).map(Prefix::parse).forEach(destination.notNets::add);
    return this;
  }

  Sketch ports(int... ports) {
    Arrays.stream(ports).mapToObj(PortRange::of).forEach(destination.ports::add);
    return this;
  }

  Sketch range(int first, int last) {
    destination.ports.add(new PortRange(first, last));
    return this;
  }

  Sketch notPorts(int... ports) {
    Arrays.stream(ports).mapToObj(PortRange::of).forEach(destination.notPorts::add);
    return this;
  }

  Sketch sourcePorts(int... ports) {
    Arrays.stream(ports).mapToObj(PortRange::of).forEach(source.ports::add);
    return this;
  }

  Sketch named(String... names) {
    destination.namedPorts.addAll(List.of(names));
    return this;
  }

  Sketch toService(String namespace, String name) {
    destination.service = Optional.of(new ServiceId(namespace, name));
    return this;
  }

  Rule rule() {
    return new Rule(
        action, family, protocol, notProtocol, icmp, notIcmp, source.peer(), destination.peer());
  }

  /** A policy of rules for one direction. */
  static Policy policy(String name, String selector, Direction direction, Sketch... rules) {
    return policy(name, Tier.DEFAULT, 100, selector, direction, rules);
  }

  static Policy policy(
      String name,
      String tier,
      double order,
      String selector,
      Direction direction,
      Sketch... rules) {
    List<Rule> all = Arrays.stream(rules).map(Sketch::rule).toList();
    boolean in = direction == Direction.INGRESS;
    return new Policy(
        new PolicyId(PolicyId.Type.GLOBAL_NETWORK_POLICY, "", name),
        tier,
        order,
        Selector.parse(selector),
        Set.of(direction),
        in ? all : List.of(),
        in ? List.of() : all,
        Policy.Stage.NORMAL,
        false,
        false);
  }

  /** The policy at another stage, or about what is forwarded. */
  static Policy at(Policy policy, Policy.Stage stage, boolean onForward) {
    return new Policy(
        policy.id(),
        policy.tier(),
        policy.order(),
        policy.selector(),
        policy.directions(),
        policy.ingress(),
        policy.egress(),
        stage,
        onForward,
        false);
  }

  /** The policy, only counted. */
  static Policy staged(Policy policy) {
    return new Policy(
        new PolicyId(PolicyId.Type.STAGED_GLOBAL_NETWORK_POLICY, "", policy.id().name()),
        policy.tier(),
        policy.order(),
        policy.selector(),
        policy.directions(),
        policy.ingress(),
        policy.egress(),
        policy.stage(),
        policy.onForward(),
        true);
  }
}
