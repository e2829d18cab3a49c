package dev.manul.bgp.wire;

import static dev.manul.bgp.wire.FaultAction.DISABLE_FAMILY;
import static dev.manul.bgp.wire.FaultAction.DISCARD;
import static dev.manul.bgp.wire.FaultAction.WITHDRAW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What RFC 7606 asks for, attribute by attribute. */
class UpdateErrorsTest {
  private static final String ORIGIN = "40010100";
  private static final String AS_PATH = "4002060201 0000fde9";
  private static final String NEXT_HOP = "4003040a000002";
  private static final String LOCAL_PREF = "40050400000064";
  private static final String GOOD = ORIGIN + AS_PATH + NEXT_HOP;
  private static final String PREFIX = "180a0101";
  private static final Prefix TEN = Prefix.parse("10.1.1.0/24");
  private static final Prefix SIX = Prefix.parse("2001:db8::/32");

  /** MP_REACH_NLRI of 2001:db8::/32 by 2001:db8::1. */
  private static final String REACH_VALUE =
      "000201 10 20010db8000000000000000000000001 00 2020010db8";

  private static final String REACH = "800e1a" + REACH_VALUE;

  record Case(String name, String attributes, DecodeContext context, int type, FaultAction action) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case external(String name, String attributes, int type, FaultAction action) {
    return new Case(name, attributes, Wire.EXTERNAL, type, action);
  }

  private static Case internal(String name, String attributes, int type, FaultAction action) {
    return new Case(name, LOCAL_PREF + attributes, Wire.INTERNAL, type, action);
  }

