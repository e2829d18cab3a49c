package dev.manul.policy.meaning;

/**
 * A tier: policies that are asked together.
 *
 * @param order lower is asked first, then by name; {@link Double#POSITIVE_INFINITY} when none was
 *     given
 * @param defaultAction DENY or PASS: for packets that a policy of the tier is about and none
 *     decides
 */
public record Tier(String name, double order, Action defaultAction) implements Comparable<Tier> {

  /** The tier of policies that name none. */
  public static final String DEFAULT = "default";

  public Tier {
    if (defaultAction != Action.DENY && defaultAction != Action.PASS) {
      throw new IllegalArgumentException("tier " + name + ": the default action is DENY or PASS");
    }
  }

  @Override
  public int compareTo(Tier other) {
    int byOrder = Double.compare(order, other.order);
    return byOrder != 0 ? byOrder : name.compareTo(other.name);
  }
}
