package dev.manul.bgp.wire;

import static dev.manul.bgp.wire.FaultAction.DISCARD;
import static dev.manul.bgp.wire.FaultAction.WITHDRAW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What RFC 7606 and the RFCs of single attributes ask for, as one row an attribute: every wrong
 * combination of flags, malformed values, the attribute twice, and from whom it must not come.
 */
class AttributeErrorsTest {
  private static final Prefix TEN = Prefix.parse("10.1.1.0/24");
  private static final String PREFIX = "180a0101";

  /**
   * One attribute.
   *
   * @param mandatory it must be there
   * @param flags its Optional and Transitive bits
   * @param good a good value
   * @param bad malformed values, each with a name
   * @param onBad what a malformed value costs
   * @param onFlags what wrong flags cost
   * @param internal an external peer's is discarded, be it good or bad
   * @param fourOctetAs whether the session has 4-octet AS numbers
   */
  record Row(
      AttributeType type,
      boolean mandatory,
      int flags,
      String good,
      List<String> bad,
      FaultAction onBad,
      FaultAction onFlags,
      boolean internal,
      boolean fourOctetAs) {}

  private static final int WELL_KNOWN = 0x40;
  private static final int OPTIONAL = 0x80;
  private static final int TRANSITIVE = 0xc0;
  private static final String AS_1 = "02010000fde9";

  private static Row row(
      AttributeType type,
      int flags,
      String good,
      FaultAction onFlags,
      FaultAction onBad,
      String... bad) {
    boolean mandatory =
        EnumSet.of(AttributeType.ORIGIN, AttributeType.AS_PATH, AttributeType.NEXT_HOP)
            .contains(type);
    return new Row(type, mandatory, flags, good, List.of(bad), onBad, onFlags, false, true);
  }

  private static Row internal(
      AttributeType type, int flags, String good, FaultAction onBad, String... bad) {
    return new Row(
        type,
        type == AttributeType.LOCAL_PREF,
        flags,
        good,
        List.of(bad),
        onBad,
        WITHDRAW,
        true,
        true);
  }

  private static Row old(AttributeType type, String good, String... bad) {
    return new Row(type, false, TRANSITIVE, good, List.of(bad), DISCARD, DISCARD, false, false);
  }

