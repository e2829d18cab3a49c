package dev.manul.bgp.rib;

import static dev.manul.bgp.rib.Attributes.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Ipv4Address;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of a route as it comes in: refused, or taken for what. */
class ImportRulesTest {
  private static final long OWN = TestRib.AS;
  private static final long REMOTE = 65001;
  private static final Identity IDENTITY =
      new Identity(TestRib.ROUTER_ID, Set.of(TestRib.ROUTER_ID, Ipv4Address.parse("7.7.7.7")));

  /**
   * One route.
   *
   * @param taken what its attributes are taken for; null when it is refused
   */
  record Case(String name, Sessions session, Attributes given, Reason refused, Attributes taken) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case refused(String name, Sessions session, Attributes given, Reason reason) {
    return new Case(name, session, given, reason, null);
  }

  private static Case same(String name, Sessions session, Attributes given) {
    return new Case(name, session, given, Reason.BEST, given);
  }

  private static Case changed(String name, Sessions session, Attributes given, Attributes taken) {
    return new Case(name, session, given, Reason.BEST, taken);
  }

  private static Sessions external() {
    return Sessions.external(REMOTE);
  }

  private static Sessions role(Role own) {
    return external().role(own);
  }

  private static Attributes learned() {
    return via("10.0.0.2").path(REMOTE);
  }

  static Stream<Case> loops() {
    return Stream.of(
        same("plain", external(), learned()),
        refused("own AS", external(), via("10.0.0.2").path(REMOTE, OWN), Reason.AS_LOOP),
        refused(
            "own AS in a set",
            external(),
            via("10.0.0.2").path(REMOTE).set(OWN, 9L),
            Reason.AS_LOOP),
        refused(
            "own AS from inside", Sessions.internal(), via("10.0.0.2").path(OWN), Reason.AS_LOOP),
        same("own AS once, once allowed", external().allowLocal(1), learned().path(OWN)),
        refused(
            "own AS twice, once allowed",
            external().allowLocal(1),
            via("10.0.0.2").path(REMOTE, OWN, OWN),
            Reason.AS_LOOP),
        refused(
            "own AS in a sequence and in a set, once allowed",
            external().allowLocal(1),
            via("10.0.0.2").path(REMOTE, OWN).set(OWN),
            Reason.AS_LOOP),
        same("ten times", external().allowLocal(10), path(REMOTE, 10)),
        refused("eleven times", external().allowLocal(10), path(REMOTE, 11), Reason.AS_LOOP),
        refused(
            "the number shown to the neighbour",
            external().localAs(65100),
            via("10.0.0.2").path(REMOTE, 65100L),
            Reason.AS_LOOP),
        same(
            "the speaker's own number where another is shown",
            external().localAs(65100),
            via("10.0.0.2").path(REMOTE, OWN)),
        refused(
            "own router id as originator",
            Sessions.internal(),
            via("10.0.0.2").originator("10.0.0.1"),
            Reason.ORIGINATOR_LOOP),
        same(
            "another originator",
            Sessions.internal(),
            via("10.0.0.2").originator("10.0.0.9").clusters("9.9.9.9")),
        refused(
            "own cluster anywhere in the list",
            Sessions.internal(),
            via("10.0.0.2").clusters("9.9.9.9", "7.7.7.7"),
            Reason.CLUSTER_LOOP),
        refused("own next hop", external(), via("10.0.0.1").path(REMOTE), Reason.OWN_NEXT_HOP),
        changed(
            "interior attributes from outside",
            external(),
            learned().localPreference(7).originator("10.0.0.9").clusters("9.9.9.9").aigp(4),
            learned()),
        same(
            "interior attributes from inside",
            Sessions.internal(),
            via("10.0.0.2").localPreference(7).originator("9.9.9.9").clusters("9.9.9.9").aigp(4)));
  }

  private static Attributes path(long first, int times) {
    Long[] numbers = new Long[times + 1];
    Arrays.fill(numbers, OWN);
    numbers[0] = first;
    return via("10.0.0.2").path(numbers);
  }

  /** RFC 9234 section 5, ingress. */
  static Stream<Case> roles() {
    Attributes marked = learned().onlyToCustomer(REMOTE);
    Attributes other = learned().onlyToCustomer(9);
    return Stream.of(
        refused("from a customer", role(Role.PROVIDER), marked, Reason.ROUTE_LEAK),
        refused("from a route server's client", role(Role.ROUTE_SERVER), other, Reason.ROUTE_LEAK),
        refused("from a peer, marked by another", role(Role.PEER), other, Reason.ROUTE_LEAK),
        same("from a peer, marked by itself", role(Role.PEER), marked),
        same("from a provider, marked by another", role(Role.CUSTOMER), other),
        same("from a route server, marked by another", role(Role.ROUTE_SERVER_CLIENT), other),
        same("from a customer, unmarked", role(Role.PROVIDER), learned()),
        same("from a route server's client, unmarked", role(Role.ROUTE_SERVER), learned()),
        changed("from a peer, unmarked", role(Role.PEER), learned(), marked),
        changed("from a provider, unmarked", role(Role.CUSTOMER), learned(), marked),
        changed("from a route server, unmarked", role(Role.ROUTE_SERVER_CLIENT), learned(), marked),
        same("no roles, marked", external(), other),
        same("no roles, unmarked", external(), learned()),
        same(
            "from inside",
            Sessions.internal().role(Role.PROVIDER),
            via("10.0.0.2").onlyToCustomer(9)),
        same("from inside, unmarked", Sessions.internal().role(Role.CUSTOMER), via("10.0.0.2")));
  }

  @ParameterizedTest
  @MethodSource({"loops", "roles"})
  void routes(Case given) {
    PeerSession session = given.session.get();
    PathAttributes attributes = given.given.get();
    assertThat(ImportRules.check(attributes, session, IDENTITY)).isEqualTo(given.refused);
    if (given.taken != null) {
      PathAttributes taken = ImportRules.normalize(attributes, session);
      assertThat(taken).isEqualTo(given.taken.get());
      if (given.taken == given.given) {
        assertThat(taken).isSameAs(attributes);
      }
    }
  }
}
