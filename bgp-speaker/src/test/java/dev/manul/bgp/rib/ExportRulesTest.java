package dev.manul.bgp.rib;

import static dev.manul.bgp.rib.Attributes.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a neighbour is told of one best path, by where the path came from and who is told. */
class ExportRulesTest {
  private static final long OWN = TestRib.AS;
  private static final long FROM = 65001;
  private static final long TO = 65002;
  private static final int NO_EXPORT = 0xffffff01;
  private static final int NO_ADVERTISE = 0xffffff02;
  private static final int LLGR_STALE = 0xffff0006;

  /**
   * One path and one neighbour.
   *
   * @param from the session it was learned over; null for a route of this speaker's own
   * @param told null when the neighbour is not told, for {@code reason}
   */
  record Case(
      String name,
      Sessions from,
      Sessions to,
      Attributes given,
      AddressFamily family,
      ExportReason reason,
      Attributes told) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case told(
      String name, Sessions from, Sessions to, Attributes given, Attributes told) {
    return new Case(name, from, to, given, AddressFamily.IPV4, ExportReason.EXPORTED, told);
  }

  private static Case not(
      String name, Sessions from, Sessions to, Attributes given, ExportReason reason) {
    return new Case(name, from, to, given, AddressFamily.IPV4, reason, null);
  }

  private static Sessions outside() {
    return Sessions.external(FROM);
  }

  private static Sessions away() {
    return Sessions.external(TO);
  }

  private static Sessions inside() {
    return Sessions.internal();
  }

  private static Attributes learned() {
    return via("10.0.0.2").path(FROM);
  }

  private static Attributes passed() {
    return via("10.0.0.1").path(OWN, FROM);
  }

  static Stream<Case> whom() {
    return Stream.of(
        told("external to external", outside(), away(), learned(), passed()),
        told(
            "external to internal", outside(), inside(), learned(), learned().localPreference(100)),
        not("internal to internal", inside(), inside(), learned(), ExportReason.INTERNAL),
        told("internal to external", inside(), away(), learned(), passed()),
        told(
            "client to internal",
            inside().client(),
            inside(),
            learned(),
            learned().localPreference(100).originator("10.0.0.2").clusters("10.0.0.1")),
        told(
            "internal to client, by way of other clusters",
            inside(),
            inside().client(),
            learned().localPreference(7).originator("10.0.0.9").clusters("9.9.9.9"),
            learned().localPreference(7).originator("10.0.0.9").clusters("10.0.0.1", "9.9.9.9")),
        told(
            "external to client is no reflection",
            outside(),
            inside().client(),
            learned(),
            learned().localPreference(100)),
        new Case(
            "family of another session",
            outside(),
            inside(),
            via("2001:db8::2"),
            AddressFamily.IPV6,
            ExportReason.FAMILY,
            null),
        not(
            "NO_EXPORT to external",
            outside(),
            away(),
            learned().communities(NO_EXPORT),
            ExportReason.NO_EXPORT),
        told(
            "NO_EXPORT to internal",
            outside(),
            inside(),
            learned().communities(NO_EXPORT),
            learned().communities(NO_EXPORT).localPreference(100)),
        not(
            "NO_ADVERTISE to internal",
            outside(),
            inside(),
            learned().communities(NO_ADVERTISE),
            ExportReason.NO_ADVERTISE),
        told(
            "own route with NO_EXPORT",
            null,
            away(),
            via("10.0.0.1").communities(NO_EXPORT),
            via("10.0.0.1").path(OWN).communities(NO_EXPORT)));
  }

  static Stream<Case> numbersInPaths() {
    return Stream.of(
        told(
            "another number shown",
            outside(),
            away().localAs(65100),
            learned(),
            via("10.0.0.1").path(65100L, FROM)),
        told(
            "own route under another number",
            null,
            away().localAs(65100),
            via("10.0.0.1"),
            via("10.0.0.1").path(65100L)),
        told(
            "the neighbour's number without override",
            outside(),
            away(),
            via("10.0.0.2").path(FROM, TO),
            via("10.0.0.1").path(OWN, FROM, TO)),
        told(
            "the neighbour's number with override",
            outside(),
            away().override(),
            via("10.0.0.2").path(FROM, TO, TO).set(TO, 9L),
            via("10.0.0.1").path(OWN, FROM, OWN, OWN).set(OWN, 9L)),
        told(
            "override under another number",
            outside(),
            away().override().localAs(65100),
            via("10.0.0.2").path(TO),
            via("10.0.0.1").path(65100L, 65100L)),
        told(
            "override towards an internal one changes nothing",
            outside(),
            inside().override(),
            via("10.0.0.2").path(OWN),
            via("10.0.0.2").path(OWN).localPreference(100)),
        told(
            "a path that begins with a set",
            outside(),
            away(),
            via("10.0.0.2").set(FROM, 9L),
            via("10.0.0.1").path(OWN).set(FROM, 9L)));
  }