  private static final List<Row> ROWS =
      List.of(
          // RFC 7606 section 7.1
          row(AttributeType.ORIGIN, WELL_KNOWN, "00", WITHDRAW, WITHDRAW, "", "0000", "03", "ff"),
          // section 7.2, RFC 7607 for AS 0, RFC 5065 section 5 for confederations
          row(
              AttributeType.AS_PATH,
              WELL_KNOWN,
              AS_1,
              WITHDRAW,
              WITHDRAW,
              "02",
              "0200",
              "0002 0000fde9",
              "05010000fde9",
              "02020000fde9",
              "02010000fd",
              "0201 00000000",
              AS_1 + "02",
              AS_1 + "0100"),
          // section 7.3, RFC 4271 section 6.3
          row(
              AttributeType.NEXT_HOP,
              WELL_KNOWN,
              "0a000002",
              WITHDRAW,
              WITHDRAW,
              "",
              "0a0000",
              "0a00000200",
              "00000000",
              "e0000001",
              "ffffffff"),
          // section 7.4
          row(
              AttributeType.MULTI_EXIT_DISC,
              OPTIONAL,
              "00000001",
              WITHDRAW,
              WITHDRAW,
              "",
              "000000",
              "0000000000"),
          // section 7.5
          internal(
              AttributeType.LOCAL_PREF,
              WELL_KNOWN,
              "00000064",
              WITHDRAW,
              "",
              "000000",
              "0000000000"),
          // section 7.6
          row(AttributeType.ATOMIC_AGGREGATE, WELL_KNOWN, "", WITHDRAW, DISCARD, "00", "00000000"),
          // section 7.7, RFC 7607
          row(
              AttributeType.AGGREGATOR,
              TRANSITIVE,
              "0000fde9 0a000001",
              WITHDRAW,
              DISCARD,
              "",
              "fde90a000001",
              "0000fde90a00000100",
              "000000000a000001"),
          // section 7.8
          row(
              AttributeType.COMMUNITIES,
              TRANSITIVE,
              "00010001 00010002",
              WITHDRAW,
              WITHDRAW,
              "",
              "000100",
              "0001000100"),
          // section 7.9
          internal(
              AttributeType.ORIGINATOR_ID,
              OPTIONAL,
              "0a000009",
              WITHDRAW,
              "",
              "0a0000",
              "0a00000900"),
          // section 7.10
          internal(
              AttributeType.CLUSTER_LIST,
              OPTIONAL,
              "0a000009 0a000008",
              WITHDRAW,
              "",
              "0a0000",
              "0a00000900"),
          // RFC 6793 section 6
          old(AttributeType.AS4_PATH, AS_1, "", "0201", "0200", "07010000fde9", "020100000000"),
          old(
              AttributeType.AS4_AGGREGATOR,
              "0000fde90a000001",
              "",
              "fde90a000001",
              "000000000a000001"),
          // section 7.14
          row(
              AttributeType.EXTENDED_COMMUNITIES,
              TRANSITIVE,
              "0002fc0000000064 4003ea6500000001",
              WITHDRAW,
              WITHDRAW,
              "",
              "0002fc00000000",
              "0002fc000000006400"),
          // section 7.15
          row(
              AttributeType.IPV6_EXTENDED_COMMUNITIES,
              TRANSITIVE,
              "0002 20010db8000000000000000000000001 0064",
              WITHDRAW,
              WITHDRAW,
              "",
              "0002fc0000000064",
              "0002 20010db8000000000000000000000001 006400"),
          // RFC 7311 section 3
          row(
              AttributeType.AIGP,
              OPTIONAL,
              "01000b0000000000000007",
              DISCARD,
              DISCARD,
              "",
              "01",
              "01000a00000000000000",
              "01000b00000000000000",
              "010002",
              "02000400",
              "01000c000000000000000700",
              "01000b0000000000000007 01"),
          // RFC 9234 section 6
          row(
              AttributeType.ONLY_TO_CUSTOMER,
              TRANSITIVE,
              "0000fde9",
              WITHDRAW,
              WITHDRAW,
              "",
              "fde9",
              "0000fde900"),
          // RFC 8092 section 6
          row(
              AttributeType.LARGE_COMMUNITIES,
              TRANSITIVE,
              "000000010000000200000003",
              WITHDRAW,
              WITHDRAW,
              "",
              "0000000100000002",
              "00000001000000020000000300"));

  @Test
  void everyAttributeHasARow() {
    Set<AttributeType> missing = EnumSet.allOf(AttributeType.class);
    ROWS.forEach(row -> missing.remove(row.type));
    assertThat(missing)
        .as("the multiprotocol ones break a family or the session, see UpdateErrorsTest")
        .containsExactlyInAnyOrder(AttributeType.MP_REACH_NLRI, AttributeType.MP_UNREACH_NLRI);
  }

