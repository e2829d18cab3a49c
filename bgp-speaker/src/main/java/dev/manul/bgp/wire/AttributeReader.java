package dev.manul.bgp.wire;

import dev.manul.bgp.wire.PathAttributes.Aggregator;
import dev.manul.bgp.wire.PathAttributes.Aigp;
import dev.manul.bgp.wire.PathAttributes.LargeCommunity;
import dev.manul.bgp.wire.PathAttributes.Origin;
import dev.manul.bgp.wire.PathAttributes.UnknownAttribute;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * How the value of each attribute is read, as {@link AttributeType} lists them. Each method returns
 * null when the value is good, else what is wrong with it.
 */
final class AttributeReader {
  static final int AIGP_TLV = 1;
  static final int AIGP_TLV_LENGTH = 11;

  private AttributeReader() {}

  static String origin(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (value.readableBytes() != 1) {
      return wrongLength(value, "1");
    }
    int code = value.readUnsignedByte();
    into.origin =
        switch (code) {
          case 0 -> Origin.IGP;
          case 1 -> Origin.EGP;
          case 2 -> Origin.INCOMPLETE;
          default -> null;
        };
    return into.origin == null ? "value " + code + " is not 0, 1 or 2" : null;
  }

  static String asPath(ByteBuf value, DecodeContext context, AttributeDraft into) {
    AsPath path = AsPathCodec.read(value, context.fourOctetAs());
    if (path == null) {
      return "a segment is of unknown type, empty, cut short, or has AS 0";
    }
    if (context.external() && AsPathCodec.hasConfederation(path)) {
      return "a confederation segment comes from outside the confederation";
    }
    into.asPath = path;
    return null;
  }

  static String nextHop(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (value.readableBytes() != 4) {
      return wrongLength(value, "4");
    }
    into.nextHop = new Ipv4Address(value.readInt());
    return unusable(into.nextHop);
  }

  /** A next hop that no packet can be sent to. Loopback is left to the session's policy. */
  private static String unusable(Address nextHop) {
    return nextHop.isUnspecified() || nextHop.isMulticast() || nextHop.equals(Ipv4Address.BROADCAST)
        ? "next hop " + nextHop + " is not a host's address"
        : null;
  }

  static String med(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (value.readableBytes() != 4) {
      return wrongLength(value, "4");
    }
    into.med = OptionalLong.of(value.readUnsignedInt());
    return null;
  }

  static String localPref(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (value.readableBytes() != 4) {
      return wrongLength(value, "4");
    }
    into.localPref = OptionalLong.of(value.readUnsignedInt());
    return null;
  }

  static String atomicAggregate(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (value.isReadable()) {
      return wrongLength(value, "0");
    }
    into.atomicAggregate = true;
    return null;
  }

  static String aggregator(ByteBuf value, DecodeContext context, AttributeDraft into) {
    int expected = context.fourOctetAs() ? 8 : 6;
    if (value.readableBytes() != expected) {
      return wrongLength(value, Integer.toString(expected));
    }
    long asNumber = context.fourOctetAs() ? value.readUnsignedInt() : value.readUnsignedShort();
    if (asNumber == 0) {
      return "AS 0 is reserved";
    }
    into.aggregator = new Aggregator(asNumber, new Ipv4Address(value.readInt()));
    return null;
  }

  static String communities(ByteBuf value, DecodeContext context, AttributeDraft into) {
    int octets = value.readableBytes();
    if (octets == 0 || octets % 4 != 0) {
      return wrongLength(value, "a multiple of 4");
    }
    List<Integer> communities = new ArrayList<>(octets / 4);
    while (value.isReadable()) {
      communities.add(value.readInt());
    }
    into.communities = communities;
    return null;
  }

  static String originatorId(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (value.readableBytes() != 4) {
      return wrongLength(value, "4");
    }
    into.originatorId = new Ipv4Address(value.readInt());
    return null;
  }

