package dev.manul.policy.explanation;

import dev.manul.policy.calculation.ActivePolicy;
import dev.manul.policy.calculation.ActiveProfile;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.meaning.PolicyId;
import java.util.Optional;
import java.util.Set;

/** What plans refer to. */
public interface Known {

  /** A policy in use. */
  Optional<ActivePolicy> policy(PolicyId id);

  /** A profile in use. */
  Optional<ActiveProfile> profile(String name);

  /** The members of a set in use. */
  Set<Member> members(SetId id);
}
