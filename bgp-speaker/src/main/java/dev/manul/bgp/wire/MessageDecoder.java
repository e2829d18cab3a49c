package dev.manul.bgp.wire;

import dev.manul.bgp.wire.BgpMessage.Keepalive;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.bgp.wire.DecodeOutcome.Reset;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Reads BGP messages (RFC 4271 section 4). Never throws, whatever the bytes are.
 *
 * <pre>
 * +---------------------+--------+------+------
 * | marker, all ones    | length | type | body
 * |         16          |   2    |  1   |
 * +---------------------+--------+------+------
 * </pre>
 */
public final class MessageDecoder {
  /** Octets in a message header. */
  public static final int HEADER_LENGTH = 19;

  /** The longest message of RFC 4271. */
  public static final int MAX_LENGTH = 4096;

  /** The longest message once both sides have announced so (RFC 8654). */
  public static final int MAX_EXTENDED_LENGTH = 65_535;

  static final int OPEN = 1;
  static final int UPDATE = 2;
  static final int NOTIFICATION = 3;
  static final int KEEPALIVE = 4;
  static final int ROUTE_REFRESH = 5;

  private static final Decoded KEEPALIVE_DECODED = new Decoded(List.of(new Keepalive()), List.of());

  private MessageDecoder() {}

  /**
   * How many octets the message at the reader index has in all. The reader index stays.
   *
   * @return -1 while fewer than 19 octets are there; 0 when the header is wrong, so that {@link
   *     #decode} of what is there gives the NOTIFICATION to send; else 19 to what the context
   *     allows
   */
  public static int frameLength(ByteBuf in, DecodeContext context) {
    if (in.readableBytes() < HEADER_LENGTH) {
      return -1;
    }
    return headerFault(in, context) == null ? in.getUnsignedShort(in.readerIndex() + 16) : 0;
  }

  /**
   * Reads one whole message, header included. The buffer's reference count is the caller's; its
   * reader index is left undefined.
   */
  public static DecodeOutcome decode(ByteBuf frame, DecodeContext context) {
    if (frame.readableBytes() < HEADER_LENGTH) {
      return badLength(frame.readableBytes());
    }
    Reset fault = headerFault(frame, context);
    if (fault != null) {
      return fault;
    }
    int length = frame.getUnsignedShort(frame.readerIndex() + 16);
    if (length > frame.readableBytes()) {
      return badLength(length);
    }
    ByteBuf message = frame.readSlice(length);
    int type = message.getUnsignedByte(message.readerIndex() + 18);
    if (type == ROUTE_REFRESH) {
      return routeRefresh(message);
    }
    ByteBuf body = message.skipBytes(HEADER_LENGTH);
    return switch (type) {
      case OPEN -> OpenCodec.decode(body);
      case UPDATE -> UpdateDecoder.decode(body, context);
      case NOTIFICATION -> notification(body);
      default -> KEEPALIVE_DECODED;
    };
  }

  /** RFC 4271 section 6.1; null when the header is good. */
  private static Reset headerFault(ByteBuf in, DecodeContext context) {
    int start = in.readerIndex();
    if (in.getLong(start) != -1 || in.getLong(start + 8) != -1) {
      return reset(1, 1, Octets.EMPTY, "the marker is not all ones");
    }
    int length = in.getUnsignedShort(start + 16);
    int type = in.getUnsignedByte(start + 18);
    int least =
        switch (type) {
          case OPEN -> 29;
          case UPDATE -> 23;
          case NOTIFICATION -> 21;
          default -> HEADER_LENGTH;
        };
    int most =
        switch (type) {
          case KEEPALIVE -> HEADER_LENGTH;
          case OPEN -> MAX_LENGTH; // RFC 8654 section 4: these two never grow
          default -> context.maxLength();
        };
    if (length < HEADER_LENGTH || length > context.maxLength()) {
      return badLength(length);
    }
    if (type < OPEN || type > ROUTE_REFRESH) {
      return reset(1, 3, Octets.of((byte) type), "message type " + type + " is not known");
    }
    return length < least || length > most ? badLength(length) : null;
  }

  private static Reset badLength(int length) {
    return reset(
        1,
        2,
        Octets.of((byte) (length >> 8), (byte) length),
        "a length of " + length + " octets does not go with the message type");
  }

  private static DecodeOutcome notification(ByteBuf body) {
    int code = body.readUnsignedByte();
    int subcode = body.readUnsignedByte();
    return new Decoded(List.of(new Notification(code, subcode, octets(body))), List.of());
  }

  /** RFC 2918 section 3; RFC 7313 section 5 for the errors. */
  private static DecodeOutcome routeRefresh(ByteBuf message) {
    ByteBuf body = message.duplicate().skipBytes(HEADER_LENGTH);
    if (body.readableBytes() != 4) {
      int subtype = body.readableBytes() < 3 ? 0 : body.getUnsignedByte(body.readerIndex() + 2);
      return subtype == 1 || subtype == 2
          ? reset(7, 1, octets(message), "ROUTE-REFRESH has a wrong length")
          : badLength(message.readableBytes());
    }
    int afi = body.readUnsignedShort();
    int subtype = body.readUnsignedByte();
    Family family = new Family(afi, body.readUnsignedByte());
    return subtype > 2
        ? new Decoded(List.of(), List.of())
        : new Decoded(List.of(new RouteRefresh(family, subtype)), List.of());
  }

  static Reset reset(int code, int subcode, Octets data, String reason) {
    return new Reset(new Notification(code, subcode, data), reason);
  }

  /** What is readable, cut to what a NOTIFICATION has room for. */
  private static Octets octets(ByteBuf in) {
    byte[] bytes = new byte[Math.min(in.readableBytes(), MAX_LENGTH - HEADER_LENGTH - 2)];
    in.readBytes(bytes);
    return Octets.of(bytes);
  }
}
