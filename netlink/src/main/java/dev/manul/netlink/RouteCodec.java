package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import dev.manul.model.Prefix;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Routes in messages: struct rtmsg, RTA_* and struct rtnexthop of linux/rtnetlink.h. */
final class RouteCodec {

  static final int RTM_NEWROUTE = 24;
  static final int RTM_DELROUTE = 25;
  static final int RTM_GETROUTE = 26;

  private static final int RTA_DST = 1;
  private static final int RTA_SRC = 2;
  private static final int RTA_IIF = 3;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PRIORITY = 6;
  private static final int RTA_PREFSRC = 7;
  private static final int RTA_MULTIPATH = 9;
  private static final int RTA_TABLE = 15;
  private static final int RTA_VIA = 18;

  private static final int RTNH_F_ONLINK = 4;
  private static final int RTM_F_CLONED = 0x200;
  private static final int RTM_F_FIB_MATCH = 0x2000;
  private static final int RTMSG = 12;
  private static final int RTNEXTHOP = 8;

  private static final Prefix DEFAULT_V4 = Prefix.of(Ipv4Address.UNSPECIFIED, 0);
  private static final Prefix DEFAULT_V6 = Prefix.of(Ipv6Address.UNSPECIFIED, 0);

  private RouteCodec() {}

  /** Writes what follows the message's header. */
  static void write(MessageWriter writer, Route route) {
    Prefix destination = route.destination();
    List<NextHop> hops = route.nextHops();
    NextHop single = hops.size() == 1 ? hops.getFirst() : null;
    int table = route.table();
    boolean smallTable = table >= 0 && table <= 255;
    writer.u8(Family.of(destination.family()));
    writer.u8(destination.length());
    writer.u8(0); // no source prefix
    writer.u8(route.tos());
    writer.u8(smallTable ? table : 0);
    writer.u8(route.protocol());
    writer.u8(route.scope().code());
    writer.u8(route.type().code());
    writer.u32(single != null && single.onlink() ? RTNH_F_ONLINK : 0);
    if (destination.length() > 0) {
      writer.attributeAddress(RTA_DST, destination.address());
    }
    if (!smallTable) {
      writer.attributeU32(RTA_TABLE, table);
    }
    if (route.metric() != 0) {
      writer.attributeU32(RTA_PRIORITY, (int) route.metric());
    }
    if (route.preferredSource().isPresent()) {
      writer.attributeAddress(RTA_PREFSRC, route.preferredSource().get());
    }
    if (single != null) {
      if (single.linkIndex() != 0) {
        writer.attributeU32(RTA_OIF, single.linkIndex());
      }
      writeGateway(writer, single, destination.family());
    } else if (!hops.isEmpty()) {
      writeMultipath(writer, hops, destination.family());
    }
  }

  private static void writeGateway(MessageWriter writer, NextHop hop, AddressFamily family) {
    if (hop.gateway().isPresent()) {
      Address gateway = hop.gateway().get();
      if (gateway.family() == family) {
        writer.attributeAddress(RTA_GATEWAY, gateway);
      } else {
        writer.attributeVia(RTA_VIA, gateway);
      }
    }
  }

  private static void writeMultipath(
      MessageWriter writer, List<NextHop> hops, AddressFamily family) {
    int multipath = writer.beginNested(RTA_MULTIPATH);
    for (NextHop hop : hops) {
      // A struct rtnexthop begins like an attribute, with its length, but goes on otherwise.
      int flagsAndWeight = (hop.onlink() ? RTNH_F_ONLINK : 0);
      int start = writer.length();
      writer.u16(0);
      writer.u8(flagsAndWeight);
      writer.u8(hop.weight() - 1);
      writer.u32(hop.linkIndex());
      writeGateway(writer, hop, family);
      writer.endNested(start);
    }
    writer.endNested(multipath);
  }

  /** Writes the body of a dump's request; the kernel sorts out by what is set. */
  static void writeSelection(MessageWriter writer, AddressFamily family, RouteSelection wanted) {
    int table = wanted.table().orElse(0);
    boolean smallTable = table >= 0 && table <= 255;
    writer.u8(Family.of(family));
    writer.u8(0);
    writer.u8(0);
    writer.u8(0);
    writer.u8(smallTable ? table : 0);
    writer.u8(wanted.protocol().orElse(0));
    writer.u8(0);
    writer.u8(0);
    writer.u32(0);
    if (!smallTable) {
      writer.attributeU32(RTA_TABLE, table);
    }
    if (wanted.linkIndex().isPresent()) {
      writer.attributeU32(RTA_OIF, wanted.linkIndex().getAsInt());
    }
  }

