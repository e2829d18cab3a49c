package dev.manul.bgp.wire;

import dev.manul.bgp.wire.AsPath.Segment;
import dev.manul.bgp.wire.AsPath.SegmentType;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Keepalive;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability.GracefulFamily;
import dev.manul.bgp.wire.PathAttributes.Aggregator;
import dev.manul.bgp.wire.PathAttributes.Aigp;
import dev.manul.bgp.wire.PathAttributes.LargeCommunity;
import dev.manul.bgp.wire.PathAttributes.Origin;
import dev.manul.bgp.wire.PathAttributes.UnknownAttribute;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;

/** Makes valid messages out of a seed. */
final class RandomMessages {
  private static final SegmentType[] OUTSIDE = {SegmentType.SET, SegmentType.SEQUENCE};

  private final Random random;

  /** What the messages are made for; an external peer gets no internal attributes. */
  private final DecodeContext context;

  RandomMessages(Random random, DecodeContext context) {
    this.random = random;
    this.context = context;
  }

  BgpMessage message() {
    return switch (random.nextInt(10)) {
      case 0 -> open();
      case 1 -> new Keepalive();
      case 2 -> new Notification(random.nextInt(256), random.nextInt(256), octets(300));
      case 3 -> new RouteRefresh(family(), random.nextInt(3));
      case 4 -> new EndOfRib(Family.unicast(addressFamily()));
      default -> update();
    };
  }

  Open open() {
    List<Capability> capabilities = list(random.nextInt(4) == 0 ? 12 : 5, this::capability);
    long asNumber = random.nextLong(1, 65536);
    for (Capability capability : capabilities) {
      if (capability instanceof Capability.FourOctetAs(long number)) {
        asNumber = number;
        break;
      }
    }
    int holdTime = random.nextInt(4) == 0 ? 0 : 3 + random.nextInt(65533);
    return new Open(4, asNumber, holdTime, new Ipv4Address(random.nextInt() | 1), capabilities);
  }

  private Capability capability() {
    return switch (random.nextInt(12)) {
      case 0 -> new Capability.Multiprotocol(family());
      case 1 -> new Capability.RouteRefresh();
      case 2 -> new Capability.EnhancedRouteRefresh();
      case 3 -> new Capability.FourOctetAs(asNumber());
      case 4 ->
          new Capability.GracefulRestart(
              random.nextBoolean(),
              random.nextBoolean(),
              random.nextInt(4096),
              list(3, () -> new GracefulFamily(family(), random.nextBoolean())));
      case 5 -> new Capability.ExtendedMessages();
      case 6 -> new Capability.BgpRole(random.nextInt(256));
      case 7 -> new Capability.AddPath(listOf(1 + random.nextInt(3), this::addPath));
      case 8 ->
          new Capability.ExtendedNextHop(
              listOf(
                  1 + random.nextInt(3),
                  () -> new Capability.NextHopEncoding(family(), random.nextInt(65536))));
      case 9 ->
          new Capability.LongLivedGracefulRestart(
              list(
                  3,
                  () ->
                      new Capability.LongLivedFamily(
                          family(), random.nextBoolean(), random.nextInt(1 << 24))));
      case 10 ->
          new Capability.HostName("node-" + random.nextInt(), random.nextBoolean() ? "" : "é");
      default -> new Capability.Unknown(74 + random.nextInt(180), octets(255));
    };
  }

  private Capability.AddPathFamily addPath() {
    return new Capability.AddPathFamily(family(), random.nextInt(256));
  }

  Update update() {
    AddressFamily family = addressFamily();
    List<Prefix> withdrawn = prefixes(family, random.nextInt(3) == 0 ? 60 : 3);
    List<Prefix> announced = prefixes(family, random.nextInt(3) == 0 ? 60 : 3);
    if (announced.isEmpty()) {
      return new Update(
          withdrawn.isEmpty() ? List.of(prefix(family)) : withdrawn,
          PathAttributes.EMPTY,
          List.of());
    }
    return new Update(withdrawn, attributes(family), announced);
  }

