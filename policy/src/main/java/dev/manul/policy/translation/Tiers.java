package dev.manul.policy.translation;

import dev.manul.model.PolicyRules;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Tier;
import java.util.List;
import java.util.Optional;

/** Tiers, of which some are always there. */
final class Tiers {
  private Tiers() {}

  /** The tiers that are there whatever is stored. */
  static List<Tier> builtIn() {
    return PolicyRules.builtInTiers().keySet().stream()
        .sorted()
        .map(name -> builtIn(name).orElseThrow())
        .toList();
  }

  private static Optional<Tier> builtIn(String name) {
    return Optional.ofNullable(PolicyRules.builtInTiers().get(name))
        .map(
            spec ->
                new Tier(
                    name,
                    spec.order().orElseThrow(),
                    spec.defaultAction().orElseThrow().equals("Pass") ? Action.PASS : Action.DENY));
  }

  static Translated of(dev.manul.model.Tier tier) {
    String name = tier.metadata().name();
    Optional<Tier> builtIn = builtIn(name);
    if (builtIn.isPresent()) {
      return Translated.of(new Fact.TierIs(builtIn.get()));
    }
    Problems problems = new Problems(tier);
    double order = tier.spec().order().orElse(Double.POSITIVE_INFINITY);
    String action = tier.spec().defaultAction().orElse("Deny");
    if (!action.equals("Deny") && !action.equals("Pass")) {
      problems.add(
          "spec.defaultAction", "got \"" + action + "\", allowed are Deny and Pass; it denies");
    }
    Tier made =
        new Tier(
            name,
            Double.isNaN(order) ? Double.POSITIVE_INFINITY : order,
            action.equals("Pass") ? Action.PASS : Action.DENY);
    return new Translated(List.of(new Fact.TierIs(made)), problems.lines());
  }

  static Fact gone(String name) {
    Optional<Tier> builtIn = builtIn(name);
    return builtIn.isPresent() ? new Fact.TierIs(builtIn.get()) : new Fact.TierGone(name);
  }
}