  static String clusterList(ByteBuf value, DecodeContext context, AttributeDraft into) {
    int octets = value.readableBytes();
    if (octets == 0 || octets % 4 != 0) {
      return wrongLength(value, "a multiple of 4");
    }
    List<Ipv4Address> clusters = new ArrayList<>(octets / 4);
    while (value.isReadable()) {
      clusters.add(new Ipv4Address(value.readInt()));
    }
    into.clusterList = clusters;
    return null;
  }

  static String largeCommunities(ByteBuf value, DecodeContext context, AttributeDraft into) {
    int octets = value.readableBytes();
    if (octets == 0 || octets % 12 != 0) {
      return wrongLength(value, "a multiple of 12");
    }
    List<LargeCommunity> communities = new ArrayList<>(octets / 12);
    while (value.isReadable()) {
      communities.add(
          new LargeCommunity(
              value.readUnsignedInt(), value.readUnsignedInt(), value.readUnsignedInt()));
    }
    into.largeCommunities = communities;
    return null;
  }

  /** RFC 4360, and RFC 7606 section 7.14. */
  static String extendedCommunities(ByteBuf value, DecodeContext context, AttributeDraft into) {
    int octets = value.readableBytes();
    if (octets == 0 || octets % 8 != 0) {
      return wrongLength(value, "a multiple of 8");
    }
    List<Long> communities = new ArrayList<>(octets / 8);
    while (value.isReadable()) {
      communities.add(value.readLong());
    }
    into.extendedCommunities = communities;
    return null;
  }

  /** RFC 5701, and RFC 7606 section 7.15: nothing here looks into them, so they stay octets. */
  static String ipv6ExtendedCommunities(ByteBuf value, DecodeContext context, AttributeDraft into) {
    int octets = value.readableBytes();
    if (octets == 0 || octets % 20 != 0) {
      return wrongLength(value, "a multiple of 20");
    }
    into.unknown.add(
        new UnknownAttribute(
            AttributeType.OPTIONAL_TRANSITIVE,
            AttributeType.IPV6_EXTENDED_COMMUNITIES.code,
            remaining(value)));
    return null;
  }

  /**
   * AIGP, RFC 7311 section 3: TLVs, of which the first of type 1 carries the metric. Lengths are
   * those of whole TLVs.
   */
  static String aigp(ByteBuf value, DecodeContext context, AttributeDraft into) {
    Aigp found = null;
    ByteBuf others = Unpooled.buffer(0);
    while (value.isReadable()) {
      if (value.readableBytes() < 3) {
        return "a TLV is cut short";
      }
      int start = value.readerIndex();
      int type = value.readUnsignedByte();
      int length = value.readUnsignedShort();
      if (length < 3 || length - 3 > value.readableBytes()) {
        return "a TLV of length " + length + " does not fit";
      }
      if (type == AIGP_TLV && length != AIGP_TLV_LENGTH) {
        return "the metric's TLV has length " + length + ", not " + AIGP_TLV_LENGTH;
      }
      if (type == AIGP_TLV && found == null) {
        found = new Aigp(value.getLong(start + 3), Octets.EMPTY);
      } else if (type != AIGP_TLV) {
        others.writeBytes(value, start, length);
      }
      value.readerIndex(start + length);
    }
    if (found == null) {
      return "no TLV carries a metric";
    }
    into.aigp = new Aigp(found.metric(), remaining(others));
    return null;
  }

  /** OTC, RFC 9234 section 5. */
  static String onlyToCustomer(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (value.readableBytes() != 4) {
      return wrongLength(value, "4");
    }
    into.onlyToCustomer = OptionalLong.of(value.readUnsignedInt());
    return null;
  }

  private static Octets remaining(ByteBuf value) {
    byte[] bytes = new byte[value.readableBytes()];
    value.readBytes(bytes);
    return Octets.of(bytes);
  }

  static String as4Path(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (context.fourOctetAs()) {
      return "a speaker of 4-octet numbers must not send it";
    }
    AsPath path = AsPathCodec.read(value, true);
    if (path == null || path.segments().isEmpty()) {
      return "a segment is of unknown type, empty, cut short, or has AS 0";
    }
    into.as4Path = AsPathCodec.withoutConfederation(path);
    return null;
  }

