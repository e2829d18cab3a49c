package dev.manul.policy;

import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.ActivePolicy;
import dev.manul.policy.calculation.ActiveProfile;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.explanation.Explanation;
import dev.manul.policy.explanation.Known;
import dev.manul.policy.explanation.Passage;
import dev.manul.policy.explanation.Step;
import dev.manul.policy.kernel.DesiredRules;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.rendering.ChainNames;
import dev.manul.policy.rendering.PolicyOptions;
import dev.manul.policy.rendering.RenderedRule;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What {@link NetworkPolicies} knows, for who asks; of use only while the question is answered. */
public final class PolicyView implements Known {

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

  /** What is needed to read counters. */
  Counting.Counted counted() {
    return new Counting.Counted(policies(), plans(), options());
  }

  /** A policy in use. */
  @Override
  public Optional<ActivePolicy> policy(PolicyId id) {
    return keeper.calculation().policy(id);
  }

  /** A profile in use. */
  @Override
  public Optional<ActiveProfile> profile(String name) {
    return keeper.calculation().profile(name);
  }

  /** The members of a set in use. */
  @Override
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

  /** What is asked about the packets of each endpoint of this node, in a steady order. */
  public List<EndpointPlan> plans() {
    return keeper.endpoints().stream()
        .sorted(Comparator.comparing(EndpointId::toString))
        .flatMap(id -> plan(id).stream())
        .toList();
  }

  /** How policy becomes rules here. */
  public PolicyOptions options() {
    return keeper.options().rules();
  }

  /** The chain of an endpoint's own, in which its policies are asked. */
  public static String chainOf(EndpointPlan plan, Direction direction) {
    String device = plan.endpoint().local().orElseThrow().device();
    return plan.endpoint().id() instanceof EndpointId.Host
        ? ChainNames.host(device, direction)
        : ChainNames.pod(device, direction);
  }

  /**
   * The lines of the packet filter that do what an explanation says; empty when they are not known.
   * The explanation must be of {@link Passage#NORMAL}.
   */
  public Optional<RenderedRule> lines(
      EndpointPlan plan, Explanation explanation, AddressFamily family) {
    Direction direction = explanation.direction();
    return switch (explanation.decider()) {
      case Step.OfPolicy step ->
          keeper
              .rendering()
              .rendered(step.policy(), direction, family, step.match().orElseThrow().index());
      case Step.OfProfile step ->
          keeper
              .rendering()
              .rendered(step.profile(), direction, family, step.match().orElseThrow().index());
      case Step.EndOfTier end -> endOfTier(plan, direction, family, end.tier());
      case Step.Nothing _ ->
          ownChain(plan, direction, family)
              .map(lines -> line(plan, direction, lines, lines.size()));
    };
  }

  private Optional<List<RuleText>> ownChain(
      EndpointPlan plan, Direction direction, AddressFamily family) {
    return chain(family, TableName.FILTER, chainOf(plan, direction));
  }

  /** What denies behind the last policy of a tier. */
  private Optional<RenderedRule> endOfTier(
      EndpointPlan plan, Direction direction, AddressFamily family, String tier) {
    String last =
        (direction == Direction.INGRESS ? plan.ingress() : plan.egress())
            .stream()
                .filter(one -> one.name().equals(tier))
                .map(one -> "-j " + ChainNames.policy(one.policies().getLast(), direction))
                .findFirst()
                .orElseThrow();
    List<RuleText> lines = ownChain(plan, direction, family).orElse(List.of());
    boolean behind = false;
    for (int i = 0; i < lines.size(); i++) {
      String text = lines.get(i).text();
      if (behind && (text.endsWith("-j DROP") || text.endsWith("-j REJECT"))) {
        return Optional.of(line(plan, direction, lines, i + 1));
      }
      behind |= text.endsWith(last);
    }
    return Optional.empty();
  }

  private static RenderedRule line(
      EndpointPlan plan, Direction direction, List<RuleText> lines, int number) {
    return new RenderedRule(
        TableName.FILTER, chainOf(plan, direction), number, List.of(lines.get(number - 1)));
  }
}
