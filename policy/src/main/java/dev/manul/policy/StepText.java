package dev.manul.policy;

import dev.manul.model.FlowExplanation;
import dev.manul.policy.explanation.Explanation;
import dev.manul.policy.explanation.Flow;
import dev.manul.policy.explanation.Step;
import dev.manul.policy.explanation.Step.Match;
import dev.manul.policy.explanation.Verdict;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Explanations in words. */
final class StepText {

  private StepText() {}

  static String word(Direction direction) {
    return direction.name().toLowerCase(Locale.ROOT);
  }

  static String protocol(int number) {
    return switch (number) {
      case Flow.TCP -> "TCP";
      case Flow.UDP -> "UDP";
      case Flow.SCTP -> "SCTP";
      case Flow.ICMP -> "ICMP";
      case Flow.ICMPV6 -> "ICMPv6";
      default -> Integer.toString(number);
    };
  }

  /** As in {@code NetworkPolicy prod/web}. */
  private static String name(PolicyId id) {
    return id.type().kind()
        + " "
        + (id.namespace().isEmpty() ? "" : id.namespace() + "/")
        + id.name();
  }

  /** What decides. */
  static String decider(Explanation explanation) {
    String direction = word(explanation.direction());
    return switch (explanation.decider()) {
      case Step.OfPolicy step -> rule(step.match(), direction) + name(step.policy());
      case Step.OfProfile step -> rule(step.match(), direction) + "profile " + step.profile();
      case Step.EndOfTier(var tier, _) ->
          "end of tier " + tier + ": its policies are about this endpoint, and no rule matches";
      case Step.Nothing(var verdict) ->
          verdict == Verdict.DENY
              ? "no policy and no profile of this endpoint allows it"
              : "no policy is about it";
    };
  }

  private static String rule(Optional<Match> match, String direction) {
    return "rule " + (match.orElseThrow().index() + 1) + " of " + direction + " of ";
  }

  static FlowExplanation.Step of(Step step, Direction direction) {
    return switch (step) {
      case Step.OfPolicy(var tier, var policy, boolean staged, var logged, var match) ->
          new FlowExplanation.Step(
              tier, name(policy), staged, outcome(match, logged, direction, staged));
      case Step.OfProfile(var profile, var logged, var match) ->
          new FlowExplanation.Step(
              "", "Profile " + profile, false, outcome(match, logged, direction, false));
      case Step.EndOfTier(var tier, var action) ->
          new FlowExplanation.Step(
              tier, "end of tier", false, action == Action.PASS ? "passes on" : "denies");
      case Step.Nothing(var verdict) ->
          new FlowExplanation.Step("", "end", false, verdict == Verdict.DENY ? "denies" : "allows");
    };
  }

  private static String outcome(
      Optional<Match> match, List<Integer> logged, Direction direction, boolean staged) {
    String log =
        logged.isEmpty()
            ? ""
            : "logged by rule "
                + String.join(", ", logged.stream().map(i -> Integer.toString(i + 1)).toList())
                + "; ";
    return log
        + match
            .map(
                one ->
                    "rule %d of %s %s"
                        .formatted(one.index() + 1, word(direction), verb(one.action(), staged)))
            .orElse(staged ? "no rule would match" : "no rule matches");
  }

  private static String verb(Action action, boolean staged) {
    return switch (action) {
      case ALLOW -> staged ? "would allow" : "allows";
      case DENY -> staged ? "would deny" : "denies";
      case PASS -> staged ? "would pass on" : "passes on";
      case LOG -> "logs";
    };
  }
}