  /**
   * One message.
   *
   * @param attribute the attribute in question as it stands in the message
   * @param action what it costs; null for nothing
   */
  record Case(String name, Row row, boolean external, String attribute, FaultAction action) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Row row : ROWS) {
      boolean outside = !row.internal;
      String good = attribute(row.flags, row, row.good);
      cases.add(new Case(row.type + " good", row, outside, good, null));
      cases.add(
          new Case(
              row.type + " partial",
              row,
              outside,
              attribute(row.flags | 0x20, row, row.good),
              null));
      cases.add(
          new Case(
              row.type + " long form",
              row,
              outside,
              attribute(row.flags | 0x10, row, row.good),
              null));
      cases.add(new Case(row.type + " twice", row, outside, good + good, DISCARD));
      for (int flags = 0; flags < 0x100; flags += 0x40) {
        if (flags != row.flags) {
          String attribute = attribute(flags, row, row.good);
          String name = row.type + " flags " + Integer.toHexString(flags);
          cases.add(new Case(name, row, outside, attribute, row.onFlags));
        }
      }
      for (String bad : row.bad) {
        String name = row.type + " value \"" + bad + "\"";
        cases.add(new Case(name, row, outside, attribute(row.flags, row, bad), row.onBad));
        if (row.internal) {
          String from = name + " from outside";
          cases.add(new Case(from, row, true, attribute(row.flags, row, bad), DISCARD));
        }
      }
      if (row.internal) {
        cases.add(new Case(row.type + " from outside", row, true, good, DISCARD));
      }
      if (row.mandatory) {
        cases.add(new Case(row.type + " missing", row, outside, "", WITHDRAW));
      }
      if (!row.fourOctetAs) {
        Row modern =
            new Row(row.type, false, row.flags, row.good, row.bad, DISCARD, DISCARD, false, true);
        cases.add(new Case(row.type + " of a 4-octet speaker", modern, outside, good, DISCARD));
      }
    }
    return cases.stream();
  }

  private static String attribute(int flags, Row row, String value) {
    String hex = value.replace(" ", "");
    int length = hex.length() / 2;
    return (flags & 0x10) != 0
        ? "%02x%02x%04x%s".formatted(flags, row.type.code, length, hex)
        : "%02x%02x%02x%s".formatted(flags, row.type.code, length, hex);
  }

  /** The mandatory attributes but the one in question, then that one. */
  private static String attributes(Case given) {
    String asPath = given.row.fourOctetAs ? "400206" + AS_1 : "4002040201fde9";
    String all =
        (given.row.type == AttributeType.ORIGIN ? "" : "40010100")
            + (given.row.type == AttributeType.AS_PATH ? "" : asPath)
            + (given.row.type == AttributeType.NEXT_HOP ? "" : "4003040a000002")
            + (given.external || given.row.type == AttributeType.LOCAL_PREF
                ? ""
                : "40050400000064");
    return all + given.attribute;
  }

  private static Decoded decode(Case given, String attributes) {
    DecodeContext context = new DecodeContext(given.row.fourOctetAs, given.external, Wire.BOTH);
    return Wire.decoded(
        MessageDecoder.decode(Wire.update("180b0101", attributes, PREFIX), context));
  }

  @ParameterizedTest
  @MethodSource
  void cases(Case given) {
    Decoded decoded = decode(given, attributes(given));
    Update update = (Update) decoded.messages().getFirst();
    assertThat(decoded.messages()).hasSize(1);
    if (given.action == null) {
      assertThat(decoded.faults()).isEmpty();
      assertThat(update.announced()).containsExactly(TEN);
      return;
    }
    assertThat(decoded.faults())
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.type()).isEqualTo(given.row.type.code);
              assertThat(fault.action()).isEqualTo(given.action);
              assertThat(fault.reason()).isNotEmpty();
            });
    if (given.action == WITHDRAW) {
      assertThat(update.withdrawn()).containsExactly(Prefix.parse("11.1.1.0/24"), TEN);
      assertThat(update.announced()).isEmpty();
      assertThat(update.attributes()).isEqualTo(PathAttributes.EMPTY);
    } else {
      assertThat(update.announced()).containsExactly(TEN);
      String once = attribute(given.row.flags, given.row, given.row.good);
      boolean twice = given.attribute.equals(once + once);
      Case clean = new Case("", given.row, given.external, twice ? once : "", null);
      assertThat(update.attributes())
          .isEqualTo(
              ((Update) decode(clean, attributes(clean)).messages().getFirst()).attributes());
    }
  }

  /** What a 2-octet speaker carries along is gone after merging; all else is written as it came. */
  @ParameterizedTest
  @MethodSource("goodOnes")
  void goodAttributesAreWrittenAsTheyCame(Case given) {
    Update update = (Update) decode(given, attributes(given)).messages().getFirst();
    ByteBuf out = Unpooled.buffer();
    MessageEncoder.encode(
        new Update(List.of(), update.attributes(), List.of(TEN)), new EncodeContext(true), out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    assertThat(HexFormat.of().formatHex(bytes)).contains(given.attribute);
  }

  static Stream<Case> goodOnes() {
    return cases()
        .filter(c -> c.action == null && c.row.fourOctetAs)
        .filter(
            c ->
                c.name.endsWith("good")
                    || (c.name.endsWith("partial") && c.row.flags == TRANSITIVE));
  }

  @Test
  void furtherTlvsOfAigpAreKeptAndASecondMetricIsNot() {
    Row row = ROWS.stream().filter(r -> r.type == AttributeType.AIGP).findFirst().orElseThrow();
    String further = "02000601020301000b0000000000000001";
    String value = "01000b00000000000000ff" + further;
    Case given = new Case("", row, false, attribute(OPTIONAL, row, value), null);
    Update update = (Update) decode(given, attributes(given)).messages().getFirst();
    assertThat(update.attributes().aigp())
        .contains(
            new PathAttributes.Aigp(
                255, Octets.of((byte) 2, (byte) 0, (byte) 6, (byte) 1, (byte) 2, (byte) 3)));
  }
}