  /** Writes the body of a question for the route of the table that a packet takes. */
  static void writeQuestion(MessageWriter writer, RouteQuestion question) {
    AddressFamily family = question.destination().family();
    writer.u8(Family.of(family));
    writer.u8(family.bits());
    writer.u8(question.source().isPresent() ? family.bits() : 0);
    writer.u8(0);
    writer.u8(0);
    writer.u8(0);
    writer.u8(0);
    writer.u8(0);
    writer.u32(RTM_F_FIB_MATCH);
    writer.attributeAddress(RTA_DST, question.destination());
    question.source().ifPresent(source -> writer.attributeAddress(RTA_SRC, source));
    if (question.arrivesBy() != 0) {
      writer.attributeU32(RTA_IIF, question.arrivesBy());
    }
  }

  /**
   * Reads a route from a message's body.
   *
   * @return null for a route that is only cached, or of another family than IPv4 and IPv6
   */
  static Route read(ByteBuffer buffer, int from, int to, Attributes attributes) {
    if (to - from < RTMSG) {
      return null;
    }
    int family = buffer.get(from) & 0xff;
    int flags = buffer.getInt(from + 8);
    if ((family != Family.INET && family != Family.INET6) || (flags & RTM_F_CLONED) != 0) {
      return null;
    }
    int length = buffer.get(from + 1) & 0xff;
    int table = buffer.get(from + 4) & 0xff;
    RouteType type = RouteType.ofCode(buffer.get(from + 7) & 0xff);
    Address destination = null;
    Address gateway = null;
    Optional<Address> source = Optional.empty();
    List<NextHop> hops = null;
    int link = 0;
    long metric = 0;
    attributes.over(from + RTMSG, to);
    while (attributes.next()) {
      switch (attributes.type()) {
        case RTA_DST -> destination = attributes.address();
        case RTA_OIF -> link = attributes.u32();
        case RTA_GATEWAY -> gateway = attributes.address();
        case RTA_VIA -> gateway = attributes.via();
        case RTA_PRIORITY -> metric = Integer.toUnsignedLong(attributes.u32());
        case RTA_PREFSRC -> source = Optional.ofNullable(attributes.address());
        case RTA_TABLE -> table = attributes.u32();
        case RTA_MULTIPATH -> hops = readMultipath(buffer, attributes.start(), attributes.length());
        default -> {}
      }
    }
    if (hops == null) {
      hops = readSingle(type, gateway, link, (flags & RTNH_F_ONLINK) != 0);
    }
    return new Route(
        prefix(family, destination, length),
        type,
        table,
        buffer.get(from + 5) & 0xff,
        metric,
        buffer.get(from + 3) & 0xff,
        Scope.ofCode(buffer.get(from + 6) & 0xff),
        source,
        hops);
  }

  /** The kernel shows IPv6 routes that refuse as going to lo, which says nothing. */
  private static List<NextHop> readSingle(
      RouteType type, Address gateway, int link, boolean onlink) {
    if (type.refuses() || (gateway == null && link == 0)) {
      return List.of();
    }
    return List.of(new NextHop(Optional.ofNullable(gateway), link, 1, onlink));
  }

  private static List<NextHop> readMultipath(ByteBuffer buffer, int from, int length) {
    List<NextHop> hops = new ArrayList<>();
    Attributes attributes = new Attributes(buffer);
    int end = from + length;
    int at = from;
    while (end - at >= RTNEXTHOP) {
      int size = buffer.getShort(at) & 0xffff;
      if (size < RTNEXTHOP || size > end - at) {
        break;
      }
      Address gateway = null;
      attributes.over(at + RTNEXTHOP, at + size);
      while (attributes.next()) {
        switch (attributes.type()) {
          case RTA_GATEWAY -> gateway = attributes.address();
          case RTA_VIA -> gateway = attributes.via();
          default -> {}
        }
      }
      boolean onlink = (buffer.get(at + 2) & RTNH_F_ONLINK) != 0;
      int weight = (buffer.get(at + 3) & 0xff) + 1;
      hops.add(new NextHop(Optional.ofNullable(gateway), buffer.getInt(at + 4), weight, onlink));
      at += size + 3 & ~3;
    }
    return hops;
  }

  static Prefix prefix(int family, Address address, int length) {
    if (address == null) {
      Prefix all = family == Family.INET ? DEFAULT_V4 : DEFAULT_V6;
      return length == 0 ? all : Prefix.of(all.address(), length);
    }
    return Prefix.of(address, Math.min(length, address.family().bits()));
  }
}
