package dev.manul.bgp.filter;

import java.util.List;

/**
 * One rule of a filter.
 *
 * @param name what to call it when somebody asks why a route was let pass or not
 * @param match the routes it applies to
 * @param action what becomes of them
 * @param operations what is changed of them, in order; none with {@link Action#REJECT}
 */
public record Rule(String name, Match match, Action action, List<Operation> operations) {

  /** What becomes of a route that a rule matches. */
  public enum Action {
    /** It passes, and no later rule is asked. */
    ACCEPT,
    /** It does not pass. */
    REJECT,
    /** It is changed, and the next rule is asked. */
    CONTINUE
  }

  public Rule {
    operations = List.copyOf(operations);
    if (action == Action.REJECT && !operations.isEmpty()) {
      throw new IllegalArgumentException(
          "rule " + name + " rejects routes and must not change them");
    }
  }

  /** A rule that changes nothing. */
  public static Rule of(String name, Match match, Action action) {
    return new Rule(name, match, action, List.of());
  }
}