  static Stream<Case> nextHops() {
    Attributes six = via("2001:db8::2").path(FROM);
    return Stream.of(
        told(
            "self towards internal",
            outside(),
            inside().nextHopSelf(),
            learned(),
            via("10.0.0.1").path(FROM).localPreference(100)),
        told(
            "kept towards external",
            outside(),
            away().nextHopKeep(),
            learned(),
            via("10.0.0.2").path(OWN, FROM)),
        told("own route", null, inside(), via(), via("10.0.0.1").localPreference(100)),
        told(
            "own route by a given next hop",
            null,
            away(),
            via("10.0.0.77"),
            via("10.0.0.77").path(OWN)),
        not(
            "IPv4 over IPv6",
            outside(),
            away().localAddress("2001:db8::1"),
            learned(),
            ExportReason.NEXT_HOP),
        told(
            "IPv4 over IPv6 with IPv6 next hops",
            outside(),
            away().localAddress("2001:db8::1").extendedNextHop(),
            learned(),
            via("2001:db8::1").path(OWN, FROM)),
        told(
            "an IPv6 next hop passed on",
            outside(),
            inside().extendedNextHop(),
            six,
            via("2001:db8::2").path(FROM).localPreference(100)),
        not("an IPv6 next hop not understood", outside(), inside(), six, ExportReason.NEXT_HOP),
        told("an IPv6 next hop replaced", outside(), away(), six, passed()),
        new Case(
            "IPv6 over IPv4",
            null,
            inside().bothFamilies().extendedNextHop(),
            via(),
            AddressFamily.IPV6,
            ExportReason.NEXT_HOP,
            null));
  }

  static Stream<Case> metrics() {
    Attributes metric = learned().aigp(1000);
    Attributes most = learned().aigp(-3);
    return Stream.of(
        told("AIGP passed on", inside().client(), inside(), metric, reflected(1000)),
        told(
            "AIGP from here on, one unit added",
            inside().client(),
            inside().nextHopSelf(),
            metric,
            reflected(1007).nextHop("10.0.0.1")),
        told(
            "AIGP at its end",
            inside().client(),
            inside().nextHopSelf(),
            most,
            reflected(-1).nextHop("10.0.0.1")),
        told("AIGP does not leave", inside(), away(), metric, passed()),
        told("MED does not leave", outside(), away(), learned().med(5), passed()),
        told(
            "MED stays inside",
            outside(),
            inside(),
            learned().med(5),
            learned().med(5).localPreference(100)));
  }

  private static Attributes reflected(long aigp) {
    return learned().localPreference(100).originator("10.0.0.2").clusters("10.0.0.1").aigp(aigp);
  }

  /** RFC 9234 section 5, egress. */
  static Stream<Case> roles() {
    Attributes marked = learned().onlyToCustomer(9);
    Attributes toldMarked = passed().onlyToCustomer(9);
    Attributes toldOwn = passed().onlyToCustomer(OWN);
    return Stream.of(
        not("to a provider", outside(), role(Role.CUSTOMER), marked, ExportReason.ONLY_TO_CUSTOMER),
        not("to a peer", outside(), role(Role.PEER), marked, ExportReason.ONLY_TO_CUSTOMER),
        not(
            "to a route server",
            outside(),
            role(Role.ROUTE_SERVER_CLIENT),
            marked,
            ExportReason.ONLY_TO_CUSTOMER),
        told("to a customer", outside(), role(Role.PROVIDER), marked, toldMarked),
        told("to a server's client", outside(), role(Role.ROUTE_SERVER), marked, toldMarked),
        told("unmarked to a provider", outside(), role(Role.CUSTOMER), learned(), passed()),
        told(
            "unmarked to a route server",
            outside(),
            role(Role.ROUTE_SERVER_CLIENT),
            learned(),
            passed()),
        told("unmarked to a peer", outside(), role(Role.PEER), learned(), toldOwn),
        told("unmarked to a customer", outside(), role(Role.PROVIDER), learned(), toldOwn),
        told("unmarked to a client", outside(), role(Role.ROUTE_SERVER), learned(), toldOwn),
        told(
            "own route to a peer",
            null,
            role(Role.PEER),
            via("10.0.0.1"),
            via("10.0.0.1").path(OWN).onlyToCustomer(OWN)),
        told("marked, no roles", outside(), away(), marked, toldMarked),
        told(
            "marked, inside",
            outside(),
            inside().role(Role.CUSTOMER),
            marked,
            learned().onlyToCustomer(9).localPreference(100)));
  }

  private static Sessions role(Role own) {
    return away().role(own);
  }

  /** RFC 9494 section 4.3. */
  static Stream<Case> staleness() {
    Attributes stale = learned().communities(LLGR_STALE);
    return Stream.of(
        not("to one that does not know", outside(), away(), stale, ExportReason.LONG_LIVED_STALE),
        told(
            "to one that knows",
            outside(),
            away().longLived(),
            stale,
            passed().communities(LLGR_STALE)));
  }

  @ParameterizedTest
  @MethodSource({"whom", "numbersInPaths", "nextHops", "metrics", "roles", "staleness"})
  void paths(Case given) {
    RibPeer source =
        given.from == null ? RibPeer.local() : RibPeer.neighbor(Address.parse("10.0.0.2"));
    source.session = given.from == null ? null : given.from.get();
    AttributeSet set = new AttributeSet(given.given.get());
    set.hop = new NextHopEntry(Address.parse("10.0.0.2"));
    set.hop.metric = 7;
    Path path = new Path(source, set, set, Reason.BEST);
    RibPeer target = RibPeer.neighbor(Address.parse("10.0.0.3"));
    target.session = given.to.get();

    ExportReason reason = ExportRules.check(path, given.family, target);
    PathAttributes told =
        reason == ExportReason.EXPORTED
            ? ExportRules.export(path, set.value, given.family, target)
            : null;
    if (told == null && reason == ExportReason.EXPORTED) {
      reason = ExportReason.NEXT_HOP;
    }
    assertThat(reason).isEqualTo(given.reason);
    assertThat(told).isEqualTo(given.told == null ? null : given.told.get());
    if (given.from != null && given.family == AddressFamily.IPV4) {
      assertThat(ExportRules.check(path, given.family, source))
          .isEqualTo(ExportReason.SPLIT_HORIZON);
    }
  }
}
