package dev.manul.bgp.filter;

import dev.manul.bgp.filter.RouteFilter.Outcome;
import dev.manul.bgp.filter.Rule.Action;
import dev.manul.bgp.wire.PathAttributes;
import java.util.List;

/**
 * A filter at work on many routes, most of which come in runs with the very same attributes: what
 * each rule last made of which attributes is remembered. Not thread-safe.
 */
public final class FilterRun {
  private final RouteFilter filter;
  private final PathAttributes[] given;
  private final PathAttributes[] changed;

  public FilterRun(RouteFilter filter) {
    this.filter = filter;
    this.given = new PathAttributes[filter.rules().size()];
    this.changed = new PathAttributes[filter.rules().size()];
  }

  public RouteFilter filter() {
    return filter;
  }

  /** Asks the rules. */
  public Outcome apply(Candidate route) {
    List<Rule> rules = filter.rules();
    Candidate now = route;
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      if (rule.match().matches(now)) {
        if (rule.action() == Action.REJECT) {
          return new Outcome(false, now.attributes(), rule.name());
        }
        if (!rule.operations().isEmpty()) {
          now = now.withAttributes(operate(i, rule, now.attributes()));
        }
        if (rule.action() == Action.ACCEPT) {
          return new Outcome(true, now.attributes(), rule.name());
        }
      }
    }
    return new Outcome(filter.otherwise() == Action.ACCEPT, now.attributes(), "");
  }

  @SuppressWarnings("ReferenceEquality") // only a shortcut: equal ones are worked out again
  private PathAttributes operate(int index, Rule rule, PathAttributes attributes) {
    if (given[index] != attributes) {
      PathAttributes result = attributes;
      for (Operation operation : rule.operations()) {
        result = operation.apply(result);
      }
      given[index] = attributes;
      changed[index] = result;
    }
    return changed[index];
  }
}