  static String as4Aggregator(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (context.fourOctetAs()) {
      return "a speaker of 4-octet numbers must not send it";
    }
    if (value.readableBytes() != 8) {
      return wrongLength(value, "8");
    }
    long asNumber = value.readUnsignedInt();
    if (asNumber == 0) {
      return "AS 0 is reserved";
    }
    into.as4Aggregator = new Aggregator(asNumber, new Ipv4Address(value.readInt()));
    return null;
  }

  /**
   * MP_REACH_NLRI, RFC 4760 section 3. A next hop that is well-formed but of no use is left in the
   * draft for the caller to judge with {@link #unusableReach}, since it costs the routes only.
   *
   * <pre>
   * +-----+------+--------+----------+----------+----------+
   * | AFI | SAFI | length | next hop | reserved | prefixes |
   * |  2  |  1   |   1    |          |    1     |          |
   * +-----+------+--------+----------+----------+----------+
   * </pre>
   */
  static String mpReach(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (value.readableBytes() < 5) {
      return wrongLength(value, "5 or more");
    }
    into.reachFamily = new Family(value.readUnsignedShort(), value.readUnsignedByte());
    int length = value.readUnsignedByte();
    if (!isUsed(into.reachFamily, context)) {
      // Not ours to judge; but it does announce something if anything follows the next hop.
      into.reachHasPrefixes = value.readableBytes() > length + 1;
      return null;
    }
    AddressFamily family = into.reachFamily.addressFamily();
    boolean ipv6 =
        family == AddressFamily.IPV6 || context.extendedNextHop().contains(into.reachFamily);
    boolean known =
        length == family.octets() || (ipv6 && (length == 16 || length == 32)); // RFC 8950
    if (!known || length + 1 > value.readableBytes()) {
      return "a next hop of " + length + " octets does not go with " + into.reachFamily;
    }
    readReachNextHop(value, length, into);
    value.skipBytes(1);
    PrefixList prefixes =
        PrefixList.read(family, context.addPathReceive().contains(into.reachFamily), value);
    if (prefixes == null) {
      return "a prefix is too long or cut short";
    }
    into.reach = prefixes;
    into.reachHasPrefixes = !prefixes.isEmpty();
    return null;
  }

  /** RFC 2545 section 3: a global address, or a global and a link-local one. */
  private static void readReachNextHop(ByteBuf value, int length, AttributeDraft into) {
    if (length == 4) {
      into.reachNextHop = new Ipv4Address(value.readInt());
      return;
    }
    into.reachNextHop = new Ipv6Address(value.readLong(), value.readLong());
    if (length == 32) {
      Ipv6Address second = new Ipv6Address(value.readLong(), value.readLong());
      if (into.reachNextHop.isUnspecified()) {
        into.reachNextHop = second; // some send :: where they have no global address
      } else if (second.isLinkLocal()) {
        into.reachLinkLocal = second;
      }
    }
  }

  /** What is wrong with the next hop that {@link #mpReach} has read, or null. */
  static String unusableReach(AttributeDraft draft) {
    return draft.reachNextHop == null ? null : unusable(draft.reachNextHop);
  }

  /** MP_UNREACH_NLRI, RFC 4760 section 4. */
  static String mpUnreach(ByteBuf value, DecodeContext context, AttributeDraft into) {
    if (value.readableBytes() < 3) {
      return wrongLength(value, "3 or more");
    }
    into.unreachFamily = new Family(value.readUnsignedShort(), value.readUnsignedByte());
    into.unreachEmpty = !value.isReadable();
    if (!isUsed(into.unreachFamily, context)) {
      return null;
    }
    PrefixList prefixes =
        PrefixList.read(
            into.unreachFamily.addressFamily(),
            context.addPathReceive().contains(into.unreachFamily),
            value);
    if (prefixes == null) {
      return "a prefix is too long or cut short";
    }
    into.unreach = prefixes;
    return null;
  }

  static boolean isUsed(Family family, DecodeContext context) {
    return family.isUnicast() && context.families().contains(family);
  }

  private static String wrongLength(ByteBuf value, String expected) {
    return "length is " + value.readableBytes() + ", not " + expected;
  }
}
