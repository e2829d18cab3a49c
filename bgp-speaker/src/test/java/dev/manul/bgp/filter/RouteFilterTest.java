package dev.manul.bgp.filter;

import static dev.manul.bgp.filter.Match.ANY;
import static dev.manul.bgp.filter.Rule.Action.ACCEPT;
import static dev.manul.bgp.filter.Rule.Action.CONTINUE;
import static dev.manul.bgp.filter.Rule.Action.REJECT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.bgp.filter.Match.PeerType;
import dev.manul.bgp.filter.Match.Source;
import dev.manul.bgp.filter.Operation.AddCommunity;
import dev.manul.bgp.filter.Operation.PrependAsPath;
import dev.manul.bgp.filter.Operation.SetPriority;
import dev.manul.bgp.filter.PrefixMatch.Operator;
import dev.manul.bgp.filter.RouteFilter.Outcome;
import dev.manul.bgp.wire.AsPath;
import dev.manul.bgp.wire.AsPath.Segment;
import dev.manul.bgp.wire.AsPath.SegmentType;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PathAttributes.LargeCommunity;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteFilterTest {
  /** What most cases ask about: learned from an external neighbour, by way of AS 7 and 8. */
  private static final Candidate LEARNED =
      new Candidate(
          Prefix.parse("10.1.2.0/24"),
          PathAttributes.builder()
              .nextHop(Address.parse("10.0.0.2"))
              .asPath(path(7L, 8L))
              .communities(List.of(65000 << 16 | 1, 5))
              .largeCommunities(List.of(new LargeCommunity(1, 2, 3)))
              .build(),
          Source.REMOTE_PEERS,
          Optional.empty(),
          PeerType.EXTERNAL,
          100);

  private static final Candidate LOCAL =
      new Candidate(
          Prefix.parse("2001:db8:1::/64"),
          PathAttributes.builder().localPreference(2147482623L).build(),
          Source.LOCAL,
          Optional.of("eth0.12"),
          PeerType.INTERNAL,
          100);

  private static AsPath path(Long... numbers) {
    return new AsPath(List.of(new Segment(SegmentType.SEQUENCE, List.of(numbers))));
  }

  @ParameterizedTest
  @CsvSource({
    // operator, cidr, least and greatest length ("" for none), prefix, whether it matches
    "EQUAL,     10.1.0.0/16, , , 10.1.0.0/16, true",
    "EQUAL,     10.1.0.0/16, , , 10.1.0.0/17, false",
    "EQUAL,     10.1.0.0/16, , , 10.0.0.0/8,  false",
    "EQUAL,     10.1.0.0/16, 17, 32, 10.1.0.0/16, false",
    "NOT_EQUAL, 10.1.0.0/16, , , 10.1.0.0/16, false",
    "NOT_EQUAL, 10.1.0.0/16, , , 10.1.0.0/17, true",
    "NOT_EQUAL, 10.1.0.0/16, , , ::/0,        true",
    "NOT_EQUAL, 10.1.0.0/16, 17, 32, 10.1.0.0/16, true",
    "IN,        10.1.0.0/16, , , 10.1.0.0/16, true",
    "IN,        10.1.0.0/16, , , 10.1.9.0/24, true",
    "IN,        10.1.0.0/16, , , 10.1.9.9/32, true",
    "IN,        10.1.0.0/16, , , 10.2.0.0/24, false",
    "IN,        10.1.0.0/16, , , 10.0.0.0/8,  false",
    "IN,        10.1.0.0/16, 8,  32, 10.0.0.0/8,  false",
    "IN,        10.1.0.0/16, 24, 26, 10.1.0.0/23, false",
    "IN,        10.1.0.0/16, 24, 26, 10.1.0.0/24, true",
    "IN,        10.1.0.0/16, 24, 26, 10.1.0.0/26, true",
    "IN,        10.1.0.0/16, 24, 26, 10.1.0.0/27, false",
    "IN,        0.0.0.0/0, , , 0.0.0.0/0,   true",
    "IN,        0.0.0.0/0, , , ::/0,        false",
    "IN,        2001:db8::/32, 48, 64, 2001:db8:7::/48, true",
    "IN,        2001:db8::/32, 48, 64, 2001:db8:7::/65, false",
    "IN,        2001:db8::/32, , , 10.0.0.0/8, false",
    "NOT_IN,    10.1.0.0/16, , , 10.1.9.0/24, false",
    "NOT_IN,    10.1.0.0/16, , , 10.2.0.0/24, true",
    "NOT_IN,    10.1.0.0/16, , , 10.0.0.0/8,  true",
    "NOT_IN,    10.1.0.0/16, 24, 26, 10.1.0.0/27, true",
    "NOT_IN,    10.1.0.0/16, 24, 26, 10.1.0.0/25, false",
    "NOT_IN,    10.1.0.0/16, , , 2001:db8::/32, true"
  })
  void prefixes(
      Operator operator, String cidr, Integer least, Integer greatest, String prefix, boolean is) {
    Prefix with = Prefix.parse(cidr);
    PrefixMatch match =
        least == null
            ? PrefixMatch.of(with, operator)
            : new PrefixMatch(with, operator, least, greatest);
    assertThat(match.matches(Prefix.parse(prefix))).isEqualTo(is);
  }

  record Case(String name, Match match, Candidate route, boolean matches) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case yes(String name, Match match, Candidate route) {
    return new Case(name, match, route, true);
  }

  private static Case no(String name, Match match, Candidate route) {
    return new Case(name, match, route, false);
  }

  private static Match community(String... values) {
    return ANY.withCommunities(Stream.of(values).map(Community::parse).toList());
  }

  static Stream<Case> matches() {
    Candidate set =
        LEARNED.withAttributes(
            PathAttributes.builder()
                .asPath(
                    new AsPath(
                        List.of(
                            new Segment(SegmentType.CONFEDERATION_SEQUENCE, List.of(99L)),
                            new Segment(SegmentType.SEQUENCE, List.of(7L)),
                            new Segment(SegmentType.SEQUENCE, List.of(8L)),
                            new Segment(SegmentType.SET, List.of(9L)))))
                .build());
    return Stream.of(
        yes("anything", ANY, LEARNED),
        yes("family", ANY.withFamily(AddressFamily.IPV4), LEARNED),
        no("other family", ANY.withFamily(AddressFamily.IPV4), LOCAL),
        yes("learned", ANY.withSource(Source.REMOTE_PEERS), LEARNED),
        no("learned, own", ANY.withSource(Source.REMOTE_PEERS), LOCAL),
        yes("own", ANY.withSource(Source.LOCAL), LOCAL),
        yes("external", ANY.withPeerType(PeerType.EXTERNAL), LEARNED),
        no("external, to an internal one", ANY.withPeerType(PeerType.EXTERNAL), LOCAL),
        yes("internal", ANY.withPeerType(PeerType.INTERNAL), LOCAL),
        yes("device", ANY.withInterfaceName("eth0.12"), LOCAL),
        yes("device by its beginning", ANY.withInterfaceName("eth*"), LOCAL),
        yes("device by its end", ANY.withInterfaceName("*.12"), LOCAL),
        yes("device by both", ANY.withInterfaceName("e*0*1*"), LOCAL),
        yes("any device", ANY.withInterfaceName("*"), LOCAL),
        no("part of a device's name", ANY.withInterfaceName("eth0"), LOCAL),
        no("a dot is a dot", ANY.withInterfaceName("eth0a12*"), LOCAL),
        no("other device", ANY.withInterfaceName("eth1*"), LOCAL),
        no("no device known", ANY.withInterfaceName("*"), LEARNED),
        yes("community", community("65000:1"), LEARNED),
        yes("community below 65536", community("0:5"), LEARNED),
        no("other community", community("65000:2"), LEARNED),
        yes("large community", community("1:2:3"), LEARNED),
        no("other large community", community("1:2:4"), LEARNED),
        yes("one of several communities", community("65000:2", "1:2:3"), LEARNED),
        yes("path", ANY.withAsPathPrefix(List.of(7L)), LEARNED),
        yes("whole path", ANY.withAsPathPrefix(List.of(7L, 8L)), LEARNED),
        no("beyond the path", ANY.withAsPathPrefix(List.of(7L, 8L, 9L)), LEARNED),
        no("later in the path", ANY.withAsPathPrefix(List.of(8L)), LEARNED),
        no("path of own route", ANY.withAsPathPrefix(List.of(7L)), LOCAL),
        yes("path over segments", ANY.withAsPathPrefix(List.of(7L, 8L)), set),
        no("path into a set", ANY.withAsPathPrefix(List.of(7L, 8L, 9L)), set),
        no("path of a confederation", ANY.withAsPathPrefix(List.of(99L)), set),
        yes("priority", ANY.withPriority(1024), LOCAL),
        no("other priority", ANY.withPriority(1023), LOCAL),
        yes("default priority", ANY.withPriority(2147483547), LEARNED),
        yes(
            "all at once",
            community("65000:1")
                .withFamily(AddressFamily.IPV4)
                .withPrefix(PrefixMatch.of(Prefix.parse("10.0.0.0/8"), Operator.IN))
                .withSource(Source.REMOTE_PEERS)
                .withAsPathPrefix(List.of(7L))
                .withPeerType(PeerType.EXTERNAL),
            LEARNED),
        no(
            "all but one",
            community("65000:1")
                .withPrefix(PrefixMatch.of(Prefix.parse("10.0.0.0/8"), Operator.NOT_IN))
                .withAsPathPrefix(List.of(7L)),
            LEARNED));
  }

  @ParameterizedTest
  @MethodSource
  void matches(Case given) {
    assertThat(given.match.matches(given.route)).isEqualTo(given.matches);
    RouteFilter filter = new RouteFilter("f", List.of(Rule.of("r", given.match, REJECT)), ACCEPT);
    assertThat(filter.apply(given.route))
        .isEqualTo(new Outcome(!given.matches, given.route.attributes(), given.matches ? "r" : ""));
  }

  @Test
  void theFirstRuleThatDecidesIsTheLastOneAsked() {
    Rule first =
        Rule.of("first", ANY.withPrefix(PrefixMatch.of(LOCAL.prefix(), Operator.EQUAL)), REJECT);
    Rule second = Rule.of("second", ANY.withSource(Source.REMOTE_PEERS), ACCEPT);
    Rule third = Rule.of("third", ANY, REJECT);
    RouteFilter filter = new RouteFilter("f", List.of(first, second, third), ACCEPT);
    assertThat(filter.apply(LEARNED)).isEqualTo(new Outcome(true, LEARNED.attributes(), "second"));
    assertThat(filter.apply(LOCAL).rule()).isEqualTo("first");
    assertThat(new RouteFilter("f", List.of(first), REJECT).apply(LEARNED))
        .isEqualTo(new Outcome(false, LEARNED.attributes(), ""));
  }

  @Test
  void operationsAreDoneInOrder() {
    Rule rule =
        new Rule(
            "change",
            ANY,
            ACCEPT,
            List.of(
                new AddCommunity(Community.parse("65000:9")),
                new AddCommunity(Community.parse("4294967295:0:1")),
                new PrependAsPath(List.of(5L, 6L)),
                new PrependAsPath(List.of(4L)),
                new SetPriority(512)));
    PathAttributes changed =
        new RouteFilter("f", List.of(rule), REJECT).apply(LEARNED).attributes();
    assertThat(changed)
        .isEqualTo(
            LEARNED.attributes().toBuilder()
                .communities(List.of(65000 << 16 | 1, 5, 65000 << 16 | 9))
                .largeCommunities(
                    List.of(new LargeCommunity(1, 2, 3), new LargeCommunity(0xffff_ffffL, 0, 1)))
                .asPath(path(4L, 5L, 6L, 7L, 8L))
                .localPreference(2147483135L)
                .build());
  }

  @Test
  void whatChangesNothingGivesTheVeryAttributes() {
    Rule rule =
        new Rule("same", ANY, CONTINUE, List.of(new AddCommunity(Community.parse("65000:1"))));
    Rule priority = new Rule("same too", ANY, ACCEPT, List.of(new SetPriority(1024)));
    RouteFilter filter = new RouteFilter("f", List.of(rule), ACCEPT);
    assertThat(filter.apply(LEARNED).attributes()).isSameAs(LEARNED.attributes());
    assertThat(new RouteFilter("f", List.of(priority), REJECT).apply(LOCAL).attributes())
        .isSameAs(LOCAL.attributes());
  }

  @Test
  void laterRulesSeeWhatEarlierOnesChanged() {
    Rule mark =
        new Rule("mark", ANY, CONTINUE, List.of(new AddCommunity(Community.parse("65000:9"))));
    Rule look = Rule.of("look", community("65000:9"), REJECT);
    RouteFilter filter = new RouteFilter("f", List.of(mark, look), ACCEPT);
    assertThat(filter.apply(LEARNED).rule()).isEqualTo("look");
    assertThat(new RouteFilter("f", List.of(look, mark), ACCEPT).apply(LEARNED).accepted())
        .isTrue();
  }

  @Test
  void aRunRemembersOneResultForTheSameAttributes() {
    Rule rule =
        new Rule("mark", ANY, ACCEPT, List.of(new AddCommunity(Community.parse("65000:9"))));
    FilterRun run = new FilterRun(new RouteFilter("f", List.of(rule), REJECT));
    PathAttributes once = run.apply(LEARNED).attributes();
    assertThat(run.apply(LEARNED).attributes()).isSameAs(once);
    assertThat(run.apply(LOCAL).attributes().communities()).containsExactly(65000 << 16 | 9);
    assertThat(run.apply(LEARNED).attributes()).isEqualTo(once);
  }

  @Test
  void knowsWhatItNeedNotLookAt() {
    assertThat(RouteFilter.ACCEPT.acceptsAll()).isTrue();
    assertThat(RouteFilter.REJECT.rejectsAll()).isTrue();
    RouteFilter plain = new RouteFilter("f", List.of(Rule.of("r", ANY, ACCEPT)), REJECT);
    assertThat(plain.acceptsAll() || plain.rejectsAll() || plain.looksAtPrefix()).isFalse();
    Match exact = ANY.withPrefix(PrefixMatch.of(LOCAL.prefix(), Operator.EQUAL));
    assertThat(new RouteFilter("f", List.of(Rule.of("r", exact, ACCEPT)), REJECT).looksAtPrefix())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        ":",
        "1:",
        ":1",
        "65536:1",
        "1:65536",
        "-1:1",
        "1:+1",
        "1:2:",
        "1:2:3:4",
        "a:b",
        "1:2:4294967296",
        "99999999999:1:1",
        "1 :2"
      })
  void notCommunities(String text) {
    assertThatThrownBy(() -> Community.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\"");
  }

  @Test
  void communitiesAreWrittenAsRead() {
    assertThat(Community.parse("65535:65281")).hasToString("65535:65281");
    assertThat(Community.parse("1:22:4294967295")).hasToString("1:22:4294967295");
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    Prefix cidr = Prefix.parse("10.0.0.0/8");
    List<Runnable> wrong =
        List.of(
            () -> new PrefixMatch(cidr, Operator.IN, 24, 16),
            () -> new PrefixMatch(cidr, Operator.IN, -1, 16),
            () -> new PrefixMatch(cidr, Operator.IN, 0, 33),
            () -> new SetPriority(0),
            () -> new SetPriority(Integer.MAX_VALUE),
            () -> new PrependAsPath(List.of()),
            () -> new PrependAsPath(List.of(0L)),
            () -> new PrependAsPath(List.of(1L << 32)),
            () -> new Rule("r", ANY, REJECT, List.of(new SetPriority(1))),
            () -> new RouteFilter("f", List.of(), CONTINUE));
    for (Runnable each : wrong) {
      assertThatThrownBy(each::run).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
