package dev.manul.policy;

import java.util.List;

/**
 * A chain of ours and all that is in it.
 *
 * @param name begins with {@link #PREFIX}; at most 28 characters, the kernel's limit
 */
record Chain(String name, List<Rule> rules) {

  /** What begins the name of every chain of ours. */
  static final String PREFIX = "manul-";

  private static final int LONGEST_NAME = 28;

  Chain {
    if (!name.startsWith(PREFIX) || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "chain \"%s\": a name begins with %s and has at most %d characters"
              .formatted(name, PREFIX, LONGEST_NAME));
    }
    rules = List.copyOf(rules);
  }

  List<String> hashes() {
    return rules.stream().map(rule -> rule.hash(name)).toList();
  }
}
