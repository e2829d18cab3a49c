package dev.manul.policy.explanation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.policy.calculation.ActivePolicy;
import dev.manul.policy.calculation.ActiveProfile;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.PolicyCalculation;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.explanation.Step.Match;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.PortRange;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.Tier;
import dev.manul.policy.rendering.PolicyOptions;
import dev.manul.policy.rendering.RenderedRule;
import dev.manul.policy.rendering.Rendering;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** That the verdicts are right, the oracle's tests say; here is how they are explained. */
class ExplanationTest {

  private static final EndpointId WEB = new EndpointId.Workload("shop", "web");
  private static final Rule ALLOW = Rule.every(Action.ALLOW);
  private static final Rule LOG = Rule.every(Action.LOG);

  private final PolicyCalculation calculation = new PolicyCalculation();
  private final Rendering rendering = new Rendering(PolicyOptions.DEFAULT);
  private final List<Fact> facts = new ArrayList<>();

  private Explanation explain(int port) {
    facts.add(new Fact.TierIs(new Tier("first", 1, Action.PASS)));
    facts.add(new Fact.TierIs(new Tier(Tier.DEFAULT, 2, Action.DENY)));
    facts.add(
        new Fact.ProfileIs(new Profile("kns.shop", List.of(LOG, ALLOW), List.of(ALLOW), Map.of())));
    facts.add(
        new Fact.EndpointIs(
            new Endpoint(
                WEB,
                Map.of("app", "web"),
                List.of("kns.shop"),
                Set.of(Prefix.parse("10.65.0.1/32"), Prefix.parse("fd00:65::1/128")),
                List.of(),
                Optional.of(new Endpoint.Local("cali1", Set.of())))));
    rendering.apply(calculation.apply(facts));
    var flow =
        new Flow(
            Address.parse("10.65.0.2"), Address.parse("10.65.0.1"), Flow.TCP, 40_000, port, 0, 0);
    return Explanation.of(
        calculation.plan(WEB).orElseThrow(),
        Passage.NORMAL,
        Direction.INGRESS,
        flow,
        new Calculated(calculation));
  }

  private record Calculated(PolicyCalculation calculation) implements Known {
    @Override
    public Optional<ActivePolicy> policy(PolicyId id) {
      return calculation.policy(id);
    }

    @Override
    public Optional<ActiveProfile> profile(String name) {
      return calculation.profile(name);
    }

    @Override
    public Set<Member> members(SetId id) {
      return calculation.members(id);
    }
  }

  private PolicyId policy(String name, String tier, boolean staged, Rule... ingress) {
    var id =
        new PolicyId(
            staged ? PolicyId.Type.STAGED_NETWORK_POLICY : PolicyId.Type.NETWORK_POLICY,
            "shop",
            name);
    facts.add(
        new Fact.PolicyIs(
            new Policy(
                id,
                tier,
                1,
                Selector.parse("app == 'web'"),
                Set.of(Direction.INGRESS),
                List.of(ingress),
                List.of(),
                Policy.Stage.NORMAL,
                false,
                staged)));
    return id;
  }

  private static Rule ports(Action action, PortRange... ports) {
    Peer destination =
        new Peer(
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(ports),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty());
    return new Rule(
        action,
        Optional.empty(),
        OptionalInt.of(Flow.TCP),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Peer.ANY,
        destination);
  }

  @Test
  void everyPolicyOnTheWayIsAStep() {
    PolicyId staged = policy("a", "first", true, LOG, Rule.every(Action.DENY));
    PolicyId passes = policy("b", "first", false, ports(Action.PASS, PortRange.of(80)));
    PolicyId allows =
        policy(
            "c",
            Tier.DEFAULT,
            false,
            ports(Action.DENY, PortRange.of(81)),
            LOG,
            ports(Action.ALLOW, PortRange.of(80)));

    Explanation explanation = explain(80);

    assertThat(explanation.verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(explanation.steps())
        .containsExactly(
            new Step.OfPolicy(
                "first", staged, true, List.of(0), Optional.of(new Match(1, Action.DENY))),
            new Step.OfPolicy(
                "first", passes, false, List.of(), Optional.of(new Match(0, Action.PASS))),
            new Step.OfPolicy(
                Tier.DEFAULT, allows, false, List.of(1), Optional.of(new Match(2, Action.ALLOW))));
  }

  @Test
  void theEndOfATierDecidesWhenAPolicyIsAboutThePod() {
    PolicyId none = policy("c", Tier.DEFAULT, false, ports(Action.ALLOW, PortRange.of(80)));

    Explanation explanation = explain(443);

    assertThat(explanation.verdict()).isEqualTo(Verdict.DENY);
    assertThat(explanation.steps())
        .containsExactly(
            new Step.OfPolicy(Tier.DEFAULT, none, false, List.of(), Optional.empty()),
            new Step.EndOfTier(Tier.DEFAULT, Action.DENY));
  }

  @Test
  void aStagedPolicyAloneLeavesItToTheProfile() {
    PolicyId staged = policy("a", Tier.DEFAULT, true, ports(Action.ALLOW, PortRange.of(80)));

    Explanation explanation = explain(443);

    assertThat(explanation.verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(explanation.steps())
        .containsExactly(
            new Step.OfPolicy(Tier.DEFAULT, staged, true, List.of(), Optional.empty()),
            new Step.OfProfile("kns.shop", List.of(0), Optional.of(new Match(1, Action.ALLOW))));
  }

  @Test
  void aRuleIsFoundByTheLinesThatItBecame() {
    PortRange[] many = new PortRange[20];
    for (int i = 0; i < many.length; i++) {
      many[i] = PortRange.of(100 + 2 * i);
    }
    PolicyId id =
        policy("c", Tier.DEFAULT, false, ports(Action.ALLOW, many), ports(Action.DENY, many));
    var _ = explain(80);

    for (AddressFamily family : AddressFamily.values()) {
      RenderedRule first = rendering.rendered(id, Direction.INGRESS, family, 0).orElseThrow();
      RenderedRule second = rendering.rendered(id, Direction.INGRESS, family, 1).orElseThrow();
      assertThat(first.lines()).hasSizeGreaterThan(1);
      assertThat(second.first()).isEqualTo(1 + first.lines().size());
      var all = new ArrayList<>(first.lines());
      all.addAll(second.lines());
      assertThat(rendering.chain(family, first.table(), first.chain())).contains(all);
      assertThat(rendering.rendered(id, Direction.INGRESS, family, 2)).isEmpty();
    }
  }

  @Test
  void whatIsNoPacketIsRefused() {
    Address four = Address.parse("10.0.0.1");
    Address six = Address.parse("fd00::1");
    assertThatThrownBy(() -> new Flow(four, six, Flow.TCP, 0, 0, 0, 0))
        .hasMessage("source 10.0.0.1 and destination fd00::1 are of two address families");
    assertThatThrownBy(() -> new Flow(six, six, Flow.ICMP, 0, 0, 8, 0))
        .hasMessage("protocol ICMP: IPv6 has ICMPv6");
    assertThatThrownBy(() -> new Flow(four, four, Flow.TCP, 0, 65_536, 0, 0))
        .hasMessage("port: 65536 is not within 0 to 65535");
  }
}
