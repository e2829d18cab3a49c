package dev.manul.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Checks of one rule of a policy or profile, of two sorts: what keeps a rule from having a meaning,
 * and what is refused when it is written although it has one.
 */
final class RuleChecks {

  private static final List<String> ACTIONS = List.of("Allow", "Deny", "Log", "Pass");
  private static final int MAX_NETS = 256;
  private static final int MAX_PORTS = 50;
  private static final int MAX_HTTP = 20;

  private final PolicyRule rule;
  private final String field;
  private final FieldChecks checks;

  /** The number of the protocol; empty when none is said or it is none. */
  private Optional<Integer> protocol = Optional.empty();

  private RuleChecks(PolicyRule rule, String field, FieldChecks checks) {
    this.rule = rule;
    this.field = field + ".";
    this.checks = checks;
  }

  /**
   * What keeps a rule from having a meaning.
   *
   * @param ingress whether it is about traffic to the endpoints
   * @param global whether the policy is in no namespace
   */
  static void meaning(
      PolicyRule rule, String field, boolean ingress, boolean global, FieldChecks checks) {
    new RuleChecks(rule, field, checks).meaning(ingress, global);
  }

  /** What is refused of a rule when it is written, beyond its meaning. */
  static void limits(PolicyRule rule, String field, boolean ingress, FieldChecks checks) {
    new RuleChecks(rule, field, checks).limits(ingress);
  }

  private void meaning(boolean ingress, boolean global) {
    known(field, rule.further());
    known(field + "source.", rule.source().further());
    known(field + "destination.", rule.destination().further());
    checks.oneOf(field + "action", rule.action(), ACTIONS);
    rule.ipVersion()
        .filter(version -> version != 4 && version != 6)
        .ifPresent(
            version ->
                checks.refuse(field + "ipVersion", "got " + version + ", allowed are 4 and 6"));
    protocol =
        rule.protocol().flatMap(text -> read(field + "protocol", text, RuleValues::protocol));
    rule.notProtocol().ifPresent(text -> read(field + "notProtocol", text, RuleValues::protocol));
    rule.icmp().ifPresent(icmp -> icmp(field + "icmp", icmp));
    rule.notICMP().ifPresent(icmp -> icmp(field + "notICMP", icmp));
    end("source.", rule.source(), ingress, global);
    end("destination.", rule.destination(), !ingress, global);
    portsOfService();
  }

  private void known(String place, Map<String, Object> further) {
    further.keySet().forEach(name -> checks.refuse(place + name, "is not known here"));
  }

  private void icmp(String place, PolicyRule.Icmp icmp) {
    checks.range(place + ".type", icmp.type(), 0, 254);
    checks.range(place + ".code", icmp.code(), 0, 255);
    if (icmp.code().isPresent() && icmp.type().isEmpty()) {
      checks.refuse(place + ".code", "needs a type beside it");
    }
    int number = protocol.orElse(0);
    if (number != RuleValues.ICMP && number != RuleValues.ICMPV6) {
      checks.refuse(place, "needs the protocol ICMP or ICMPv6, got " + saidProtocol());
    }
  }

  private String saidProtocol() {
    return rule.protocol().map(IntOrString::text).orElse("no protocol");
  }

  /**
   * One end of the packets.
   *
   * @param remote whether it is the end that is not the policy's endpoint
   */
  private void end(String end, EntityRule entity, boolean remote, boolean global) {
    String place = field + end;
    nets(place + "nets", entity.nets());
    nets(place + "notNets", entity.notNets());
    checks.ruleSelector(place + "selector", entity.selector(), false);
    checks.ruleSelector(place + "notSelector", entity.notSelector(), false);
    checks.ruleSelector(place + "namespaceSelector", entity.namespaceSelector(), true);
    entity
        .serviceAccounts()
        .ifPresent(
            accounts ->
                checks.ruleSelector(
                    place + "serviceAccounts.selector", accounts.selector(), false));
    ports(place + "ports", entity.ports(), true);
    ports(place + "notPorts", entity.notPorts(), false);
    entity.services().ifPresent(service -> service(place, service, entity, remote, global));
  }

  private void nets(String place, List<String> nets) {
    for (int i = 0; i < nets.size(); i++) {
      Optional<Prefix> _ = read(place + "[" + i + "]", nets.get(i), RuleValues::net);
    }
  }

  private void ports(String place, List<IntOrString> ports, boolean namesSuffice) {
    boolean allNamed = true;
    for (int i = 0; i < ports.size(); i++) {
      allNamed &=
          read(place + "[" + i + "]", ports.get(i), RuleValues::port)
              .map(RuleValues.PortMatch::isNamed)
              .orElse(true);
    }
    if (ports.isEmpty() || (rule.protocol().isPresent() && protocol.isEmpty())) {
      return; // nothing to say, or said already
    }
    // the name of a port says its protocol
    boolean fits = protocol.map(RuleValues::hasPorts).orElse(allNamed && namesSuffice);
    if (!fits) {
      checks.refuse(place, "need the protocol TCP, UDP or SCTP, got " + saidProtocol());
    }
  }

