package dev.manul.policy.kernel;

import java.util.List;

/**
 * A chain of ours and all that is in it.
 *
 * @param name begins with {@link #PREFIX}; at most 28 characters, the kernel's limit
 */
public record Chain(String name, List<RuleText> rules) {

  /** What begins the name of every chain of ours. */
  public static final String PREFIX = "manul-";

  private static final int LONGEST_NAME = 28;

  public Chain {
    if (!name.startsWith(PREFIX) || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "chain \"%s\": a name begins with %s and has at most %d characters"
              .formatted(name, PREFIX, LONGEST_NAME));
    }
    rules = List.copyOf(rules);
  }
}
