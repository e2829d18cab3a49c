package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPPool;
import dev.manul.model.Prefix;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolSelectionTest {
  private static final AutoAssignRequest REQUEST = AutoAssignRequest.of("n1", IntendedUse.WORKLOAD);

  private static IPPool change(
      IPPool pool,
      boolean disabled,
      String nodes,
      String namespaces,
      List<String> uses,
      String mode) {
    IPPool.Spec spec = pool.spec();
    return pool.withSpec(
        new IPPool.Spec(
            spec.cidr(),
            spec.ipipMode(),
            spec.vxlanMode(),
            false,
            disabled,
            false,
            spec.blockSize(),
            nodes,
            namespaces,
            uses,
            mode));
  }

  private final IPPool plain = Fixtures.pool("plain", "10.1.0.0/16", 26);
  private final IPPool disabled =
      change(Fixtures.pool("disabled", "10.2.0.0/16", 26), true, null, null, null, null);
  private final IPPool rack =
      change(Fixtures.pool("a-rack", "10.3.0.0/16", 26), false, "rack == 'r1'", null, null, null);
  private final IPPool team =
      change(Fixtures.pool("team", "10.4.0.0/16", 26), false, null, "team == 'a'", null, null);
  private final IPPool tunnel =
      change(
          Fixtures.pool("tunnel", "10.5.0.0/16", 26), false, null, null, List.of("Tunnel"), null);
  private final IPPool manual =
      change(Fixtures.pool("manual", "10.6.0.0/16", 26), false, null, null, null, "Manual");
  private final IPPool six = Fixtures.pool("six", "fd00::/64", 122);
  private final List<IPPool> all = List.of(plain, disabled, rack, team, tunnel, manual, six);

  private List<String> chosen(AutoAssignRequest request, Map<String, String> labels) {
    return PoolSelection.forRequest(all, AddressFamily.IPV4, request, () -> labels).stream()
        .map(pool -> pool.metadata().name())
        .toList();
  }

  @Test
  void poolsAreChosenBySelectorsAndTriedByName() {
    assertThat(chosen(REQUEST, Map.of())).containsExactly("plain");
    assertThat(chosen(REQUEST, Map.of("rack", "r1"))).containsExactly("a-rack", "plain");
    assertThat(chosen(REQUEST.withNamespaceLabels(Map.of("team", "a")), Map.of()))
        .containsExactly("plain", "team");
    assertThat(chosen(AutoAssignRequest.of("n1", IntendedUse.TUNNEL), Map.of()))
        .containsExactly("plain", "tunnel");
  }

  @Test
  void namedPoolsAreUsedWhateverTheirSelectorsSay() {
    assertThat(chosen(REQUEST.withPools(List.of("manual", "a-rack")), Map.of()))
        .containsExactly("a-rack", "manual");
    assertThat(chosen(REQUEST.withPools(List.of("10.4.0.0/16")), Map.of())).containsExactly("team");
    // A pool of the other family says nothing about this one.
    assertThat(chosen(REQUEST.withPools(List.of("six")), Map.of())).containsExactly("plain");
  }

  @Test
  void whatCannotBeUsedIsToldWhy() {
    assertThatThrownBy(() -> chosen(REQUEST.withPools(List.of("disabled")), Map.of()))
        .hasMessage("the pool disabled is disabled: set spec.disabled to false to take from it");
    assertThatThrownBy(() -> chosen(REQUEST.withPools(List.of("none")), Map.of()))
        .hasMessage(
            "there is no pool none; there are "
                + "[a-rack, disabled, manual, plain, six, team, tunnel]");
    assertThatThrownBy(() -> chosen(REQUEST.withPools(List.of("tunnel")), Map.of()))
        .hasMessage(
            "no qualified pool for node n1: "
                + "none of [tunnel] has Workload among its allowedUses");
    assertThatThrownBy(
            () ->
                PoolSelection.forRequest(
                    List.of(rack), AddressFamily.IPV4, REQUEST, () -> Map.of("rack", "r2")))
        .hasMessage("no configured pools for node n1: no enabled IPv4 pool selects it");
  }

  @Test
  void reservationsMerge() {
    Reservations reservations =
        Reservations.of(
            List.of(
                Fixtures.reservation("a", "10.0.0.0/27", "10.0.0.8/29", "fd00::/64"),
                Fixtures.reservation("b", "10.0.0.32/27", "10.0.1.5/32")));
    assertThat(reservations.cover(Prefix.parse("10.0.0.0/26"))).isTrue();
    assertThat(reservations.cover(Prefix.parse("10.0.1.0/26"))).isFalse();
    assertThat(reservations.countIn(Prefix.parse("10.0.0.0/16"))).isEqualTo(65);
    assertThat(reservations.countIn(Prefix.parse("10.0.0.4/30"))).isEqualTo(4);
    assertThat(reservations.countIn(Prefix.parse("fd00::/63")))
        .isEqualTo(BigInteger.ONE.shiftLeft(64));
    assertThat(reservations.within(Prefix.parse("10.0.1.0/26")).test(Address.parse("10.0.1.5")))
        .isTrue();
    assertThat(reservations.within(Prefix.parse("10.0.1.0/26")).test(Address.parse("10.0.1.6")))
        .isFalse();
  }
}
