package dev.manul.policy.rendering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.policy.calculation.PolicyCalculation;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.Tier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A family has rules about those pods only that have an address of it, or may come to have one. */
class FamiliesTest {

  private static final AddressFamily FOUR = AddressFamily.IPV4;
  private static final AddressFamily SIX = AddressFamily.IPV6;
  private static final String POD = ChainNames.pod("cali1", Direction.INGRESS);
  private static final Selector FRIENDS = Selector.parse("role == 'friend'");
  private static final SetId SET = new SetId.Selected(FRIENDS);
  private static final PolicyId ID = new PolicyId(PolicyId.Type.NETWORK_POLICY, "shop", "web");
  private static final String CHAIN = ChainNames.policy(ID, Direction.INGRESS);
  private static final String PROFILE = ChainNames.profile("kns.shop", Direction.INGRESS);

  private final PolicyCalculation calculation = new PolicyCalculation();
  private final Rendering rendering = new Rendering(PolicyOptions.DEFAULT);

  private Touched tell(Fact... facts) {
    return rendering.apply(calculation.apply(List.of(facts)));
  }

  private static Fact[] node(Fact endpoint) {
    Peer friends =
        new Peer(
            List.of(),
            List.of(),
            Optional.of(FRIENDS),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty());
    Rule rule =
        new Rule(
            Action.ALLOW,
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            friends,
            Peer.ANY);
    Policy policy =
        new Policy(
            ID,
            Tier.DEFAULT,
            1,
            Selector.ALL,
            Set.of(Direction.INGRESS),
            List.of(rule),
            List.of(),
            Policy.Stage.NORMAL,
            false,
            false);
    return new Fact[] {
      new Fact.TierIs(new Tier(Tier.DEFAULT, 1, Action.DENY)),
      new Fact.ProfileIs(new Profile("kns.shop", List.of(), List.of(), Map.of())),
      new Fact.PolicyIs(policy),
      endpoint
    };
  }

  private static Fact endpoint(EndpointId id, String device, String... addresses) {
    return new Fact.EndpointIs(
        new Endpoint(
            id,
            Map.of("app", "web"),
            List.of("kns.shop"),
            Arrays.stream(addresses).map(Prefix::parse).collect(Collectors.toSet()),
            List.of(),
            Optional.of(new Endpoint.Local(device, Set.of()))));
  }

  private static Fact pod(String... addresses) {
    return endpoint(new EndpointId.Workload("shop", "web"), "cali1", addresses);
  }

  private void assertKnown(AddressFamily family, boolean known) {
    for (String chain : List.of(POD, CHAIN, PROFILE)) {
      assertThat(rendering.chain(family, TableName.FILTER, chain).isPresent())
          .as("%s %s", family, chain)
          .isEqualTo(known);
      assertThat(rendering.chains(family, TableName.FILTER).contains(chain)).isEqualTo(known);
    }
    assertThat(rendering.needs(family, SET)).as("set of %s", family).isEqualTo(known);
    assertThat(rendering.chain(family, TableName.FILTER, ChainNames.TO_PODS).orElseThrow())
        .hasSize(known ? 2 : 1)
        .last()
        .hasToString("RuleText[text=-j DROP]");
  }

  @Test
  void aPodOfOneFamilyIsUnknownInTheOther() {
    Touched touched = tell(node(pod("10.65.0.1/32")));

    assertKnown(FOUR, true);
    assertKnown(SIX, false);
    assertThat(touched.chains().get(FOUR).get(TableName.FILTER)).contains(POD, CHAIN, PROFILE);
    assertThat(touched.chains().get(SIX).getOrDefault(TableName.FILTER, Set.of()))
        .doesNotContain(POD, CHAIN, PROFILE);
    assertThat(touched.sets()).containsEntry(FOUR, Set.of(SET)).containsEntry(SIX, Set.of());
  }

  @Test
  void anotherAddressMakesItKnownThere() {
    var _ = tell(node(pod("10.65.0.1/32")));

    Touched more = tell(pod("10.65.0.1/32", "fd00:65::1/128"));

    assertKnown(FOUR, true);
    assertKnown(SIX, true);
    assertThat(more.chains().get(SIX).get(TableName.FILTER))
        .contains(POD, CHAIN, PROFILE, ChainNames.TO_PODS, ChainNames.FROM_PODS);
    assertThat(more.chains().get(FOUR).get(TableName.FILTER))
        .doesNotContain(CHAIN, PROFILE, ChainNames.TO_PODS);
    assertThat(more.sets()).containsEntry(FOUR, Set.of()).containsEntry(SIX, Set.of(SET));

    Touched less = tell(pod("fd00:65::1/128"));

    assertKnown(FOUR, false);
    assertKnown(SIX, true);
    assertThat(less.chains().get(FOUR).get(TableName.FILTER)).contains(POD, CHAIN, PROFILE);
    assertThat(less.sets()).containsEntry(FOUR, Set.of(SET)).containsEntry(SIX, Set.of());
  }

  @Test
  void aPodWithoutAnAddressIsKnownWhereItMayGetOne() {
    var _ = tell(node(pod()));
    assertKnown(FOUR, true);
    assertKnown(SIX, true);

    Touched touched = rendering.expect(Set.of(FOUR));

    assertKnown(FOUR, true);
    assertKnown(SIX, false);
    assertThat(touched.chains().get(SIX).get(TableName.FILTER))
        .contains(POD, CHAIN, PROFILE, ChainNames.TO_PODS);
    assertThat(tell(pod("10.65.0.1/32")).chains().get(SIX)).isEmpty();

    var _ = tell(pod());
    var _ = rendering.expect(Set.of(FOUR, SIX));
    assertKnown(SIX, true);
  }

  @Test
  void aHostIsKnownInBoth() {
    var _ = tell(node(endpoint(new EndpointId.Host("node"), "eth0", "192.0.2.1/32")));

    for (AddressFamily family : AddressFamily.values()) {
      assertThat(rendering.chain(family, TableName.FILTER, CHAIN)).isPresent();
      assertThat(rendering.needs(family, SET)).isTrue();
    }
    var _ = tell(new Fact.EndpointGone(new EndpointId.Host("node")));
    assertThat(rendering.needs(FOUR, SET)).isFalse();
    assertThat(rendering.chain(FOUR, TableName.FILTER, CHAIN)).isEmpty();
  }
}
