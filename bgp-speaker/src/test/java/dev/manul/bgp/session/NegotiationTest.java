package dev.manul.bgp.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.session.Handshake.Verdict;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Capability.AddPath;
import dev.manul.bgp.wire.Capability.AddPathFamily;
import dev.manul.bgp.wire.Capability.BgpRole;
import dev.manul.bgp.wire.Capability.ExtendedNextHop;
import dev.manul.bgp.wire.Capability.GracefulRestart;
import dev.manul.bgp.wire.Capability.HostName;
import dev.manul.bgp.wire.Capability.LongLivedFamily;
import dev.manul.bgp.wire.Capability.LongLivedGracefulRestart;
import dev.manul.bgp.wire.Capability.NextHopEncoding;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Octets;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What comes of two OPENs, capability by capability. */
class NegotiationTest {
  private static final Ipv4Address OURS = Ipv4Address.parse("10.0.0.1");
  private static final Ipv4Address THEIRS = Ipv4Address.parse("10.0.0.2");
  private static final Family V4 = Family.IPV4_UNICAST;
  private static final Family V6 = Family.IPV6_UNICAST;

  private static NeighborConfiguration.Builder internal() {
    return NeighborConfiguration.builder(Address.parse("10.0.0.2"), 64512);
  }

  private static NeighborConfiguration.Builder external() {
    return NeighborConfiguration.builder(Address.parse("10.0.0.2"), 65001);
  }

  private static Open ours(NeighborConfiguration neighbor) {
    return Handshake.open(neighbor, 64512, OURS, "node-1", false, true);
  }

  private static Verdict judge(NeighborConfiguration.Builder builder, Capability... theirs) {
    NeighborConfiguration neighbor = builder.build();
    List<Capability> capabilities = new ArrayList<>();
    capabilities.add(new Capability.Multiprotocol(V4));
    capabilities.add(new Capability.Multiprotocol(V6));
    capabilities.addAll(List.of(theirs));
    return Handshake.judge(
        neighbor, ours(neighbor), new Open(4, neighbor.asNumber(), 90, THEIRS, capabilities));
  }

  private static Negotiated agreed(NeighborConfiguration.Builder builder, Capability... theirs) {
    Verdict verdict = judge(builder, theirs);
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    return ((Verdict.Accepted) verdict).negotiated();
  }

  @Test
  void onlyTheCounterpartOfARoleIsAccepted() {
    for (Role mine : Role.values()) {
      for (Role peers : Role.values()) {
        Verdict verdict = judge(external().role(mine), new BgpRole(peers));
        boolean match =
            switch (mine) {
              case PROVIDER -> peers == Role.CUSTOMER;
              case CUSTOMER -> peers == Role.PROVIDER;
              case ROUTE_SERVER -> peers == Role.ROUTE_SERVER_CLIENT;
              case ROUTE_SERVER_CLIENT -> peers == Role.ROUTE_SERVER;
              case PEER -> peers == Role.PEER;
            };
        if (match) {
          Negotiated negotiated = ((Verdict.Accepted) verdict).negotiated();
          assertThat(negotiated.localRole()).contains(mine);
          assertThat(negotiated.remoteRole()).contains(peers);
        } else {
          Verdict.Refused refused = (Verdict.Refused) verdict;
          assertThat(refused.notification()).isEqualTo(new Notification(2, 11, Octets.EMPTY));
          assertThat(refused.reason())
              .isEqualTo("peer's role " + peers + " does not go with ours, " + mine);
        }
      }
    }
  }

