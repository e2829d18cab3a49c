package dev.manul.bgp.wire;

import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Keepalive;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Writes BGP messages (RFC 4271 section 4), each of 4096 octets at most, or of 65,535 where both
 * sides know extended messages (RFC 8654).
 */
public final class MessageEncoder {
  /** Header, and the two lengths of an UPDATE. */
  private static final int UPDATE_FRAME = MessageDecoder.HEADER_LENGTH + 4;

  /** Head of a multiprotocol attribute, extended length, AFI and SAFI. */
  private static final int MULTIPROTOCOL_HEAD = 7;

  private MessageEncoder() {}

  /**
   * Writes a message. An UPDATE with more prefixes than fit is written as several, withdrawals
   * first; one without any prefix is not written, for it would say End-of-RIB.
   *
   * @throws IllegalArgumentException when the message cannot be written: attributes that do not
   *     {@link #fits fit}, or a next hop of another family than the prefixes; {@code out} is then
   *     as it was
   */
  public static void encode(BgpMessage message, EncodeContext context, ByteBuf out) {
    int start = out.writerIndex();
    try {
      switch (message) {
        case Open open -> {
          header(MessageDecoder.OPEN, out);
          OpenCodec.encode(open, out);
          finish(start, MessageDecoder.MAX_LENGTH, out);
        }
        case Update update -> update(update, context, out);
        case EndOfRib(Family family) -> endOfRib(family, out);
        case Notification(int code, int subcode, Octets data) -> {
          header(MessageDecoder.NOTIFICATION, out);
          out.writeByte(code).writeByte(subcode).writeBytes(data.toArray());
          finish(start, context.maxLength(), out);
        }
        case Keepalive() -> {
          header(MessageDecoder.KEEPALIVE, out);
          finish(start, MessageDecoder.MAX_LENGTH, out);
        }
        case RouteRefresh(Family family, int subtype) -> {
          header(MessageDecoder.ROUTE_REFRESH, out);
          out.writeShort(family.afi()).writeByte(subtype).writeByte(family.safi());
          finish(start, MessageDecoder.MAX_LENGTH, out);
        }
      }
    } catch (IllegalArgumentException e) {
      out.writerIndex(start);
      throw e;
    }
  }

