package dev.manul.policy.calculation;

import dev.manul.model.Selector;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Says for what a rule asks by selectors, names and services which sets stand for it. */
final class RuleSets {

  /** Ports by name are of TCP unless the rule says otherwise; they stand with a protocol anyway. */
  private static final int TCP = 6;

  private final UnaryOperator<SetId> used;

  /**
   * Hands on each set that a rule uses.
   *
   * @param used gives back the set, or its equal that is known already
   */
  RuleSets(UnaryOperator<SetId> used) {
    this.used = used;
  }

  List<ActiveRule> of(List<Rule> rules) {
    List<ActiveRule> active = new ArrayList<>(rules.size());
    for (Rule rule : rules) {
      active.add(
          new ActiveRule(
              rule, sets(rule, rule.source(), false), sets(rule, rule.destination(), true)));
    }
    return active;
  }

  private ActiveRule.Sets sets(Rule rule, Peer peer, boolean destination) {
    if (peer.selector().isEmpty()
        && peer.notSelector().isEmpty()
        && peer.namedPorts().isEmpty()
        && peer.notNamedPorts().isEmpty()
        && peer.service().isEmpty()) {
      return ActiveRule.Sets.NONE;
    }
    List<SetId> in = new ArrayList<>(2);
    // Who is in a set of named ports is selected already; a numbered port says nothing of that.
    if (peer.selector().isPresent() && (peer.namedPorts().isEmpty() || !peer.ports().isEmpty())) {
      in.add(used.apply(new SetId.Selected(peer.selector().get())));
    }
    if (peer.service().isPresent()) {
      in.add(
          used.apply(
              destination
                  ? new SetId.ServicePorts(peer.service().get())
                  : new SetId.Service(peer.service().get())));
    }
    List<SetId> notIn =
        peer.notSelector().stream().map(s -> used.apply(new SetId.Selected(s))).toList();
    return new ActiveRule.Sets(
        in, notIn, named(rule, peer, peer.namedPorts()), named(rule, peer, peer.notNamedPorts()));
  }

  private List<SetId> named(Rule rule, Peer peer, List<String> names) {
    Selector selector = peer.selector().orElse(Selector.ALL);
    int protocol = rule.protocol().orElse(TCP);
    return names.stream()
        .distinct()
        .map(name -> used.apply(new SetId.Named(selector, protocol, name)))
        .toList();
  }
}
