package dev.manul.policy.translation;

import dev.manul.model.AddressFamily;
import dev.manul.model.EntityRule;
import dev.manul.model.IntOrString;
import dev.manul.model.PolicyRule;
import dev.manul.model.PolicyRules;
import dev.manul.model.Prefix;
import dev.manul.model.RuleValues;
import dev.manul.model.Selector;
import dev.manul.model.Violation;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.IcmpMatch;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.PortRange;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.ServiceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Rules of Calico's kinds.
 *
 * <p>A rule that cannot be read errs towards isolation: one that allows is left out, one that
 * denies or passes denies everything at its place, one that logs is left out.
 */
final class CalicoRules {

  /** Protocols that the name of a port may be of. */
  static final List<Integer> PROTOCOLS_WITH_PORTS =
      List.of(RuleValues.TCP, RuleValues.UDP, RuleValues.SCTP);

  private final String namespace;
  private final Problems problems;

  /**
   * Rules of one resource.
   *
   * @param namespace of the resource, or ""
   */
  CalicoRules(String namespace, Problems problems) {
    this.namespace = namespace;
    this.problems = problems;
  }

  /** The rules of a direction, in order. */
  List<Rule> rules(List<PolicyRule> rules, boolean ingress) {
    List<Rule> made = new ArrayList<>(rules.size());
    for (int i = 0; i < rules.size(); i++) {
      String field = (ingress ? "spec.ingress[" : "spec.egress[") + i + "]";
      made.addAll(rules(rules.get(i), field, ingress));
    }
    return made;
  }

  private List<Rule> rules(PolicyRule rule, String field, boolean ingress) {
    List<Violation> violations = PolicyRules.meaning(rule, field, ingress, namespace.isEmpty());
    violations.forEach(violation -> problems.add(violation.field(), violation.message()));
    if (rule.http().isPresent()) {
      problems.add(field + ".http", "cannot be enforced here; the rule does not count");
    }
    if (violations.isEmpty() && rule.http().isEmpty()) {
      return readable(rule);
    }
    return switch (rule.action()) {
      case "Allow", "Log" -> List.of();
      default -> List.of(Rule.every(Action.DENY));
    };
  }

  private List<Rule> readable(PolicyRule rule) {
    Peer source = peer(rule.source());
    Peer destination = peer(rule.destination());
    OptionalInt protocol = protocol(rule.protocol());
    if (protocol.isEmpty() && hasPorts(rule)) {
      // ports by name alone: their own protocols are meant
      return PROTOCOLS_WITH_PORTS.stream()
          .map(number -> rule(rule, OptionalInt.of(number), source, destination))
          .toList();
    }
    return List.of(rule(rule, protocol, source, destination));
  }

  private static boolean hasPorts(PolicyRule rule) {
    return !rule.source().ports().isEmpty() || !rule.destination().ports().isEmpty();
  }

  private static Rule rule(PolicyRule rule, OptionalInt protocol, Peer source, Peer destination) {
    return new Rule(
        action(rule.action()),
        rule.ipVersion().map(v -> v == 6 ? AddressFamily.IPV6 : AddressFamily.IPV4),
        protocol,
        protocol(rule.notProtocol()),
        rule.icmp().flatMap(CalicoRules::icmp),
        rule.notICMP().flatMap(CalicoRules::icmp),
        source,
        destination);
  }

  private static Action action(String action) {
    return switch (action) {
      case "Allow" -> Action.ALLOW;
      case "Log" -> Action.LOG;
      case "Pass" -> Action.PASS;
      default -> Action.DENY;
    };
  }

  private static OptionalInt protocol(Optional<IntOrString> protocol) {
    return protocol.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(RuleValues.protocol(protocol.get()));
  }

  /** Empty when all messages are meant, which says no more than the protocol does. */
  private static Optional<IcmpMatch> icmp(PolicyRule.Icmp icmp) {
    return icmp.type().map(type -> new IcmpMatch(OptionalInt.of(type), optional(icmp.code())));
  }

  private static OptionalInt optional(Optional<Integer> number) {
    return number.isEmpty() ? OptionalInt.empty() : OptionalInt.of(number.get());
  }

  private Peer peer(EntityRule entity) {
    if (entity.equals(EntityRule.ANY)) {
      return Peer.ANY;
    }
    return new Peer(
        prefixes(entity.nets()),
        prefixes(entity.notNets()),
        selector(entity),
        // not scoped, as Calico has it: what it names is out wherever it is
        entity.notSelector().isEmpty()
            ? Optional.empty()
            : Optional.of(RuleValues.selector(entity.notSelector())),
        ranges(entity.ports()),
        names(entity.ports()),
        ranges(entity.notPorts()),
        names(entity.notPorts()),
        entity
            .services()
            .map(
                service ->
                    new ServiceId(
                        service.namespace().isEmpty() ? namespace : service.namespace(),
                        service.name())));
  }

  /** Whom the selectors of an end select together; empty when there are none. */
  private Optional<Selector> selector(EntityRule entity) {
    boolean selects =
        !entity.selector().isEmpty()
            || !entity.namespaceSelector().isEmpty()
            || entity.serviceAccounts().isPresent();
    if (!selects) {
      return Optional.empty();
    }
    Selector where = Selector.ALL;
    if (!entity.namespaceSelector().isEmpty()) {
      where = Scopes.namespaces(RuleValues.selector(entity.namespaceSelector()));
    } else if (!namespace.isEmpty()) {
      where = Scopes.namespace(namespace);
    }
    Selector accounts = Selector.ALL;
    if (entity.serviceAccounts().isPresent()) {
      EntityRule.ServiceAccountMatch match = entity.serviceAccounts().get();
      accounts =
          Scopes.and(
              match.names().isEmpty() ? Selector.ALL : Scopes.accounts(match.names()),
              Scopes.accounts(RuleValues.selector(match.selector())));
    }
    return Optional.of(Scopes.and(where, accounts, RuleValues.selector(entity.selector())));
  }

  private static List<Prefix> prefixes(List<String> nets) {
    return nets.stream().map(RuleValues::net).toList();
  }

  private static List<PortRange> ranges(List<IntOrString> ports) {
    return ports.stream()
        .map(RuleValues::port)
        .filter(port -> !port.isNamed())
        .map(port -> new PortRange(port.first(), port.last()))
        .toList();
  }

  private static List<String> names(List<IntOrString> ports) {
    return ports.stream()
        .map(RuleValues::port)
        .filter(RuleValues.PortMatch::isNamed)
        .map(RuleValues.PortMatch::name)
        .toList();
  }
}
