package dev.manul.bgp.bmp;

import dev.manul.bgp.session.Event;
import dev.manul.bgp.session.Notifications;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.EncodeContext;
import dev.manul.bgp.wire.MessageEncoder;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Writes messages of RFC 7854 section 4. */
final class BmpMessages {
  static final int VERSION = 3;
  static final int ROUTE_MONITORING = 0;
  static final int STATISTICS = 1;
  static final int PEER_DOWN = 2;
  static final int PEER_UP = 3;
  static final int INITIATION = 4;
  static final int TERMINATION = 5;

  private static final int SYSTEM_DESCRIPTION = 1;
  private static final int SYSTEM_NAME = 2;
  private static final int TERMINATION_REASON = 1;
  private static final int ADMINISTRATIVELY_CLOSED = 0;
  private static final int IPV6_PEER = 0x80;

  private static final int LOCAL_NOTIFICATION = 1;
  private static final int LOCAL_SILENCE = 2;
  private static final int REMOTE_NOTIFICATION = 3;
  private static final int REMOTE_SILENCE = 4;

  /** RFC 4271 section 8.1: the numbers of the events that end a session without a NOTIFICATION. */
  private static final int SEND_HOLD_TIMER_EXPIRES = 29;

  /** Where the length of a BGP message is in it. */
  private static final int BGP_LENGTH_AT = 16;

  /** Messages have AS numbers of four octets, whatever the session has: the A flag is not set. */
  private static final EncodeContext CONTEXT = new EncodeContext(true);

  private BmpMessages() {}

  static void initiation(String name, ByteBuf out) {
    int start = begin(INITIATION, out);
    text(SYSTEM_DESCRIPTION, "Manul", out);
    text(SYSTEM_NAME, name, out);
    end(start, out);
  }

  static void termination(ByteBuf out) {
    int start = begin(TERMINATION, out);
    out.writeShort(TERMINATION_REASON).writeShort(2).writeShort(ADMINISTRATIVELY_CLOSED);
    end(start, out);
  }

  static void peerUp(BmpPeer peer, ByteBuf out) {
    int start = begin(PEER_UP, out);
    header(peer, peer.since(), out);
    address(peer.localAddress(), out);
    out.writeShort(peer.localPort()).writeShort(peer.port());
    MessageEncoder.encode(peer.sent(), CONTEXT, out);
    MessageEncoder.encode(peer.received(), CONTEXT, out);
    end(start, out);
  }

  /** Section 4.9: who has ended it, and with which words. */
  static void peerDown(
      BmpPeer peer, Instant at, Event cause, Optional<Notification> heard, ByteBuf out) {
    int start = begin(PEER_DOWN, out);
    header(peer, at, out);
    Notification said =
        switch (cause) {
          case Event.Stop(Notification n) -> n;
          case Event.AutomaticStop(Notification n) -> n;
          case Event.HeaderError(Notification n) -> n;
          case Event.OpenError(Notification n) -> n;
          case Event.UpdateError(Notification n) -> n;
          case Event.HoldExpired e -> Notifications.HOLD_TIMER_EXPIRED;
          case Event.CollisionDump e -> Notifications.COLLISION;
          default -> null;
        };
    if (said != null) {
      out.writeByte(LOCAL_NOTIFICATION);
      MessageEncoder.encode(said, CONTEXT, out);
    } else if (heard.isPresent()) {
      out.writeByte(REMOTE_NOTIFICATION);
      MessageEncoder.encode(heard.get(), CONTEXT, out);
    } else if (cause instanceof Event.ConnectionFailed) {
      out.writeByte(REMOTE_SILENCE);
    } else {
      boolean sendHold = cause instanceof Event.SendHoldExpired;
      out.writeByte(LOCAL_SILENCE).writeShort(sendHold ? SEND_HOLD_TIMER_EXPIRES : 0);
    }
    end(start, out);
  }

  /** Route monitoring: one message of ours for each UPDATE that it takes. */
  static void routes(BmpPeer peer, Instant at, BgpMessage message, ByteBuf out) {
    ByteBuf updates = Unpooled.buffer(256);
    MessageEncoder.encode(message, CONTEXT, updates);
    while (updates.isReadable()) {
      int length = updates.getUnsignedShort(updates.readerIndex() + BGP_LENGTH_AT);
      int start = begin(ROUTE_MONITORING, out);
      header(peer, at, out);
      out.writeBytes(updates, length);
      end(start, out);
    }
  }

  /**
   * Statistics.
   *
   * @param counters of 32 bits, by their types
   * @param gauges of 64 bits, by their types
   */
  static void statistics(
      BmpPeer peer,
      Instant at,
      Map<Integer, Long> counters,
      Map<Integer, Long> gauges,
      ByteBuf out) {
    int start = begin(STATISTICS, out);
    header(peer, at, out);
    out.writeInt(counters.size() + gauges.size());
    counters.forEach(
        (type, value) -> out.writeShort(type).writeShort(4).writeInt((int) (long) value));
    gauges.forEach((type, value) -> out.writeShort(type).writeShort(8).writeLong(value));
    end(start, out);
  }

  private static int begin(int type, ByteBuf out) {
    out.writeByte(VERSION).writeInt(0).writeByte(type);
    return out.writerIndex() - 6;
  }

  private static void end(int start, ByteBuf out) {
    out.setInt(start + 1, out.writerIndex() - start);
  }

  private static void text(int type, String value, ByteBuf out) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    out.writeShort(type).writeShort(bytes.length).writeBytes(bytes);
  }

  /** Section 4.2: a global instance peer, before policy. */
  private static void header(BmpPeer peer, Instant at, ByteBuf out) {
    boolean ipv6 = peer.address().family() == AddressFamily.IPV6;
    out.writeByte(0).writeByte(ipv6 ? IPV6_PEER : 0).writeLong(0);
    address(peer.address(), out);
    out.writeInt((int) peer.received().asNumber());
    out.writeInt(peer.received().routerId().value());
    out.writeInt((int) at.getEpochSecond()).writeInt(at.getNano() / 1000);
  }

  /** IPv4 in the last four of sixteen octets. */
  private static void address(Address address, ByteBuf out) {
    byte[] bytes = address.toBytes();
    out.writeZero(16 - bytes.length).writeBytes(bytes);
  }
}