  /** True when an UPDATE of these attributes has room for any one prefix of the family. */
  public static boolean fits(PathAttributes attributes, Family family, EncodeContext context) {
    AddressFamily addresses = family.addressFamily();
    int longest = addresses.octets() + 1 + (context.addPathSend().contains(family) ? 4 : 0);
    try {
      ByteBuf encoded = encoded(addresses, attributes, context);
      return room(addresses, attributes, encoded, context) >= longest;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Some of the prefixes of a list, between two octets of it. */
  private record Slice(PrefixList prefixes, int from, int to) {
    static final Slice NONE = all(PrefixList.EMPTY);

    static Slice all(PrefixList prefixes) {
      return new Slice(prefixes, 0, prefixes.octets());
    }

    boolean isEmpty() {
      return from == to;
    }

    void write(ByteBuf out) {
      prefixes.write(from, to, out);
    }
  }

  private static void update(Update update, EncodeContext context, ByteBuf out) {
    PrefixList withdrawn = identified(update.withdrawn(), context);
    PrefixList announced = identified(update.announced(), context);
    if (announced.isEmpty()) {
      withdraw(withdrawn, context, out);
      return;
    }
    AddressFamily family = announced.family();
    PathAttributes attributes = update.attributes();
    ByteBuf encoded = encoded(family, attributes, context);
    int room = room(family, attributes, encoded, context);
    int from = 0;
    if (!withdrawn.isEmpty()) {
      int head = isMultiprotocol(family, attributes) ? MULTIPROTOCOL_HEAD : 0;
      if (withdrawn.family() == family && withdrawn.octets() + announced.octets() + head <= room) {
        Slice gone = Slice.all(withdrawn);
        write(family, gone, attributes, encoded, Slice.all(announced), context, out);
        return;
      }
      withdraw(withdrawn, context, out);
    }
    while (from < announced.octets()) {
      int to = announced.fill(from, room);
      if (to == from) {
        throw tooLong(context.maxLength());
      }
      Slice slice = new Slice(announced, from, to);
      write(family, Slice.NONE, attributes, encoded, slice, context, out);
      from = to;
    }
  }

  /** With path identifiers where the session uses them, and only there. */
  private static PrefixList identified(PrefixList prefixes, EncodeContext context) {
    return prefixes.identified(context.addPathSend().contains(Family.unicast(prefixes.family())));
  }

  private static void withdraw(PrefixList prefixes, EncodeContext context, ByteBuf out) {
    AddressFamily family = prefixes.family();
    int frame = UPDATE_FRAME + (family == AddressFamily.IPV4 ? 0 : MULTIPROTOCOL_HEAD);
    for (int from = 0; from < prefixes.octets(); ) {
      int to = prefixes.fill(from, context.maxLength() - frame);
      Slice slice = new Slice(prefixes, from, to);
      write(family, slice, PathAttributes.EMPTY, Unpooled.EMPTY_BUFFER, Slice.NONE, context, out);
      from = to;
    }
  }

  /** All attributes but the multiprotocol ones: the same in each message that announces. */
  private static ByteBuf encoded(
      AddressFamily family, PathAttributes attributes, EncodeContext context) {
    ByteBuf encoded = Unpooled.buffer(128);
    AttributeWriter.write(
        attributes, nextHopAttribute(family, attributes, context), context, encoded);
    return encoded;
  }

  /** Octets left for announced prefixes beside these attributes. */
  private static int room(
      AddressFamily family, PathAttributes attributes, ByteBuf encoded, EncodeContext context) {
    int frame = UPDATE_FRAME;
    if (isMultiprotocol(family, attributes)) {
      frame += MULTIPROTOCOL_HEAD + 2 + (attributes.linkLocalNextHop().isPresent() ? 32 : 16);
    }
    return context.maxLength() - frame - encoded.readableBytes();
  }

  /** Whether prefixes go in MP_REACH_NLRI: all of IPv6, and those of RFC 8950. */
  private static boolean isMultiprotocol(AddressFamily family, PathAttributes attributes) {
    return family == AddressFamily.IPV6 || attributes.nextHop().orElse(null) instanceof Ipv6Address;
  }

  private static Ipv4Address nextHopAttribute(
      AddressFamily family, PathAttributes attributes, EncodeContext context) {
    Address nextHop = attributes.nextHop().orElse(null);
    if (family == AddressFamily.IPV6
        || (nextHop instanceof Ipv6Address
            && context.extendedNextHop().contains(Family.IPV4_UNICAST))) {
      return null;
    }
    if (nextHop instanceof Ipv4Address ipv4) {
      return ipv4;
    }
    throw wrongNextHop(attributes, family);
  }

  /** Writes one UPDATE of one family; the caller has seen to it that all fits. */
  private static void write(
      AddressFamily family,
      Slice withdrawn,
      PathAttributes attributes,
      ByteBuf encoded,
      Slice announced,
      EncodeContext context,
      ByteBuf out) {
    int start = out.writerIndex();
    boolean multiprotocol = isMultiprotocol(family, attributes);
    try {
      header(MessageDecoder.UPDATE, out);
      int at = length(out);
      if (!multiprotocol) {
        withdrawn.write(out);
      }
      setLength(at, out);
      at = length(out);
      if (multiprotocol) {
        writeMultiprotocol(family, withdrawn, attributes, announced, out);
      }
      out.writeBytes(encoded, encoded.readerIndex(), encoded.readableBytes());
      setLength(at, out);
      if (!multiprotocol) {
        announced.write(out);
      }
      finish(start, context.maxLength(), out);
    } catch (IllegalArgumentException e) {
      out.writerIndex(start);
      throw e;
    }
  }

  private static void writeMultiprotocol(
      AddressFamily family,
      Slice withdrawn,
      PathAttributes attributes,
      Slice announced,
      ByteBuf out) {
    if (!announced.isEmpty()) {
      int at = multiprotocol(AttributeType.MP_REACH_NLRI, Family.unicast(family), out);
      reachNextHop(attributes, out);
      announced.write(out);
      setLength(at, out);
    }
    if (!withdrawn.isEmpty()) {
      int at = multiprotocol(AttributeType.MP_UNREACH_NLRI, Family.unicast(family), out);
      withdrawn.write(out);
      setLength(at, out);
    }
  }

  private static void endOfRib(Family family, ByteBuf out) {
    int start = out.writerIndex();
    header(MessageDecoder.UPDATE, out);
    out.writeShort(0);
    int at = length(out);
    if (!family.equals(Family.IPV4_UNICAST)) {
      setLength(multiprotocol(AttributeType.MP_UNREACH_NLRI, family, out), out);
    }
    setLength(at, out);
    finish(start, MessageDecoder.MAX_LENGTH, out);
  }

  /** Writes the head of a multiprotocol attribute; gives where its length is to be set. */
  private static int multiprotocol(AttributeType type, Family family, ByteBuf out) {
    out.writeByte(type.flags | AttributeType.EXTENDED_LENGTH).writeByte(type.code);
    int at = length(out);
    out.writeShort(family.afi()).writeByte(family.safi());
    return at;
  }

  /** Next hop and the reserved octet, RFC 2545 section 3 and RFC 8950 section 3. */
  private static void reachNextHop(PathAttributes attributes, ByteBuf out) {
    if (!(attributes.nextHop().orElse(null) instanceof Ipv6Address nextHop)) {
      throw wrongNextHop(attributes, AddressFamily.IPV6);
    }
    Address linkLocal = attributes.linkLocalNextHop().orElse(null);
    out.writeByte(linkLocal == null ? 16 : 32);
    out.writeLong(nextHop.high()).writeLong(nextHop.low());
    if (linkLocal instanceof Ipv6Address second) {
      out.writeLong(second.high()).writeLong(second.low());
    } else if (linkLocal != null) {
      throw wrongNextHop(attributes, AddressFamily.IPV6);
    }
    out.writeByte(0);
  }

  private static void header(int type, ByteBuf out) {
    out.writeLong(-1).writeLong(-1).writeShort(0).writeByte(type);
  }

  private static void finish(int start, int most, ByteBuf out) {
    int length = out.writerIndex() - start;
    if (length > most) {
      throw tooLong(most);
    }
    out.setShort(start + 16, length);
  }

  /** Leaves room for a length of 2 octets; gives where. */
  private static int length(ByteBuf out) {
    out.writeShort(0);
    return out.writerIndex() - 2;
  }

  private static void setLength(int at, ByteBuf out) {
    out.setShort(at, out.writerIndex() - at - 2);
  }

  private static IllegalArgumentException tooLong(int most) {
    return new IllegalArgumentException("the message has more than " + most + " octets");
  }

  private static IllegalArgumentException wrongNextHop(
      PathAttributes attributes, AddressFamily family) {
    return new IllegalArgumentException(
        "next hop "
            + attributes.nextHop().map(Address::text).orElse("(none)")
            + " does not go with "
            + Family.unicast(family)
            + " prefixes");
  }
}
