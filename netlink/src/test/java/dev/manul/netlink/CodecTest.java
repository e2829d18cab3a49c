package dev.manul.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import dev.manul.model.Prefix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Messages, byte by byte. The expected bytes are written out from the kernel's headers for a
 * little-endian machine.
 */
final class CodecTest {

  private final ByteBuffer buffer = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
  private final MessageWriter writer = new MessageWriter(buffer);
  private final Attributes attributes = new Attributes(buffer);

  private String hex() {
    return HexFormat.of().formatHex(buffer.array(), 0, writer.length());
  }

  private static String bytes(String spaced) {
    return spaced.replaceAll("\\s", "");
  }

  private void write(Change change, int sequence) {
    writer.clear();
    new ChangeCodec(writer, namespace -> 42).write(change, sequence);
  }

  @Test
  void anOnlinkRouteAsTheHeadersSay() {
    Route route =
        Route.onlinkVia(Prefix.parse("10.244.1.0/26"), Address.parse("10.1.5.11"), 7)
            .withProtocol(77);
    write(new Change.AddRoute(route), 0x01020304);
    assertThat(hex())
        .isEqualTo(
            bytes(
                """
                34000000 1800 0106 04030201 00000000
                02 1a 00 00 fe 4d 00 01 04000000
                0800 0100 0af40100
                0800 0400 07000000
                0800 0500 0a01050b
                """));
  }

  @Test
  void aBlackholeInALargeTableAsTheHeadersSay() {
    Route route =
        Route.blackhole(Prefix.parse("fd00::/16")).withProtocol(77).withTable(0x1000).withMetric(5);
    write(new Change.ReplaceRoute(route), 1);
    assertThat(hex())
        .isEqualTo(
            bytes(
                """
                40000000 1800 0105 01000000 00000000
                0a 10 00 00 00 4d 00 06 00000000
                1400 0100 fd000000000000000000000000000000
                0800 0f00 00100000
                0800 0600 05000000
                """));
  }

  @Test
  void aMultipathRouteAsTheHeadersSay() {
    Route route =
        Route.multipath(
            Prefix.parse("0.0.0.0/0"),
            List.of(
                NextHop.via(Address.parse("10.0.0.1"), 2).withWeight(3),
                NextHop.onlinkVia(Address.parse("fe80::1"), 3)));
    write(new Change.DeleteRoute(route), 1);
    assertThat(hex())
        .isEqualTo(
            bytes(
                """
                50000000 1900 0100 01000000 00000000
                02 00 00 00 fe 03 00 01 00000000
                3400 0900
                  1000 00 02 02000000
                    0800 0500 0a000001
                  2000 04 00 03000000
                    1600 1200 0a00 fe800000000000000000000000000001 0000
                """));
  }

  @Test
  void aVethIntoANamespaceAsTheHeadersSay() {
    LinkSpec spec =
        LinkSpec.of("cali0", LinkType.Veth.into(NetworkNamespace.named("pod"), "eth0"))
            .withMtu(1440);
    write(new Change.CreateLink(spec), 1);
    assertThat(hex())
        .isEqualTo(
            bytes(
                """
                90000000 1000 0106 01000000 00000000
                00 00 0000 00000000 01000000 01000000
                0a00 0300 63616c6930000000
                0800 0400 a0050000
                0800 1f00 01000000
                0800 2000 01000000
                4c00 1200
                  0900 0100 7665746800000000
                  3c00 0200
                    3800 0100
                      00 00 0000 00000000 00000000 00000000
                      0900 0300 6574683000000000
                      0800 1f00 01000000
                      0800 2000 01000000
                      0800 1c00 2a000000
                """));
  }

  @Test
  void anAddressANeighbourAndARuleAsTheHeadersSay() {
    LinkAddress address =
        LinkAddress.of(3, InterfaceAddress.parse("10.1.5.10/24"))
            .withFlags(LinkAddress.NO_PREFIX_ROUTE);
    write(new Change.AddAddress(address), 1);
    assertThat(hex())
        .isEqualTo(
            bytes(
                """
                30000000 1400 0106 01000000 00000000
                02 18 00 00 03000000
                0800 0200 0a01050a
                0800 0100 0a01050a
                0800 0800 00020000
                """));
    write(
        new Change.ReplaceNeighbour(
            Neighbour.permanent(3, Address.parse("10.1.5.11"), "02:00:00:00:00:0b")),
        1);
    assertThat(hex())
        .isEqualTo(
            bytes(
                """
                30000000 1c00 0105 01000000 00000000
                02 00 0000 03000000 8000 00 00
                0800 0100 0a01050b
                0a00 0200 02000000000b 0000
                """));
    write(
        new Change.AddRule(
            Rule.lookup(AddressFamily.IPV4, 100, 1000).withFrom(Prefix.parse("10.0.0.0/8"))),
        1);
    assertThat(hex())
        .isEqualTo(
            bytes(
                """
                3c000000 2000 0106 01000000 00000000
                02 00 08 00 00 00 00 01 00000000
                0800 0600 64000000
                0800 0f00 e8030000
                0800 0200 0a000000
                0500 1500 03000000
                """));
  }

