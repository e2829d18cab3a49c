package dev.manul.policy.translation;

import dev.manul.policy.meaning.Fact;
import java.util.List;

/**
 * What a resource means.
 *
 * @param facts that are so now; none when a resource cannot be read and what was so before stays
 * @param problems one line each, which name the resource, the field and what is allowed
 */
public record Translated(List<Fact> facts, List<String> problems) {

  /** Means nothing. */
  public static final Translated NOTHING = new Translated(List.of(), List.of());

  public Translated {
    facts = List.copyOf(facts);
    problems = List.copyOf(problems);
  }

  static Translated of(Fact... facts) {
    return new Translated(List.of(facts), List.of());
  }
}
