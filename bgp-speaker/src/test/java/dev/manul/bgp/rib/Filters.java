package dev.manul.bgp.rib;

import dev.manul.bgp.filter.Match;
import dev.manul.bgp.filter.Operation;
import dev.manul.bgp.filter.PrefixMatch;
import dev.manul.bgp.filter.PrefixMatch.Operator;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.filter.Rule;
import dev.manul.bgp.filter.Rule.Action;
import dev.manul.model.Prefix;
import java.util.List;

/** Filters of one rule for tests. */
final class Filters {
  private Filters() {}

  /** What is within a prefix. */
  static Match in(Prefix prefix) {
    return Match.ANY.withPrefix(PrefixMatch.of(prefix, Operator.IN));
  }

  static Match in(String prefix) {
    return in(Prefix.parse(prefix));
  }

  /** Lets all pass but what matches. */
  static RouteFilter rejecting(Match match) {
    return new RouteFilter("f", List.of(Rule.of("no", match, Action.REJECT)), Action.ACCEPT);
  }

  /** Lets all pass, and changes what matches. */
  static RouteFilter changing(Match match, Operation... operations) {
    Rule rule = new Rule("change", match, Action.ACCEPT, List.of(operations));
    return new RouteFilter("f", List.of(rule), Action.ACCEPT);
  }
}
