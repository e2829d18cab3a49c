package dev.manul.bgp.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.session.Handshake.Verdict;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HandshakeTest {
  private static final Ipv4Address OURS = Ipv4Address.parse("10.0.0.1");
  private static final Ipv4Address THEIRS = Ipv4Address.parse("10.0.0.2");

  private static NeighborConfiguration.Builder neighbor() {
    return NeighborConfiguration.builder(Address.parse("10.0.0.2"), 64512);
  }

  private static Open peerOpen() {
    return Handshake.open(neighbor().build(), 64512, THEIRS, "", false, true);
  }

  private static Verdict judge(NeighborConfiguration neighbor, Open theirs) {
    return Handshake.judge(
        neighbor, Handshake.open(neighbor, 64512, OURS, "", false, false), theirs);
  }

  private static Open with(
      Open open, int version, long as, int hold, Ipv4Address id, List<Capability> capabilities) {
    return new Open(
        version, as, hold, id, capabilities == null ? open.capabilities() : capabilities);
  }

  private static void assertRefused(Verdict verdict, int subcode, String reason) {
    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    Verdict.Refused refused = (Verdict.Refused) verdict;
    assertThat(refused.notification().code()).isEqualTo(2);
    assertThat(refused.notification().subcode()).isEqualTo(subcode);
    assertThat(refused.reason()).isEqualTo(reason);
  }

  private static Negotiated accepted(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    return ((Verdict.Accepted) verdict).negotiated();
  }

  @Test
  void refusesWhatSection62Refuses() {
    Open good = peerOpen();
    NeighborConfiguration n = neighbor().build();
    assertRefused(
        judge(n, with(good, 3, 64512, 90, THEIRS, null)), 1, "peer speaks BGP version 3, not 4");
    assertRefused(
        judge(n, with(good, 4, 64513, 90, THEIRS, null)), 2, "peer AS 64513 is not 64512");
    assertRefused(
        judge(n, with(good, 4, 64512, 90, Ipv4Address.UNSPECIFIED, null)),
        3,
        "peer's BGP identifier is 0.0.0.0");
    assertRefused(
        judge(n, with(good, 4, 64512, 90, OURS, null)),
        3,
        "peer's BGP identifier 10.0.0.1 is also ours");
    for (int hold : new int[] {1, 2}) {
      assertRefused(
          judge(n, with(good, 4, 64512, hold, THEIRS, null)),
          6,
          "peer's hold time of " + hold + " s is below 3 s");
    }
    assertRefused(
        judge(
            neighbor().families(Set.of(Family.IPV6_UNICAST)).build(),
            with(good, 4, 64512, 90, THEIRS, List.of())),
        7,
        "peer shares none of the families [ipv6-unicast]");
  }

  @Test
  void theSmallerHoldTimeCountsAndZeroSwitchesItOff() {
    Open good = peerOpen();
    NeighborConfiguration n = neighbor().holdTime(30).build();
    assertThat(accepted(judge(n, with(good, 4, 64512, 90, THEIRS, null))).holdTime()).isEqualTo(30);
    assertThat(accepted(judge(n, with(good, 4, 64512, 3, THEIRS, null))).holdTime()).isEqualTo(3);
    assertThat(accepted(judge(n, with(good, 4, 64512, 0, THEIRS, null))).holdTime()).isZero();
  }

  @Test
  void aPeerWithoutCapabilitiesSpeaksIpv4UnicastWithTwoOctetNumbers() {
    Negotiated agreed =
        accepted(judge(neighbor().build(), with(peerOpen(), 4, 64512, 90, THEIRS, List.of())));
    assertThat(agreed.families()).containsExactly(Family.IPV4_UNICAST);
    assertThat(agreed.fourOctetAs()).isFalse();
    assertThat(agreed.endOfRib()).isFalse();
    assertThat(agreed.keepable()).isEmpty();
  }

  @Test
  void gracefulRestartIsAgreedFamilyByFamily() {
    List<Capability> capabilities = new ArrayList<>();
    capabilities.add(new Capability.Multiprotocol(Family.IPV4_UNICAST));
    capabilities.add(new Capability.Multiprotocol(Family.IPV6_UNICAST));
    capabilities.add(
        new Capability.GracefulRestart(
            true,
            false,
            77,
            List.of(
                new Capability.GracefulFamily(Family.IPV4_UNICAST, true),
                new Capability.GracefulFamily(Family.IPV6_UNICAST, false))));
    Open theirs = with(peerOpen(), 4, 64512, 90, THEIRS, capabilities);
    Negotiated agreed = accepted(judge(neighbor().build(), theirs));
    assertThat(agreed.keepable())
        .containsExactlyInAnyOrder(Family.IPV4_UNICAST, Family.IPV6_UNICAST);
    assertThat(agreed.forwarding()).containsExactly(Family.IPV4_UNICAST);
    assertThat(agreed.restartTime()).isEqualTo(77);
    assertThat(agreed.restarting()).isTrue();

    Negotiated without = accepted(judge(neighbor().noGracefulRestart().build(), theirs));
    assertThat(without.keepable()).isEmpty();
    assertThat(without.endOfRib()).isTrue();
  }

  @Test
  void ourOpenTellsWhatIsConfigured() {
    Open open =
        Handshake.open(neighbor().localAsNumber(4200000000L).build(), 1, OURS, "a", true, true);
    assertThat(open.asNumber()).isEqualTo(4200000000L);
    assertThat(open.capabilities())
        .contains(
            new Capability.FourOctetAs(4200000000L),
            new Capability.Multiprotocol(Family.IPV6_UNICAST),
            new Capability.RouteRefresh(),
            new Capability.GracefulRestart(
                true,
                true,
                120,
                List.of(
                    new Capability.GracefulFamily(Family.IPV4_UNICAST, true),
                    new Capability.GracefulFamily(Family.IPV6_UNICAST, true))));
  }

  @Test
  void bothEndsOfACollisionKeepTheSameConnection() {
    Ipv4Address low = Ipv4Address.parse("10.0.0.1");
    Ipv4Address high = Ipv4Address.parse("192.0.0.1");
    int seenByLow = Collision.compare(low, 1, high, 1);
    int seenByHigh = Collision.compare(high, 1, low, 1);
    // The connection that the low end has dialled, coming second at either end.
    assertThat(Collision.stays(true, false, seenByLow)).isFalse();
    assertThat(Collision.stays(false, true, seenByHigh)).isFalse();
    // The one that the high end has dialled.
    assertThat(Collision.stays(false, true, seenByLow)).isTrue();
    assertThat(Collision.stays(true, false, seenByHigh)).isTrue();
    // Equal identifiers, RFC 6286: the AS number decides.
    assertThat(Collision.compare(low, 5, low, 4)).isPositive();
    // A neighbour that dials twice has given up the first.
    assertThat(Collision.stays(false, false, seenByLow)).isTrue();
  }

  @Test
  void backOffStartsBelowASecondAndEndsBelowTen() {
    BackOff backOff = new BackOff(() -> 1.0);
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      backOff.failed();
      waits.add(backOff.millis(8));
    }
    assertThat(waits).containsExactly(250L, 500L, 1000L, 2000L, 4000L, 8000L, 8000L, 8000L);
    assertThat(BackOff.jittered(1000, 0.0)).isEqualTo(750);
  }
}
