package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.AsPath.Segment;
import dev.manul.bgp.wire.AsPath.SegmentType;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability.FourOctetAs;
import dev.manul.bgp.wire.Capability.GracefulFamily;
import dev.manul.bgp.wire.Capability.GracefulRestart;
import dev.manul.bgp.wire.Capability.Multiprotocol;
import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.bgp.wire.PathAttributes.Aggregator;
import dev.manul.bgp.wire.PathAttributes.LargeCommunity;
import dev.manul.bgp.wire.PathAttributes.Origin;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What other speakers put on the wire; how it was recorded is said in captures.txt. */
class CapturedMessagesTest {
  private static final List<Captured> ALL = load();

  record Captured(String session, String sender, String hex) {
    DecodeContext context() {
      return session.equals("as4") ? Wire.EXTERNAL : Wire.EXTERNAL_2;
    }

    int type() {
      return Integer.parseInt(hex.substring(36, 38), 16);
    }

    DecodeOutcome decode() {
      return MessageDecoder.decode(Wire.bytes(hex), context());
    }

    @Override
    public String toString() {
      return session + " " + sender + " type " + type() + " " + hex.substring(38);
    }
  }

  private static List<Captured> load() {
    try (InputStream in = CapturedMessagesTest.class.getResourceAsStream("captures.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" "))
          .map(words -> new Captured(words[0], words[1], words[2]))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<Captured> all() {
    return ALL;
  }

  @ParameterizedTest
  @MethodSource("all")
  void isReadWithoutFaultAndMeansTheSameWhenWrittenAgain(Captured captured) {
    Decoded decoded = Wire.decoded(captured.decode());
    assertThat(decoded.faults()).isEmpty();
    assertThat(decoded.messages()).hasSize(1);
    ByteBuf out = Unpooled.buffer();
    MessageEncoder.encode(
        decoded.messages().getFirst(), new EncodeContext(captured.context().fourOctetAs()), out);
    assertThat(MessageDecoder.decode(out, captured.context())).isEqualTo(decoded);
  }

  /** BIRD's choices are ours except for one-octet lengths of multiprotocol attributes. */
  @ParameterizedTest
  @MethodSource("canonical")
  void isWrittenOctetForOctetAsBirdWritesIt(Captured captured) {
    ByteBuf out = Unpooled.buffer();
    MessageEncoder.encode(
        Wire.decoded(captured.decode()).messages().getFirst(),
        new EncodeContext(captured.context().fourOctetAs()),
        out);
    assertThat(Wire.hex(out)).isEqualTo(captured.hex);
  }

  static Stream<Captured> canonical() {
    return ALL.stream().filter(c -> c.sender.equals("bird") && !c.hex.contains("800f030002"));
  }

  private static BgpMessage message(String session, String sender, int type, String part) {
    List<Captured> found =
        ALL.stream()
            .filter(c -> c.session.equals(session) && c.sender.equals(sender))
            .filter(c -> c.type() == type && c.hex.contains(part))
            .toList();
    assertThat(found).hasSize(1);
    return Wire.decoded(found.getFirst().decode()).messages().getFirst();
  }

  @Test
  void openOfBird() {
    assertThat(message("as4", "bird", 1, ""))
        .isEqualTo(
            new Open(
                4,
                64512,
                240,
                (Ipv4Address) Address.parse("10.9.0.1"),
                List.of(
                    new Multiprotocol(Family.IPV4_UNICAST),
                    new Multiprotocol(Family.IPV6_UNICAST),
                    new Capability.RouteRefresh(),
                    new GracefulRestart(
                        false,
                        false,
                        120,
                        List.of(
                            new GracefulFamily(Family.IPV4_UNICAST, false),
                            new GracefulFamily(Family.IPV6_UNICAST, false))),
                    new FourOctetAs(64512),
                    new Capability.EnhancedRouteRefresh(),
                    new Capability.LongLivedGracefulRestart(List.of()))));
  }

  @Test
  void openOfGobgpHasItsLargeNumberInACapability() {
    Open open = (Open) message("as4", "gobgp", 1, "");
    assertThat(open.asNumber()).isEqualTo(4200000001L);
    assertThat(open.capabilities())
        .contains(
            new GracefulRestart(
                false, false, 90, List.of(new GracefulFamily(Family.IPV4_UNICAST, false))));
  }

  @Test
  void ipv4UpdateWithCommunities() {
    Update update = (Update) message("as4", "bird", 2, "4003040a090001c00808");
    assertThat(update.announced())
        .containsExactly(Prefix.parse("10.244.0.0/26"), Prefix.parse("10.244.1.128/25"));
    PathAttributes attributes = update.attributes();
    assertThat(attributes.origin()).isEqualTo(Origin.IGP);
    assertThat(attributes.asPath()).isEqualTo(path(64512));
    assertThat(attributes.nextHop()).contains(Address.parse("10.9.0.1"));
    assertThat(attributes.communities()).containsExactly(64512 << 16 | 1, 65535 << 16 | 65281);
  }

  @Test
  void ipv6UpdateWithTwoNextHops() {
    Update update = (Update) message("as4", "bird", 2, "c00804fc000006");
    assertThat(update.announced()).containsExactly(Prefix.parse("2001:db8:244::/122"));
    assertThat(update.attributes().nextHop()).contains(Address.parse("2001:db8:9::1"));
    assertThat(update.attributes().linkLocalNextHop())
        .contains(Address.parse("fe80::cc7e:e5ff:feb7:6b7d"));
  }

  @Test
  void updateWithEverythingGobgpSends() {
    Update update = (Update) message("as4", "gobgp", 2, "801a0b01000b");
    assertThat(update.announced()).containsExactly(Prefix.parse("172.16.5.0/24"));
    PathAttributes attributes = update.attributes();
    assertThat(attributes.origin()).isEqualTo(Origin.EGP);
    assertThat(attributes.multiExitDiscriminator()).isEqualTo(OptionalLong.of(42));
    assertThat(attributes.aggregator())
        .contains(new Aggregator(4200000001L, (Ipv4Address) Address.parse("10.9.0.2")));
    assertThat(attributes.largeCommunities())
        .containsExactly(new LargeCommunity(4200000001L, 5, 6));
    assertThat(attributes.aigp()).isPresent();
    assertThat(attributes.unknown()).isEmpty();
  }

  @Test
  void extendedCommunitiesAreRead() {
    Update update = (Update) message("as4", "gobgp", 2, "c010080002fc0000000064");
    assertThat(update.attributes().extendedCommunities()).containsExactly(0x0002fc0000000064L);
    assertThat(update.attributes().unknown()).isEmpty();
  }

  @Test
  void as4PathAndAggregatorAreMerged() {
    Update bird = (Update) message("as2", "bird", 2, "c0110e");
    assertThat(bird.attributes().asPath()).isEqualTo(path(64512, 64999, 4200000099L));
    Update gobgp = (Update) message("as2", "gobgp", 2, "c01118");
    assertThat(gobgp.attributes().asPath())
        .isEqualTo(
            new AsPath(
                List.of(
                    new Segment(SegmentType.SEQUENCE, List.of(64513L, 4200000005L, 100L)),
                    new Segment(SegmentType.SET, List.of(200L, 300L)))));
    Update aggregated = (Update) message("as2", "gobgp", 2, "c01208");
    assertThat(aggregated.attributes().aggregator().map(Aggregator::asNumber))
        .contains(4200000001L);
  }

  @Test
  void withdrawalsEndOfRibRefreshAndShutdown() {
    assertThat(message("as4", "bird", 2, "002202000b"))
        .isEqualTo(
            new Update(
                List.of(
                    Prefix.parse("0.0.0.0/0"),
                    Prefix.parse("10.244.0.0/26"),
                    Prefix.parse("10.244.1.128/25")),
                PathAttributes.EMPTY,
                List.of()));
    assertThat(message("as4", "gobgp", 2, "800f0a0002013020010db80005"))
        .isEqualTo(
            new Update(List.of(Prefix.parse("2001:db8:5::/48")), PathAttributes.EMPTY, List.of()));
    assertThat(message("as4", "bird", 2, "001702")).isEqualTo(new EndOfRib(Family.IPV4_UNICAST));
    assertThat(message("as4", "bird", 2, "001d02")).isEqualTo(new EndOfRib(Family.IPV6_UNICAST));
    assertThat(message("as4", "bird", 5, "00020001"))
        .isEqualTo(new RouteRefresh(Family.IPV6_UNICAST, 0));
    Notification notification = (Notification) message("as4", "bird", 3, "");
    assertThat(notification.code()).isEqualTo(6);
    assertThat(notification.subcode()).isEqualTo(2);
    assertThat(ShutdownCommunication.decode(notification.data()))
        .isEqualTo(Optional.of("maintenance at noon"));
  }

  private static AsPath path(long... numbers) {
    List<Long> boxed = LongStream.of(numbers).boxed().toList();
    return new AsPath(List.of(new Segment(SegmentType.SEQUENCE, boxed)));
  }
}