  @Test
  void aMessageThatDoesNotFitIsTakenBack() {
    ByteBuffer small = ByteBuffer.allocate(60).order(ByteOrder.nativeOrder());
    MessageWriter narrow = new MessageWriter(small);
    ChangeCodec codec = new ChangeCodec(narrow, namespace -> 0);
    Change change = new Change.AddRoute(Route.blackhole(Prefix.parse("10.0.0.0/8")));
    codec.write(change, 1);
    assertThat(narrow.overflowed()).isFalse();
    int length = narrow.length();
    codec.write(change, 2);
    assertThat(narrow.overflowed()).isTrue();
    assertThat(narrow.length()).isEqualTo(length);
  }

  @Test
  void routesSurviveTheRoundTrip() {
    Random random = new Random(20261121);
    for (int i = 0; i < 5000; i++) {
      Route route = randomRoute(random);
      writer.clear();
      RouteCodec.write(writer, route);
      assertThat(RouteCodec.read(buffer, 0, writer.length(), attributes)).isEqualTo(route);
    }
  }

  private static Address randomAddress(Random random, boolean six) {
    return six
        ? new Ipv6Address(random.nextLong(), random.nextLong())
        : new Ipv4Address(random.nextInt());
  }

  private static Route randomRoute(Random random) {
    boolean six = random.nextBoolean();
    Prefix destination = Prefix.of(randomAddress(random, six), random.nextInt(six ? 129 : 33));
    RouteType[] types = {
      RouteType.UNICAST, RouteType.BLACKHOLE, RouteType.UNREACHABLE, RouteType.PROHIBIT
    };
    RouteType type = types[random.nextInt(types.length)];
    List<NextHop> hops = new ArrayList<>();
    int count = type.refuses() ? 0 : 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      Optional<Address> gateway =
          random.nextInt(4) == 0
              ? Optional.empty()
              : Optional.of(randomAddress(random, six || random.nextInt(5) == 0));
      // The weight of a single next hop has no place in a message.
      int weight = count == 1 ? 1 : 1 + random.nextInt(256);
      hops.add(new NextHop(gateway, 1 + random.nextInt(1000), weight, random.nextBoolean()));
    }
    Route route =
        Route.of(destination, type, hops)
            .withProtocol(random.nextInt(256))
            .withTable(1 + random.nextInt(random.nextBoolean() ? 255 : Integer.MAX_VALUE))
            .withMetric(random.nextLong(0x1_0000_0000L));
    return random.nextBoolean()
        ? route
        : route.withPreferredSource(randomAddress(random, six)).withTos(random.nextInt(256));
  }

  @Test
  void nothingIsReadOutsideAMessageWhateverItHolds() {
    Random random = new Random(7);
    byte[] noise = buffer.array();
    for (int i = 0; i < 20_000; i++) {
      random.nextBytes(noise);
      noise[0] = (byte) (random.nextBoolean() ? Family.INET : Family.INET6);
      int length = random.nextInt(256);
      for (int at = 16; at + 4 < length; at += 4 * (1 + random.nextInt(6))) {
        buffer.putShort(at, (short) random.nextInt(40)); // lengths and types that make some sense
        buffer.putShort(at + 2, (short) random.nextInt(32));
      }
      readAll(length);
    }
  }

  /** Noise may be refused, but only as a value that cannot be. */
  private void readAll(int length) {
    List<Runnable> readers =
        List.of(
            () -> RouteCodec.read(buffer, 0, length, attributes),
            () -> LinkCodec.read(buffer, 0, length, attributes),
            () -> AddressCodec.read(buffer, 0, length, attributes),
            () -> NeighbourCodec.read(buffer, 0, length, attributes),
            () -> NeighbourCodec.readForwarding(buffer, 0, length, attributes),
            () -> RuleCodec.read(buffer, 0, length, attributes));
    for (Runnable reader : readers) {
      try {
        reader.run();
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }

  @Test
  void hardwareAddressesAreReadAndWritten() {
    assertThat(Mac.format(Mac.parse("02:42:0a:01:05:fE"))).isEqualTo("02:42:0a:01:05:fe");
    for (String wrong : List.of("", "02:42:0a:01:05", "02-42-0a-01-05-0a", "02:42:0a:01:05:0g")) {
      assertThatThrownBy(() -> Mac.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + wrong + "\"");
    }
  }

  @Test
  void impossibleNamesAreRefused() {
    for (String wrong : List.of("", ".", "..", "a/b", "a b", "a:b", "sixteencharacter")) {
      assertThatThrownBy(() -> LinkSpec.of(wrong, new LinkType.Bridge()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + wrong + "\"");
    }
  }
}
