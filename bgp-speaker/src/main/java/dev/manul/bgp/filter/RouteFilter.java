package dev.manul.bgp.filter;

import dev.manul.bgp.filter.Rule.Action;
import dev.manul.bgp.wire.PathAttributes;
import java.util.List;

/**
 * Which routes pass, and how they are changed: rules in order, of which the first that accepts or
 * rejects a route is the last one asked.
 *
 * <p>Import filters see a route as the neighbour announced it; export filters see the best path as
 * it is in the RIB, before next hop, AS path and other attributes are made fit for the neighbour.
 *
 * @param name what to call it when somebody asks why
 * @param rules in the order in which they are asked
 * @param otherwise what becomes of a route that no rule decides about; not {@link Action#CONTINUE}
 */
public record RouteFilter(String name, List<Rule> rules, Action otherwise) {

  /** Lets everything pass unchanged. */
  public static final RouteFilter ACCEPT = new RouteFilter("accept", List.of(), Action.ACCEPT);

  /** Lets nothing pass. */
  public static final RouteFilter REJECT = new RouteFilter("reject", List.of(), Action.REJECT);

  private static final long SUM = Integer.MAX_VALUE;

  public RouteFilter {
    rules = List.copyOf(rules);
    if (otherwise == Action.CONTINUE) {
      throw new IllegalArgumentException("filter " + name + " must end with accept or reject");
    }
  }

  /**
   * What a filter makes of a route.
   *
   * @param accepted whether it passes
   * @param attributes its attributes after all changes; the very object given when there were none
   * @param rule the name of the rule that decided, or "" when none did
   */
  public record Outcome(boolean accepted, PathAttributes attributes, String rule) {}

  /** Asks the rules. */
  public Outcome apply(Candidate route) {
    return new FilterRun(this).apply(route);
  }

  /** Whether it lets everything pass unchanged. */
  public boolean acceptsAll() {
    return rules.isEmpty() && otherwise == Action.ACCEPT;
  }

  /** Whether it lets nothing pass. */
  public boolean rejectsAll() {
    return rules.isEmpty() && otherwise == Action.REJECT;
  }

  /**
   * Whether routes that differ only in prefixes of one family may fare differently, so that each
   * has to be asked about.
   */
  public boolean looksAtPrefix() {
    return rules.stream().anyMatch(rule -> rule.match().looksAtPrefix());
  }

  /** The kernel's priority of a route with this LOCAL_PREF: the two sum up to 2147483647. */
  public static long priority(long localPreference) {
    return SUM - localPreference;
  }

  /** The LOCAL_PREF of a route with this priority in the kernel. */
  public static long localPreference(int priority) {
    return SUM - priority;
  }
}
