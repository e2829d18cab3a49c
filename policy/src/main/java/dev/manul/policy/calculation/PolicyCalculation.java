package dev.manul.policy.calculation;

import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.PolicyId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps what is to be enforced on this node in step with facts. One thread owns it; what it gives
 * out is immutable.
 */
public final class PolicyCalculation {

  /**
   * Takes facts; of several about the same thing the last counts.
   *
   * @return what has become different since the call before
   */
  public Changes apply(Collection<? extends Fact> facts) {
    throw new UnsupportedOperationException("not yet");
  }

  /** What is asked about the packets of an endpoint of this node. */
  public Optional<EndpointPlan> plan(EndpointId id) {
    throw new UnsupportedOperationException("not yet");
  }

  /** A policy in use. */
  public Optional<ActivePolicy> policy(PolicyId id) {
    throw new UnsupportedOperationException("not yet");
  }

  /** A profile in use. */
  public Optional<ActiveProfile> profile(String name) {
    throw new UnsupportedOperationException("not yet");
  }

  /** The members of a set in use, computed now; empty for a set that is not in use. */
  public Set<Member> members(SetId id) {
    throw new UnsupportedOperationException("not yet");
  }

  /** The policies that are not asked because there is no such tier. */
  public List<PolicyId> withoutTier() {
    throw new UnsupportedOperationException("not yet");
  }
}