  private void service(
      String place,
      EntityRule.ServiceMatch service,
      EntityRule entity,
      boolean remote,
      boolean global) {
    boolean alone =
        entity.nets().isEmpty()
            && entity.notNets().isEmpty()
            && entity.selector().isEmpty()
            && entity.notSelector().isEmpty()
            && entity.namespaceSelector().isEmpty()
            && entity.serviceAccounts().isEmpty();
    if (!alone) {
      checks.refuse(
          place + "services", "cannot be combined with nets, selectors or serviceAccounts");
    }
    if (!remote) {
      checks.refuse(
          place + "services",
          "is allowed only in the source of ingress rules and the destination of egress rules");
    }
    if (service.name().isEmpty()) {
      checks.refuse(place + "services.name", "is missing");
    }
    if (global && service.namespace().isEmpty()) {
      checks.refuse(place + "services.namespace", "is missing; a policy in no namespace needs it");
    }
  }

  /** A destination that is a service has the service's ports. */
  private void portsOfService() {
    EntityRule destination = rule.destination();
    if (destination.services().isEmpty()) {
      return;
    }
    if (!destination.ports().isEmpty()) {
      checks.refuse(field + "destination.ports", "cannot be combined with services");
    }
    if (!destination.notPorts().isEmpty()) {
      checks.refuse(field + "destination.notPorts", "cannot be combined with services");
    }
  }

  private void limits(boolean ingress) {
    limits("source.", rule.source());
    limits("destination.", rule.destination());
    families();
    rule.http().ifPresent(http -> http(http, ingress));
  }

  private void limits(String end, EntityRule entity) {
    String place = field + end;
    checks.count(place + "nets", entity.nets(), MAX_NETS);
    checks.count(place + "notNets", entity.notNets(), MAX_NETS);
    checks.count(place + "ports", entity.ports(), MAX_PORTS);
    checks.count(place + "notPorts", entity.notPorts(), MAX_PORTS);
    for (int i = 0; i < entity.notNets().size(); i++) {
      if (family(entity.notNets().get(i)).isPresent()
          && RuleValues.net(entity.notNets().get(i)).length() == 0) {
        checks.refuse(
            place + "notNets[" + i + "]",
            "got " + entity.notNets().get(i) + ", which leaves nothing to match");
      }
    }
  }

  /** All that a rule says of addresses must be of one family, or no packet could match it. */
  private void families() {
    Optional<AddressFamily> seen =
        rule.ipVersion().map(v -> v == 6 ? AddressFamily.IPV6 : AddressFamily.IPV4);
    String before = seen.map(f -> "ipVersion " + rule.ipVersion().orElseThrow()).orElse("");
    if (rule.protocol().map(p -> number(p) == RuleValues.ICMPV6).orElse(false)) {
      before = sameFamily("protocol", AddressFamily.IPV6, seen, before);
      seen = Optional.of(AddressFamily.IPV6);
    } else if (rule.protocol().map(p -> number(p) == RuleValues.ICMP).orElse(false)) {
      before = sameFamily("protocol", AddressFamily.IPV4, seen, before);
      seen = Optional.of(AddressFamily.IPV4);
    }
    for (String end : List.of("source", "destination")) {
      EntityRule entity = end.equals("source") ? rule.source() : rule.destination();
      for (String name : List.of("nets", "notNets")) {
        for (String net : name.equals("nets") ? entity.nets() : entity.notNets()) {
          Optional<AddressFamily> found = family(net);
          if (found.isPresent()) {
            before = sameFamily(end + "." + name, found.get(), seen, before);
            seen = seen.or(() -> found);
          }
        }
      }
    }
  }

  /** Complains when a family is not the one seen before; who decided it first. */
  private String sameFamily(
      String name, AddressFamily family, Optional<AddressFamily> seen, String before) {
    if (seen.isPresent() && seen.get() != family) {
      checks.refuse(
          field + name,
          "is of "
              + family
              + ", but "
              + before
              + " is of "
              + seen.get()
              + "; a rule is of one family");
      return before;
    }
    return seen.isPresent() ? before : name;
  }

  private static int number(IntOrString protocol) {
    try {
      return RuleValues.protocol(protocol);
    } catch (IllegalArgumentException e) {
      return 0; // said elsewhere
    }
  }

  private static Optional<AddressFamily> family(String net) {
    try {
      return Optional.of(RuleValues.net(net).family());
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // said elsewhere
    }
  }

  private void http(PolicyRule.Http http, boolean ingress) {
    String place = field + "http";
    if (!ingress || !rule.action().equals("Allow")) {
      checks.refuse(place, "is allowed only in ingress rules whose action is Allow");
    }
    if (rule.protocol().isPresent() && number(rule.protocol().get()) != RuleValues.TCP) {
      checks.refuse(place, "needs the protocol TCP, got " + saidProtocol());
    }
    checks.count(place + ".methods", http.methods(), MAX_HTTP);
    checks.count(place + ".paths", http.paths(), MAX_HTTP);
    for (int i = 0; i < http.paths().size(); i++) {
      PolicyRule.HttpPath path = http.paths().get(i);
      if (path.exact().isEmpty() == path.prefix().isEmpty()) {
        checks.refuse(place + ".paths[" + i + "]", "needs one of exact and prefix");
      }
    }
  }

  private <T, V> Optional<V> read(String place, T text, Function<T, V> reader) {
    try {
      return Optional.of(reader.apply(text));
    } catch (IllegalArgumentException e) {
      checks.refuse(place, e.getMessage());
      return Optional.empty();
    }
  }
}
