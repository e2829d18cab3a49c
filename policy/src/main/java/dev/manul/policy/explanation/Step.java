package dev.manul.policy.explanation;

import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.PolicyId;
import java.util.List;
import java.util.Optional;

/** Something that was asked about a packet, and what came of it. */
public sealed interface Step {

  /**
   * A rule that matched.
   *
   * @param index 0 for the first of its direction
   */
  record Match(int index, Action action) {}

  /**
   * A policy was asked.
   *
   * @param staged if so, this is what would have been, and the next is asked whatever it was
   * @param logged the rules before the match that wrote to the kernel's log
   */
  record OfPolicy(
      String tier, PolicyId policy, boolean staged, List<Integer> logged, Optional<Match> match)
      implements Step {
    public OfPolicy {
      logged = List.copyOf(logged);
    }
  }

  /**
   * No policy of a tier decided, and at least one that is not staged was asked.
   *
   * @param action DENY or PASS
   */
  record EndOfTier(String tier, Action action) implements Step {}

  /** A profile was asked. */
  record OfProfile(String profile, List<Integer> logged, Optional<Match> match) implements Step {
    public OfProfile {
      logged = List.copyOf(logged);
    }
  }

  /** Nothing was left to ask: what is then done with packets. */
  record Nothing(Verdict verdict) implements Step {}
}