  PathAttributes attributes(AddressFamily family) {
    boolean internal = !context.external();
    AddressFamily hop =
        context.extendedNextHop().contains(Family.unicast(family)) && random.nextBoolean()
            ? AddressFamily.IPV6
            : family;
    return new PathAttributes(
        oneOf(Origin.values()),
        asPath(),
        Optional.of(nextHop(hop)),
        hop == AddressFamily.IPV6
            ? maybe(() -> new Ipv6Address(0xfe80L << 48, random.nextLong()))
            : Optional.empty(),
        maybeNumber(),
        internal ? OptionalLong.of(number()) : OptionalLong.empty(),
        random.nextBoolean(),
        maybe(() -> new Aggregator(asNumber(), new Ipv4Address(random.nextInt()))),
        list(random.nextInt(8) == 0 ? 80 : 3, random::nextInt),
        internal ? maybe(() -> new Ipv4Address(random.nextInt())) : Optional.empty(),
        internal ? list(3, () -> new Ipv4Address(random.nextInt())) : List.of(),
        list(3, () -> new LargeCommunity(number(), number(), number())),
        list(3, random::nextLong),
        internal ? maybe(() -> new Aigp(random.nextLong(), Octets.EMPTY)) : Optional.empty(),
        maybeNumber(),
        List.of(),
        list(3, this::unknown));
  }

  private UnknownAttribute unknown() {
    int[] types = {11, 19, 33, 36, 128, 255};
    return new UnknownAttribute(0xe0, types[random.nextInt(types.length)], octets(200));
  }

  private AsPath asPath() {
    boolean confederation = !context.external() && context.fourOctetAs();
    return new AsPath(
        list(
            3,
            () ->
                new Segment(
                    oneOf(confederation ? SegmentType.values() : OUTSIDE),
                    listOf(
                        1 + random.nextInt(random.nextInt(20) == 0 ? 160 : 5), this::asNumber))));
  }

  List<Prefix> prefixes(AddressFamily family, int limit) {
    return list(limit, () -> prefix(family));
  }

  Prefix prefix(AddressFamily family) {
    return Prefix.of(address(family), random.nextInt(family.bits() + 1));
  }

  private Address address(AddressFamily family) {
    return family == AddressFamily.IPV4
        ? new Ipv4Address(random.nextInt())
        : new Ipv6Address(random.nextLong(), random.nextLong());
  }

  private Address nextHop(AddressFamily family) {
    return family == AddressFamily.IPV4
        ? new Ipv4Address(10 << 24 | random.nextInt(1 << 24))
        : new Ipv6Address(0x2001_0db8L << 32 | random.nextInt(1 << 16), random.nextLong());
  }

  private AddressFamily addressFamily() {
    return random.nextBoolean() ? AddressFamily.IPV4 : AddressFamily.IPV6;
  }

  private Family family() {
    return random.nextInt(4) == 0
        ? new Family(random.nextInt(65536), random.nextInt(256))
        : Family.unicast(addressFamily());
  }

  private long asNumber() {
    return random.nextLong(1, random.nextBoolean() ? 1L << 16 : 1L << 32);
  }

  private long number() {
    return random.nextLong(1L << 32);
  }

  private OptionalLong maybeNumber() {
    return random.nextBoolean() ? OptionalLong.of(number()) : OptionalLong.empty();
  }

  private Octets octets(int limit) {
    byte[] bytes = new byte[random.nextInt(limit + 1)];
    random.nextBytes(bytes);
    return Octets.of(bytes);
  }

  private <T> T oneOf(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private <T> Optional<T> maybe(Supplier<T> supplier) {
    return random.nextBoolean() ? Optional.of(supplier.get()) : Optional.empty();
  }

  private <T> List<T> list(int limit, Supplier<T> supplier) {
    return listOf(random.nextInt(limit + 1), supplier);
  }

  private static <T> List<T> listOf(int size, Supplier<T> supplier) {
    List<T> list = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      list.add(supplier.get());
    }
    return list;
  }
}
