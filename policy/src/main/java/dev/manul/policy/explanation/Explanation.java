package dev.manul.policy.explanation;

import dev.manul.policy.calculation.ActiveRule;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.calculation.EndpointPlan.TierPlan;
import dev.manul.policy.explanation.Step.Match;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of a packet at one endpoint in one direction.
 *
 * @param steps what was asked, in order; the last one decided
 */
public record Explanation(Direction direction, Verdict verdict, List<Step> steps) {

  public Explanation {
    steps = List.copyOf(steps);
  }

  /** What decided. */
  public Step decider() {
    return steps.getLast();
  }

  /** Works out what becomes of a packet. */
  public static Explanation of(
      EndpointPlan plan, Passage passage, Direction direction, Flow flow, Known known) {
    return new Asking(direction, new RuleMatching(known, flow), known).ask(plan, passage);
  }

  private static List<TierPlan> tiers(EndpointPlan plan, Passage passage, boolean in) {
    return switch (passage) {
      case NORMAL -> in ? plan.ingress() : plan.egress();
      case FORWARD -> in ? plan.forwardIngress() : plan.forwardEgress();
      case UNTRACKED -> in ? plan.untrackedIngress() : plan.untrackedEgress();
      case PRE_DNAT -> in ? plan.preDnatIngress() : List.of();
    };
  }

  /** One packet on its way. */
  private static final class Asking {
    private final Direction direction;
    private final RuleMatching matching;
    private final Known known;
    private final List<Step> steps = new ArrayList<>();

    Asking(Direction direction, RuleMatching matching, Known known) {
      this.direction = direction;
      this.matching = matching;
      this.known = known;
    }

    Explanation ask(EndpointPlan plan, Passage passage) {
      boolean early = passage == Passage.UNTRACKED || passage == Passage.PRE_DNAT;
      boolean asked = false;
      for (TierPlan tier : tiers(plan, passage, direction == Direction.INGRESS)) {
        boolean enforced = false;
        Optional<Action> action = Optional.empty();
        for (PolicyId id : tier.policies()) {
          Step.OfPolicy step = policy(tier.name(), id);
          steps.add(step);
          if (!step.staged()) {
            enforced = true;
            action = step.match().map(Match::action);
          }
          if (action.isPresent()) {
            break;
          }
        }
        asked |= enforced;
        if (action.isEmpty() && enforced && !early) {
          action = Optional.of(tier.defaultAction());
          steps.add(new Step.EndOfTier(tier.name(), tier.defaultAction()));
        }
        if (decides(action)) {
          return decided(action);
        }
      }
      return passage == Passage.NORMAL
          ? profiles(plan.profiles())
          : nothing(passage == Passage.FORWARD && !asked ? Verdict.ALLOW : Verdict.UNDECIDED);
    }

    private Explanation profiles(List<String> names) {
      for (String name : names) {
        List<Integer> logged = new ArrayList<>();
        Optional<Match> match =
            known
                .profile(name)
                .flatMap(
                    profile ->
                        first(
                            direction == Direction.INGRESS ? profile.ingress() : profile.egress(),
                            logged));
        steps.add(new Step.OfProfile(name, logged, match));
        Optional<Action> action = match.map(Match::action);
        if (decides(action)) {
          return decided(action);
        }
      }
      return nothing(Verdict.DENY);
    }

    private Step.OfPolicy policy(String tier, PolicyId id) {
      var policy = known.policy(id).orElseThrow();
      List<Integer> logged = new ArrayList<>();
      Optional<Match> match =
          first(direction == Direction.INGRESS ? policy.ingress() : policy.egress(), logged);
      return new Step.OfPolicy(tier, id, policy.policy().staged(), logged, match);
    }

    private Optional<Match> first(List<ActiveRule> rules, List<Integer> logged) {
      for (int i = 0; i < rules.size(); i++) {
        if (matching.matches(rules.get(i))) {
          Action action = rules.get(i).rule().action();
          if (action != Action.LOG) {
            return Optional.of(new Match(i, action));
          }
          logged.add(i);
        }
      }
      return Optional.empty();
    }

    private static boolean decides(Optional<Action> action) {
      return action.isPresent() && action.get() != Action.PASS;
    }

    private Explanation decided(Optional<Action> action) {
      boolean allowed = action.orElseThrow() == Action.ALLOW;
      return new Explanation(direction, allowed ? Verdict.ALLOW : Verdict.DENY, steps);
    }

    private Explanation nothing(Verdict verdict) {
      steps.add(new Step.Nothing(verdict));
      return new Explanation(direction, verdict, steps);
    }
  }
}
