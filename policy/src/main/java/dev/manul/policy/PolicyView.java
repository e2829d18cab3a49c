package dev.manul.policy;

import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.ActivePolicy;
import dev.manul.policy.calculation.ActiveProfile;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.kernel.DesiredRules;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.PolicyId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What {@link NetworkPolicies} knows, for who asks; of use only while the question is answered. */
public final class PolicyView {

  private final PolicyKeeper keeper;

  PolicyView(PolicyKeeper keeper) {
    this.keeper = keeper;
  }

  /** What is asked about the packets of an endpoint of this node. */
  public Optional<EndpointPlan> plan(EndpointId id) {
    return keeper.calculation().plan(id);
  }

  /** The policies in use. */
  public Set<PolicyId> policies() {
    return keeper.policies();
  }

  /** A policy in use. */
  public Optional<ActivePolicy> policy(PolicyId id) {
    return keeper.calculation().policy(id);
  }

  /** A profile in use. */
  public Optional<ActiveProfile> profile(String name) {
    return keeper.calculation().profile(name);
  }

  /** The members of a set in use. */
  public Set<Member> members(SetId id) {
    return keeper.calculation().members(id);
  }

  /** The rules of a chain, as they ought to be in the kernel. */
  public Optional<List<RuleText>> chain(AddressFamily family, TableName table, String name) {
    return keeper.rules().chain(family, table, name);
  }

  /** All that there ought to be in the kernel's tables. */
  public DesiredRules rules() {
    return keeper.rules();
  }
}
