package dev.manul.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.PathSelection;
import dev.manul.bgp.wire.AsPath;
import dev.manul.bgp.wire.AsPath.Segment;
import dev.manul.bgp.wire.AsPath.SegmentType;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PathAttributes.Origin;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The steps of the decision process in their order, and which paths share the traffic. */
class DecisionOrderTest {

  /** What one step looks at, each with a better and a worse value. */
  enum Step {
    LONG_LIVED_STALE(Reason.LONG_LIVED_STALE),
    LOCAL_PREFERENCE(Reason.LOCAL_PREFERENCE),
    AIGP(Reason.AIGP),
    AS_PATH_LENGTH(Reason.AS_PATH_LENGTH),
    ORIGIN(Reason.ORIGIN),
    DISCRIMINATOR(Reason.MULTI_EXIT_DISCRIMINATOR),
    EXTERNAL(Reason.INTERNAL),
    METRIC(Reason.INTERIOR_METRIC),
    ROUTER_ID(Reason.ROUTER_ID),
    CLUSTERS(Reason.CLUSTER_LIST_LENGTH),
    ADDRESS(Reason.PEER_ADDRESS);

    final Reason reason;

    Step(Reason reason) {
      this.reason = reason;
    }
  }

  /** A path to be compared; by default as good as can be at every step. */
  static final class Given {
    private final Set<Step> worse = EnumSet.noneOf(Step.class);
    private final String name;
    private Attributes attributes;
    private String address;
    private String id;
    private String hop;
    private long metric = -1;
    private boolean external = true;

    Given(String name) {
      this.name = name;
    }

    Given worse(Step step) {
      worse.add(step);
      return this;
    }

    private <T> T at(Step step, T better, T other) {
      return worse.contains(step) ? other : better;
    }

    // AIGP counts the metric in, so that it is taken off here.
    Path path() {
      PathAttributes value =
          attributes != null
              ? attributes.get()
              : Attributes.via("10.7.0.1")
                  .localPreference(at(Step.LOCAL_PREFERENCE, 200, 100))
                  .aigp(at(Step.AIGP, 10, 20) - at(Step.METRIC, 1, 2))
                  .path(at(Step.AS_PATH_LENGTH, new Long[] {7L}, new Long[] {7L, 8L}))
                  .origin(at(Step.ORIGIN, Origin.IGP, Origin.EGP))
                  .med(at(Step.DISCRIMINATOR, 1, 2))
                  .clusters(at(Step.CLUSTERS, new String[0], new String[] {"9.9.9.9"}))
                  .communities(
                      at(Step.LONG_LIVED_STALE, new Integer[0], new Integer[] {0xffff0006}))
                  .get();
      AttributeSet set = new AttributeSet(value);
      set.hop = new NextHopEntry(Address.parse(hop == null ? "10.7.0.1" : hop));
      set.hop.reachable = true;
      set.hop.metric = metric >= 0 ? metric : at(Step.METRIC, 1, 2);
      RibPeer source =
          RibPeer.neighbor(
              Address.parse(address != null ? address : at(Step.ADDRESS, "10.0.0.2", "10.0.0.3")));
      boolean outside = external && !worse.contains(Step.EXTERNAL);
      source.session =
          (outside ? Sessions.external(65001) : Sessions.internal())
              .remoteId(
                  Ipv4Address.parse(id != null ? id : at(Step.ROUTER_ID, "10.0.0.2", "10.0.0.3")))
              .get();
      return new Path(0, source, 0, set, set, Reason.BEST);
    }

    Given attributes(Attributes value) {
      attributes = value;
      return this;
    }

    Given from(String peer) {
      address = peer;
      id = peer;
      return this;
    }

    Given internal() {
      external = false;
      return this;
    }

