package dev.manul.bgp.filter;

import dev.manul.model.Prefix;

/**
 * How a rule looks at a route's prefix.
 *
 * @param cidr what to compare with
 * @param operator how
 * @param minLength the least length that {@link Operator#EQUAL} and {@link Operator#IN} accept; as
 *     lengths below that of {@code cidr} lie outside of it anyway, 0 sets no limit
 * @param maxLength the greatest
 */
public record PrefixMatch(Prefix cidr, Operator operator, int minLength, int maxLength) {

  /** How to compare. */
  public enum Operator {
    /** The prefix is {@code cidr}, and its length is within the limits. */
    EQUAL,
    /** Not {@link #EQUAL}. */
    NOT_EQUAL,
    /** The prefix is {@code cidr} or a part of it, and its length is within the limits. */
    IN,
    /** Not {@link #IN}. */
    NOT_IN
  }

  public PrefixMatch {
    int bits = cidr.family().bits();
    if (minLength < 0 || minLength > maxLength || maxLength > bits) {
      throw new IllegalArgumentException(
          "prefix lengths "
              + minLength
              + " to "
              + maxLength
              + " of "
              + cidr
              + " are not in order and within 0 to "
              + bits);
    }
  }

  /** Without limits to the length. */
  public static PrefixMatch of(Prefix cidr, Operator operator) {
    return new PrefixMatch(cidr, operator, 0, cidr.family().bits());
  }

  /** Whether it holds for a prefix. A prefix of the other family is neither equal nor in. */
  public boolean matches(Prefix prefix) {
    boolean within = prefix.length() >= minLength && prefix.length() <= maxLength;
    return switch (operator) {
      case EQUAL -> within && prefix.equals(cidr);
      case NOT_EQUAL -> !(within && prefix.equals(cidr));
      case IN -> within && contains(prefix);
      case NOT_IN -> !(within && contains(prefix));
    };
  }

  private boolean contains(Prefix prefix) {
    return prefix.family() == cidr.family() && cidr.contains(prefix);
  }
}
