package dev.manul.policy.translation;

import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.IcmpMatch;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Policies as text that tests can hold against what they expect. */
final class Shown {
  private Shown() {}

  /** The one policy that a translation without problems has. */
  static String policy(Translated translated) {
    if (!translated.problems().isEmpty() || translated.facts().size() != 1) {
      throw new AssertionError("not one policy without problems: " + translated);
    }
    return of(((Fact.PolicyIs) translated.facts().getFirst()).policy());
  }

  /** Head, then one line a rule: {@code > } to the endpoint, {@code < } from it. */
  static String of(Policy policy) {
    List<String> lines = new ArrayList<>();
    lines.add(
        policy.id()
            + " "
            + policy.tier()
            + " "
            + policy.order()
            + " "
            + policy.directions().stream().sorted().toList()
            + (policy.stage() == Policy.Stage.NORMAL ? "" : " " + policy.stage())
            + (policy.onForward() ? " forward" : "")
            + (policy.staged() ? " staged" : ""));
    lines.add(policy.selector().toString());
    policy.rules(Direction.INGRESS).forEach(rule -> lines.add("> " + of(rule)));
    policy.rules(Direction.EGRESS).forEach(rule -> lines.add("< " + of(rule)));
    return String.join("\n", lines) + "\n";
  }

  static String of(Rule rule) {
    StringBuilder text = new StringBuilder(rule.action().toString());
    rule.family().ifPresent(family -> text.append(' ').append(family));
    rule.protocol().ifPresent(protocol -> text.append(" proto ").append(protocol));
    rule.notProtocol().ifPresent(protocol -> text.append(" !proto ").append(protocol));
    rule.icmp().ifPresent(icmp -> text.append(" icmp ").append(of(icmp)));
    rule.notIcmp().ifPresent(icmp -> text.append(" !icmp ").append(of(icmp)));
    peer(" from", rule.source()).ifPresent(text::append);
    peer(" to", rule.destination()).ifPresent(text::append);
    return text.toString();
  }

  private static String of(IcmpMatch icmp) {
    return icmp.type().getAsInt() + (icmp.code().isPresent() ? "/" + icmp.code().getAsInt() : "");
  }

  private static Optional<String> peer(String end, Peer peer) {
    if (peer.equals(Peer.ANY)) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder(end);
    list(text, " net ", peer.nets());
    list(text, " !net ", peer.notNets());
    peer.selector().ifPresent(selector -> text.append(' ').append(selector));
    peer.notSelector().ifPresent(selector -> text.append(" !").append(selector));
    list(text, " port ", peer.ports());
    list(text, " port ", peer.namedPorts());
    list(text, " !port ", peer.notPorts());
    list(text, " !port ", peer.notNamedPorts());
    peer.service()
        .ifPresent(
            service ->
                text.append(" service ")
                    .append(service.namespace())
                    .append('/')
                    .append(service.name()));
    return Optional.of(text.toString());
  }

  private static void list(StringBuilder text, String name, List<?> items) {
    if (!items.isEmpty()) {
      text.append(name)
          .append(items.stream().map(Object::toString).collect(Collectors.joining(",")));
    }
  }
}