    Given metric(long value) {
      metric = value;
      return this;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Path chain(List<Path> paths) {
    for (int i = 0; i < paths.size(); i++) {
      paths.get(i).next = i + 1 < paths.size() ? paths.get(i + 1) : null;
    }
    return paths.getFirst();
  }

  /** A path that is better at one step and worse at all later ones still wins. */
  @ParameterizedTest
  @EnumSource
  void eachStepBeforeTheNext(Step step) {
    Given winner = new Given("winner");
    Given loser = new Given("loser").worse(step);
    for (Step later : Step.values()) {
      if (later.compareTo(step) > 0) {
        winner.worse(later);
      }
    }
    for (boolean winnerFirst : List.of(true, false)) {
      Path best = winner.path();
      Path other = loser.path();
      Path head = chain(winnerFirst ? List.of(best, other) : List.of(other, best));
      assertThat(Decision.select(head)).isSameAs(best);
      assertThat(best.reason).isEqualTo(Reason.BEST);
      assertThat(other.reason).isEqualTo(step.reason);
    }
  }

  @Test
  void ownRoutesBeforeAllButStaleness() {
    Path learned = new Given("learned").path();
    AttributeSet set = new AttributeSet(Attributes.via().localPreference(1).get());
    Path own = new Path(0, RibPeer.local(), 0, set, set, Reason.BEST);
    assertThat(Decision.select(chain(List.of(learned, own)))).isSameAs(own);
    assertThat(learned.reason).isEqualTo(Reason.LOCAL_ROUTE);
  }

  record Pair(Given winner, Given loser, Reason reason) {
    @Override
    public String toString() {
      return winner + " before " + loser;
    }
  }

  private static Attributes via() {
    return Attributes.via("10.7.0.1").path(7L);
  }

  private static Given of(String name, Attributes attributes) {
    return new Given(name).attributes(attributes);
  }

  static Stream<Pair> values() {
    return Stream.of(
        new Pair(
            of("LOCAL_PREF 101", via().localPreference(101)).from("10.0.0.9"),
            of("no LOCAL_PREF", via()).from("10.0.0.2"),
            Reason.LOCAL_PREFERENCE),
        new Pair(
            of("LOCAL_PREF of 32 bits", via().localPreference(0xffff_ffffL)).from("10.0.0.9"),
            of("LOCAL_PREF of 31 bits", via().localPreference(0x7fff_ffffL)).from("10.0.0.2"),
            Reason.LOCAL_PREFERENCE),
        new Pair(
            of("some AIGP", via().path(8L).aigp(-1)).from("10.0.0.9"),
            of("no AIGP", via()).from("10.0.0.2"),
            Reason.AIGP),
        new Pair(
            of("AIGP and metric 15", via().aigp(10)).metric(5).from("10.0.0.9"),
            of("AIGP and metric 16", via().aigp(9)).metric(7).from("10.0.0.2"),
            Reason.AIGP),
        new Pair(
            of("AIGP of 63 bits", via().aigp(Long.MAX_VALUE - 9)).from("10.0.0.9"),
            of("AIGP of 64 bits", via().aigp(-9)).from("10.0.0.2"),
            Reason.AIGP),
        new Pair(
            of("two AS and a set", Attributes.via("10.7.0.1").path(7L).set(8L, 9L, 10L, 11L))
                .from("10.0.0.9"),
            of("three AS", Attributes.via("10.7.0.1").path(7L, 8L, 9L)).from("10.0.0.2"),
            Reason.AS_PATH_LENGTH),
        new Pair(
            of("no MED", via()).from("10.0.0.9"),
            of("MED 1", via().med(1)).from("10.0.0.2"),
            Reason.MULTI_EXIT_DISCRIMINATOR),
        new Pair(
            of("MED 9 from another AS", Attributes.via("10.7.0.1").path(8L).med(9))
                .from("10.0.0.2"),
            of("MED 1", via().med(1)).from("10.0.0.9"),
            Reason.ROUTER_ID),
        new Pair(
            of("lower originator", via().originator("10.0.0.1")).internal().from("10.0.0.9"),
            of("lower router id", via()).internal().from("10.0.0.2"),
            Reason.ROUTER_ID),
        new Pair(
            of("router id below 2^31", via()).from("10.0.0.9"),
            of("router id above 2^31", via()).from("200.0.0.2"),
            Reason.ROUTER_ID));
  }

  @ParameterizedTest
  @MethodSource
  void values(Pair given) {
    for (boolean winnerFirst : List.of(true, false)) {
      Path winner = given.winner.path();
      Path loser = given.loser.path();
      Path head = chain(winnerFirst ? List.of(winner, loser) : List.of(loser, winner));
      assertThat(Decision.select(head)).isSameAs(winner);
      assertThat(loser.reason).isEqualTo(given.reason);
    }
  }

  @Test
  void confederationSegmentsCountForNothing() {
    Segment confederation = new Segment(SegmentType.CONFEDERATION_SEQUENCE, List.of(1L, 2L, 3L));
    Segment outside = new Segment(SegmentType.SEQUENCE, List.of(7L));
    AttributeSet set =
        new AttributeSet(
            via().get().toBuilder().asPath(new AsPath(List.of(confederation, outside))).build());
    assertThat(set.asPathLength).isEqualTo(1);
    assertThat(set.neighborAs).isEqualTo(7);
  }

  /** RFC 3345's trap: comparing in pairs, A beats B, B beats C and C beats A. */
  @Test
  void theOrderOfArrivalDoesNotMatterWhereDiscriminatorsMakeACircle() {
    List<Given> given =
        List.of(
            of("A", via().med(10)).internal().metric(1).from("10.0.0.2"),
            of("B", Attributes.via("10.7.0.2").path(8L)).internal().metric(5).from("10.0.0.3"),
            of("C", via().med(1)).internal().metric(9).from("10.0.0.4"));
    List<Integer> order = new ArrayList<>(List.of(0, 1, 2));
    Random random = new Random(7606);
    for (int i = 0; i < 20; i++) {
      Collections.shuffle(order, random);
      List<Path> paths = order.stream().map(n -> given.get(n).path()).toList();
      Path best = Decision.select(chain(paths));
      assertThat(best.source.address()).contains(Address.parse("10.0.0.3"));
    }
  }

  /**
   * Paths by way of 10.7.0.N from 10.0.0.N.
   *
   * @param hops the last numbers of the next hops that share the traffic
   */
  record Shares(String name, PathSelection selection, List<Given> given, List<Integer> hops) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Given share(int n, long asNumber) {
    Given given = of("path " + n, Attributes.via("10.7.0." + n).path(asNumber)).from("10.0.0." + n);
    given.hop = "10.7.0." + n;
    return given;
  }

  private static PathSelection most(int maxPaths) {
    return new PathSelection(maxPaths, false, 100);
  }

  static Stream<Shares> shares() {
    List<Given> five = List.of(share(6, 7), share(3, 7), share(5, 8), share(2, 7), share(4, 9));
    Given farther = share(9, 7).metric(50);
    Given inside = share(9, 7).internal();
    Given longer = share(9, 7).attributes(Attributes.via("10.7.0.9").path(7L, 8L));
    Given again = share(9, 7).attributes(Attributes.via("10.7.0.3").path(7L));
    return Stream.of(
        new Shares("all", PathSelection.DEFAULT, five, List.of(2, 3, 4, 5, 6)),
        new Shares("as many as there may be", most(5), five, List.of(2, 3, 4, 5, 6)),
        new Shares("the most preferred of them", most(3), five, List.of(2, 3, 4)),
        new Shares("one", most(1), five, List.of(2)),
        new Shares("of one AS", new PathSelection(16, true, 100), five, List.of(2, 3, 6)),
        new Shares("two of one AS", new PathSelection(2, true, 100), five, List.of(2, 3)),
        new Shares("not the farther", most(16), List.of(share(2, 7), farther), List.of(2)),
        new Shares("not the internal", most(16), List.of(share(2, 7), inside), List.of(2)),
        new Shares("not the longer", most(16), List.of(longer, share(2, 7)), List.of(2)),
        new Shares("no next hop twice", most(2), List.of(again, share(3, 7)), List.of(3)),
        new Shares(
            "a next hop that repeats takes no room",
            most(2),
            List.of(share(3, 7), again, share(10, 7)),
            List.of(3, 10)));
  }

  @ParameterizedTest
  @MethodSource
  void shares(Shares given) {
    Random random = new Random(4271);
    List<Path> paths = new ArrayList<>(given.given.stream().map(Given::path).toList());
    for (int i = 0; i < 5; i++) {
      Path head = chain(paths);
      assertThat(Decision.nextHops(head, Decision.select(head), given.selection))
          .isEqualTo(
              given.hops.stream().map(n -> (Address) Ipv4Address.parse("10.7.0." + n)).toList());
      Collections.shuffle(paths, random);
    }
  }
}