  @Test
  void aPeerWithoutARoleIsRefusedOnlyWhenStrict() {
    assertThat(agreed(external().role(Role.PEER)).localRole()).contains(Role.PEER);
    assertThat(((Verdict.Refused) judge(external().role(Role.PEER).strictRole(true))).reason())
        .isEqualTo("peer announces no role, and strictRole asks for one");
    assertThat(
            judge(external().role(Role.PEER), new BgpRole(Role.PEER), new BgpRole(Role.CUSTOMER)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(agreed(external().role(Role.PEER), new BgpRole(Role.PEER), new BgpRole(Role.PEER)))
        .isNotNull();
    assertThat(judge(external().role(Role.PEER), new BgpRole(77)))
        .isInstanceOf(Verdict.Refused.class);
    // Who has no role of its own, or is inside, does not judge.
    assertThat(agreed(external(), new BgpRole(Role.PEER)).localRole()).isEmpty();
    assertThat(
            agreed(internal().role(Role.PEER).strictRole(true), new BgpRole(Role.CUSTOMER))
                .localRole())
        .isEmpty();
    assertThat(ours(internal().role(Role.PEER).build()).capabilities())
        .noneMatch(BgpRole.class::isInstance);
    assertThat(ours(external().role(Role.PEER).build()).capabilities())
        .contains(new BgpRole(Role.PEER));
  }

  @Test
  void additionalPathsNeedAReceiverAndASender() {
    int receive = 1;
    int send = 2;
    int both = 3;
    record Case(boolean receives, int sends, int theirs, boolean comes, boolean goes) {}
    for (Case c :
        List.of(
            new Case(true, 4, both, true, true),
            new Case(true, 0, both, true, false),
            new Case(false, 4, both, false, true),
            new Case(true, 4, receive, false, true),
            new Case(true, 4, send, true, false),
            new Case(true, 0, receive, false, false),
            new Case(false, 0, both, false, false),
            new Case(true, 4, 0, false, false),
            new Case(true, 4, 7, false, false))) {
      Negotiated negotiated =
          agreed(
              internal().addPathReceive(c.receives()).addPathSend(c.sends()),
              new AddPath(List.of(new AddPathFamily(V4, c.theirs()))));
      assertThat(negotiated.addPathReceive())
          .as("%s", c)
          .isEqualTo(c.comes() ? Set.of(V4) : Set.of());
      assertThat(negotiated.addPathSend()).as("%s", c).isEqualTo(c.goes() ? Set.of(V4) : Set.of());
      assertThat(negotiated.decodeContext().addPathReceive())
          .isEqualTo(negotiated.addPathReceive());
      assertThat(negotiated.encodeContext().addPathSend()).isEqualTo(negotiated.addPathSend());
    }
    assertThat(ours(internal().build()).capabilities()).noneMatch(AddPath.class::isInstance);
    assertThat(ours(internal().addPathSend(2).build()).capabilities())
        .contains(new AddPath(List.of(new AddPathFamily(V4, send), new AddPathFamily(V6, send))));
  }

  @Test
  void ipv6NextHopsForIpv4PrefixesNeedBothSides() {
    ExtendedNextHop theirs = new ExtendedNextHop(List.of(new NextHopEncoding(V4, 2)));
    assertThat(agreed(internal().extendedNextHop(true), theirs).extendedNextHop())
        .containsExactly(V4);
    assertThat(agreed(internal(), theirs).extendedNextHop()).isEmpty();
    assertThat(agreed(internal().extendedNextHop(true)).extendedNextHop()).isEmpty();
    assertThat(
            agreed(
                    internal().extendedNextHop(true),
                    new ExtendedNextHop(List.of(new NextHopEncoding(new Family(1, 128), 2))))
                .extendedNextHop())
        .isEmpty();
    assertThat(
            agreed(internal().extendedNextHop(true).families(Set.of(V6)), theirs).extendedNextHop())
        .isEmpty();
  }

  @Test
  void longMessagesAndRefreshMarksNeedBothSides() {
    Negotiated plain = agreed(internal());
    assertThat(plain.extendedMessages()).isFalse();
    assertThat(plain.enhancedRefresh()).isFalse();
    assertThat(plain.routeRefresh()).isFalse();
    assertThat(plain.decodeContext().maxLength()).isEqualTo(4096);
    Negotiated full =
        agreed(
            internal(),
            new Capability.ExtendedMessages(),
            new Capability.EnhancedRouteRefresh(),
            new Capability.RouteRefresh());
    assertThat(full.extendedMessages()).isTrue();
    assertThat(full.enhancedRefresh()).isTrue();
    assertThat(full.routeRefresh()).isTrue();
    assertThat(full.decodeContext().maxLength()).isEqualTo(65535);
    assertThat(full.encodeContext().maxLength()).isEqualTo(65535);
    assertThat(
            agreed(internal().extendedMessages(false), new Capability.ExtendedMessages())
                .extendedMessages())
        .isFalse();
  }

  private static GracefulRestart graceful(boolean notification) {
    return new GracefulRestart(
        false, notification, 60, List.of(new Capability.GracefulFamily(V4, true)));
  }

  @Test
  void notificationsArePartOfGracefulRestartWhenBothSaySo() {
    assertThat(agreed(internal(), graceful(true)).notificationRestart()).isTrue();
    assertThat(agreed(internal(), graceful(false)).notificationRestart()).isFalse();
    assertThat(agreed(internal()).notificationRestart()).isFalse();
    assertThat(agreed(internal().noGracefulRestart(), graceful(true)).notificationRestart())
        .isFalse();
  }

  @Test
  void longLivedStaleTimesAreTheNeighborsAndNeedGracefulRestart() {
    LongLivedGracefulRestart theirs =
        new LongLivedGracefulRestart(
            List.of(
                new LongLivedFamily(V4, true, 3600),
                new LongLivedFamily(V6, false, 0),
                new LongLivedFamily(new Family(25, 70), true, 5)));
    Negotiated negotiated = agreed(internal(), graceful(false), theirs);
    assertThat(negotiated.longLived()).isEqualTo(Map.of(V4, 3600));
    assertThat(negotiated.longLivedForwarding()).containsExactly(V4);
    assertThat(negotiated.takesLongLived()).isTrue();
    assertThat(agreed(internal(), theirs).longLived()).isEmpty();
    assertThat(agreed(internal()).takesLongLived()).isFalse();
    assertThat(agreed(internal(), new LongLivedGracefulRestart(List.of())).takesLongLived())
        .isTrue();
    assertThat(agreed(internal().noGracefulRestart(), graceful(false), theirs).longLived())
        .isEmpty();

    assertThat(ours(internal().build()).capabilities())
        .contains(new LongLivedGracefulRestart(List.of()));
    assertThat(ours(internal().longLivedStaleTime(600).build()).capabilities())
        .contains(
            new LongLivedGracefulRestart(
                List.of(new LongLivedFamily(V4, true, 600), new LongLivedFamily(V6, true, 600))));
    assertThat(ours(internal().noGracefulRestart().build()).capabilities())
        .noneMatch(LongLivedGracefulRestart.class::isInstance);
  }

  @Test
  void ourNameIsAnnouncedAndCutToWhatFits() {
    assertThat(ours(internal().build()).capabilities()).contains(new HostName("node-1", ""));
    Open nameless = Handshake.open(internal().build(), 64512, OURS, "", false, false);
    assertThat(nameless.capabilities()).noneMatch(HostName.class::isInstance);
    Open longName = Handshake.open(internal().build(), 64512, OURS, "ä".repeat(40), false, false);
    Optional<HostName> cut =
        longName.capabilities().stream()
            .filter(HostName.class::isInstance)
            .map(HostName.class::cast)
            .findFirst();
    assertThat(cut).contains(new HostName("ä".repeat(32), ""));
  }
}