  static Stream<Case> cases() {
    return Stream.of(
        external("ORIGIN of 2 octets", "4001020000" + AS_PATH + NEXT_HOP, 1, WITHDRAW),
        external("ORIGIN 3", "40010103" + AS_PATH + NEXT_HOP, 1, WITHDRAW),
        external("ORIGIN optional", "c0010100" + AS_PATH + NEXT_HOP, 1, WITHDRAW),
        external("ORIGIN missing", AS_PATH + NEXT_HOP, 1, WITHDRAW),
        external("ORIGIN twice", GOOD + ORIGIN, 1, DISCARD),
        external("AS_PATH segment type 5", ORIGIN + "40020605010000fde9" + NEXT_HOP, 2, WITHDRAW),
        external("AS_PATH empty segment", ORIGIN + "4002020200" + NEXT_HOP, 2, WITHDRAW),
        external("AS_PATH cut short", ORIGIN + "4002050201 0000fd" + NEXT_HOP, 2, WITHDRAW),
        external("AS_PATH one octet", ORIGIN + "40020102" + NEXT_HOP, 2, WITHDRAW),
        external("AS_PATH with AS 0", ORIGIN + "4002060201 00000000" + NEXT_HOP, 2, WITHDRAW),
        external(
            "AS_PATH of a confederation", ORIGIN + "40020603010000fde9" + NEXT_HOP, 2, WITHDRAW),
        external("AS_PATH missing", ORIGIN + NEXT_HOP, 2, WITHDRAW),
        external("NEXT_HOP of 5 octets", ORIGIN + AS_PATH + "4003050a00000200", 3, WITHDRAW),
        external("NEXT_HOP 0.0.0.0", ORIGIN + AS_PATH + "40030400000000", 3, WITHDRAW),
        external("NEXT_HOP multicast", ORIGIN + AS_PATH + "400304e0000001", 3, WITHDRAW),
        external("NEXT_HOP broadcast", ORIGIN + AS_PATH + "400304ffffffff", 3, WITHDRAW),
        external("NEXT_HOP missing", ORIGIN + AS_PATH, 3, WITHDRAW),
        external("MULTI_EXIT_DISC of 3 octets", GOOD + "800403000000", 4, WITHDRAW),
        external("MULTI_EXIT_DISC transitive", GOOD + "c0040400000000", 4, WITHDRAW),
        external("LOCAL_PREF from outside", GOOD + LOCAL_PREF, 5, DISCARD),
        external("LOCAL_PREF malformed from outside", GOOD + "40050100", 5, DISCARD),
        new Case("LOCAL_PREF of 3 octets", GOOD + "400503000000", Wire.INTERNAL, 5, WITHDRAW),
        new Case("LOCAL_PREF missing", GOOD, Wire.INTERNAL, 5, WITHDRAW),
        external("ATOMIC_AGGREGATE of 1 octet", GOOD + "40060100", 6, DISCARD),
        external("ATOMIC_AGGREGATE optional", GOOD + "c00600", 6, WITHDRAW),
        external("AGGREGATOR of 6 octets", GOOD + "c00706fde90a000001", 7, DISCARD),
        external("AGGREGATOR of AS 0", GOOD + "c00708000000000a000001", 7, DISCARD),
        external("COMMUNITIES of 0 octets", GOOD + "c00800", 8, WITHDRAW),
        external("COMMUNITIES of 5 octets", GOOD + "c008050000000000", 8, WITHDRAW),
        external("COMMUNITIES not transitive", GOOD + "80080400010001", 8, WITHDRAW),
        external("ORIGINATOR_ID from outside", GOOD + "8009040a000001", 9, DISCARD),
        internal("ORIGINATOR_ID of 3 octets", GOOD + "8009030a0000", 9, WITHDRAW),
        external("CLUSTER_LIST from outside", GOOD + "800a040a000001", 10, DISCARD),
        internal("CLUSTER_LIST of 0 octets", GOOD + "800a00", 10, WITHDRAW),
        internal("CLUSTER_LIST of 6 octets", GOOD + "800a060a0000010a00", 10, WITHDRAW),
        external("AS4_PATH of a 4-octet speaker", GOOD + "c01106020100000001", 17, DISCARD),
        external(
            "AS4_AGGREGATOR of a 4-octet speaker", GOOD + "c01208000000010a000001", 18, DISCARD),
        external("LARGE_COMMUNITIES of 0 octets", GOOD + "c02000", 32, WITHDRAW),
        external("LARGE_COMMUNITIES of 8 octets", GOOD + "c020080000000000000000", 32, WITHDRAW),
        external("the last attribute without length", GOOD + "8004", 0, WITHDRAW),
        external("the last attribute with half its length", GOOD + "900400", 0, WITHDRAW),
        external("an attribute beyond the end", GOOD + "80040400", 4, WITHDRAW),
        external("a family not in use", GOOD + "800e06 0001 02 00 00 00", 14, DISCARD));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void costsTheAttributeOrTheRoutesButNotTheSession(Case given) {
    Decoded decoded =
        Wire.decoded(
            MessageDecoder.decode(
                Wire.update("180b0101", given.attributes, PREFIX), given.context));
    assertThat(decoded.faults())
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.type()).isEqualTo(given.type);
              assertThat(fault.action()).isEqualTo(given.action);
              assertThat(fault.reason()).isNotEmpty();
            });
    Update update = (Update) decoded.messages().getFirst();
    assertThat(decoded.messages()).hasSize(1);
    if (given.action == WITHDRAW) {
      assertThat(update.withdrawn()).containsExactly(Prefix.parse("11.1.1.0/24"), TEN);
      assertThat(update.announced()).isEmpty();
      assertThat(update.attributes()).isEqualTo(PathAttributes.EMPTY);
    } else {
      assertThat(update.announced()).containsExactly(TEN);
      PathAttributes clean =
          Wire.update(
                  MessageDecoder.decode(
                      Wire.update("", (given.context.external() ? "" : LOCAL_PREF) + GOOD, PREFIX),
                      given.context))
              .attributes();
      assertThat(update.attributes()).as("the attribute is left out").isEqualTo(clean);
    }
  }

  @Test
  void theFirstOfTwoCounts() {
    Update update =
        Wire.update(
            MessageDecoder.decode(Wire.update("", GOOD + "40010102", PREFIX), Wire.EXTERNAL));
    assertThat(update.attributes().origin()).isEqualTo(PathAttributes.Origin.IGP);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "well-known but unknown attribute, '', 40630100, 180a0101, 3, 2",
    "MP_REACH_NLRI twice, '', R R, '', 3, 1",
    "MP_REACH_NLRI beyond the end, '', 800eff00, '', 3, 5",
    "MP_REACH_NLRI of 4 octets, '', 800e0400020110, '', 3, 9",
    "MP_UNREACH_NLRI of 2 octets, '', 800f020002, '', 3, 9",
    "an error and no prefix, '', 40010103, '', 3, 1",
    "an error with MP_UNREACH_NLRI only, '', 40010103 800f080002012020010db8, '', 3, 1",
    "IPv4 prefix of 33 bits, '', G, 210a010101, 3, 10",
    "IPv4 prefix cut short, '', G, 180a01, 3, 10",
    "withdrawn prefix of 33 bits, 210a010101, '', '', 3, 10"
  })
  void endsTheSession(
      String name, String withdrawn, String attributes, String prefixes, int code, int subcode) {
    String all = attributes.replace("R", REACH).replace("G", GOOD).replace(" ", "");
    Notification notification =
        Wire.notification(
            MessageDecoder.decode(Wire.update(withdrawn, all, prefixes), Wire.EXTERNAL));
    assertThat(notification.code()).isEqualTo(code);
    assertThat(notification.subcode()).isEqualTo(subcode);
  }

  @ParameterizedTest
  @CsvSource({"00050000", "ffff0000", "00000001", "0000ffff00"})
  void lengthsBeyondTheMessageEndTheSession(String body) {
    Notification notification =
        Wire.notification(MessageDecoder.decode(Wire.message(2, body), Wire.EXTERNAL));
    assertThat(notification).isEqualTo(new Notification(3, 1, Octets.EMPTY));
  }

  @Test
  void anUnknownWellKnownAttributeIsSentBack() {
    Notification notification =
        Wire.notification(
            MessageDecoder.decode(Wire.update("", GOOD + "40630155", PREFIX), Wire.EXTERNAL));
    assertThat(notification.data()).hasToString("40630155");
  }

  @ParameterizedTest
  @CsvSource({
    "800e1a 000201 0f 20010db8000000000000000000000001 00 2020010db8",
    "800e1a 000201 20 20010db8000000000000000000000001 00 2020010db8",
    "800e1a 000201 10 20010db8000000000000000000000001 00 8120010db8",
    "800e1a 000201 10 20010db8000000000000000000000001 00 4020010db8"
  })
  void aBrokenFamilyIsDisabledWhileTheOtherGoesOn(String reach) {
    String attributes = GOOD + reach;
    Decoded decoded =
        Wire.decoded(MessageDecoder.decode(Wire.update("", attributes, PREFIX), Wire.EXTERNAL));
    assertThat(decoded.faults())
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.action()).isEqualTo(DISABLE_FAMILY);
              assertThat(fault.family()).isEqualTo(Optional.of(Family.IPV6_UNICAST));
            });
    assertThat(decoded.messages()).hasSize(1);
    assertThat(((Update) decoded.messages().getFirst()).announced()).containsExactly(TEN);

    DecodeContext ipv6Only = new DecodeContext(true, true, Set.of(Family.IPV6_UNICAST));
    assertThat(Wire.notification(MessageDecoder.decode(Wire.update("", attributes, ""), ipv6Only)))
        .isEqualTo(new Notification(3, 9, Octets.EMPTY));
  }

  @Test
  void bothFamiliesOfAMessageAreWithdrawnTogether() {
    String attributes = REACH + "40010103" + AS_PATH + NEXT_HOP;
    Decoded decoded =
        Wire.decoded(MessageDecoder.decode(Wire.update("", attributes, PREFIX), Wire.EXTERNAL));
    assertThat(decoded.messages())
        .containsExactly(
            new Update(List.of(TEN), PathAttributes.EMPTY, List.of()),
            new Update(List.of(SIX), PathAttributes.EMPTY, List.of()));
  }

  @Test
  void wrongFlagsOfMpReachCostTheRoutesOnly() {
    Decoded decoded =
        Wire.decoded(
            MessageDecoder.decode(
                Wire.update("", "c00e1a" + REACH_VALUE + ORIGIN + AS_PATH, ""), Wire.EXTERNAL));
    assertThat(decoded.messages())
        .containsExactly(new Update(List.of(SIX), PathAttributes.EMPTY, List.of()));
  }

  @Test
  void ipv4MayComeInMpReachToo() {
    String reach = "800e0d 000101 04 0a000007 00 180a0101";
    Update update =
        Wire.update(
            MessageDecoder.decode(Wire.update("", reach + ORIGIN + AS_PATH, ""), Wire.EXTERNAL));
    assertThat(update.announced()).containsExactly(TEN);
    assertThat(update.attributes().nextHop()).contains(Address.parse("10.0.0.7"));
  }

  @Test
  void bothFamiliesOfAMessageHaveTheirOwnNextHop() {
    Decoded decoded =
        Wire.decoded(MessageDecoder.decode(Wire.update("", REACH + GOOD, PREFIX), Wire.EXTERNAL));
    assertThat(decoded.messages())
        .extracting(m -> ((Update) m).attributes().nextHop().orElseThrow().text())
        .containsExactly("10.0.0.2", "2001:db8::1");
  }

  @Test
  void bitsAfterThePrefixLengthMeanNothing() {
    Update update =
        Wire.update(MessageDecoder.decode(Wire.update("", GOOD, "140a01ff"), Wire.EXTERNAL));
    assertThat(update.announced()).containsExactly(Prefix.parse("10.1.240.0/20"));
  }

  @Test
  void endOfRibOfAFamilyNotInUseIsPassedOver() {
    assertThat(
            Wire.decoded(MessageDecoder.decode(Wire.update("", "800f03000104", ""), Wire.EXTERNAL))
                .messages())
        .isEmpty();
    assertThat(
            Wire.decoded(
                    MessageDecoder.decode(Wire.update("", "900f0003000201", ""), Wire.EXTERNAL))
                .messages())
        .containsExactly(new EndOfRib(Family.IPV6_UNICAST));
  }

  @Test
  void anAggregationByAnOldSpeakerOverridesAs4() {
    // RFC 6793 section 4.2.3: AGGREGATOR without AS_TRANS is younger than the AS4 attributes.
    String attributes =
        ORIGIN
            + "4002060202fde95ba0"
            + NEXT_HOP
            + "c00706fde90a000001"
            + "c0110a02020000fde9fa56ea01"
            + "c01208fa56ea010a000001";
    Update update =
        Wire.update(MessageDecoder.decode(Wire.update("", attributes, PREFIX), Wire.EXTERNAL_2));
    assertThat(update.attributes().aggregator().orElseThrow().asNumber()).isEqualTo(65001);
    assertThat(update.attributes().asPath().segments().getFirst().asNumbers())
        .containsExactly(65001L, 23456L);
  }

  @Test
  void anAs4PathThatLeavesOutOldSpeakersIsCompleted() {
    String attributes = ORIGIN + "4002080203 fdea fde9 5ba0" + NEXT_HOP + "c01106 0201 fa56ea01";
    Update update =
        Wire.update(MessageDecoder.decode(Wire.update("", attributes, PREFIX), Wire.EXTERNAL_2));
    assertThat(update.attributes().asPath().segments())
        .singleElement()
        .extracting(AsPath.Segment::asNumbers)
        .isEqualTo(List.of(65002L, 65001L, 4200000001L));
  }
}
