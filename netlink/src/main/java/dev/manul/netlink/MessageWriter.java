package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes netlink messages one after the other into a buffer (struct nlmsghdr and struct nlattr,
 * linux/netlink.h).
 *
 * <p>Nothing is allocated but for names. When a message does not fit, {@link #overflowed} is true
 * after {@link #end}, and the buffer is as if it had not been begun.
 */
final class MessageWriter {

  /** The octets of a struct nlmsghdr. */
  static final int HEADER = 16;

  private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private final ByteBuffer buffer;
  private int position;
  private int messageStart;
  private boolean overflowed;

  /**
   * @param buffer of the machine's byte order
   */
  MessageWriter(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  /** Forgets everything written. */
  void clear() {
    position = 0;
    messageStart = 0;
    overflowed = false;
  }

  /** The octets written so far. */
  int length() {
    return position;
  }

  /** Where the message begins that was begun last. */
  int messageStart() {
    return messageStart;
  }

  boolean overflowed() {
    return overflowed;
  }

  void begin(int type, int flags, int sequence) {
    messageStart = position;
    overflowed = false;
    if (!room(HEADER)) {
      return;
    }
    buffer.putInt(position, 0);
    buffer.putShort(position + 4, (short) type);
    buffer.putShort(position + 6, (short) flags);
    buffer.putInt(position + 8, sequence);
    buffer.putInt(position + 12, 0);
    position += HEADER;
  }

  /** Completes the message, or takes it back when it did not fit. */
  void end() {
    if (overflowed) {
      position = messageStart;
      return;
    }
    buffer.putInt(messageStart, position - messageStart);
  }

  /** Takes the message back that was begun last. */
  void abandon() {
    position = messageStart;
  }

  /** Sets further flags (NLM_F_*) of the message that begins at {@code start}. */
  void addFlags(int start, int flags) {
    buffer.putShort(start + 6, (short) (buffer.getShort(start + 6) | flags));
  }

  void u8(int value) {
    if (room(1)) {
      buffer.put(position, (byte) value);
      position += 1;
    }
  }

  void u16(int value) {
    if (room(2)) {
      buffer.putShort(position, (short) value);
      position += 2;
    }
  }

  void u32(int value) {
    if (room(4)) {
      buffer.putInt(position, value);
      position += 4;
    }
  }

  void attributeU8(int type, int value) {
    if (attribute(type, 1)) {
      buffer.putInt(position, 0); // the padding, too
      buffer.put(position, (byte) value);
      position += 4;
    }
  }

  void attributeU32(int type, int value) {
    if (attribute(type, 4)) {
      buffer.putInt(position, value);
      position += 4;
    }
  }

  /** A number of 32 bits in network order. */
  void attributeNetworkU32(int type, int value) {
    attributeU32(type, bigEndian(value));
  }

  /** A number of 16 bits in network order. */
  void attributePort(int type, int value) {
    if (attribute(type, 2)) {
      buffer.putInt(position, 0);
      buffer.put(position, (byte) (value >> 8));
      buffer.put(position + 1, (byte) value);
      position += 4;
    }
  }

  /** An address of 4 or 16 octets. */
  void attributeAddress(int type, Address value) {
    if (attribute(type, value.family().octets())) {
      rawAddress(value);
    }
  }

  /** RTA_VIA: a struct rtvia, an address with its family before it. */
  void attributeVia(int type, Address value) {
    int octets = value.family().octets();
    if (attribute(type, 2 + octets)) {
      int start = position;
      // The family takes two octets; the address after it is not aligned.
      buffer.putShort(start, (short) Family.of(value.family()));
      position = start + 2;
      rawAddress(value);
      buffer.putShort(position, (short) 0);
      position = start + (2 + octets + 3 & ~3);
    }
  }

  private void rawAddress(Address value) {
    switch (value) {
      case Ipv4Address v4 -> {
        buffer.putInt(position, bigEndian(v4.value()));
        position += 4;
      }
      case Ipv6Address v6 -> {
        buffer.putLong(position, bigEndian(v6.high()));
        buffer.putLong(position + 8, bigEndian(v6.low()));
        position += 16;
      }
    }
  }

  /** A hardware address of 6 octets. */
  void attributeMac(int type, String mac) {
    if (attribute(type, Mac.OCTETS)) {
      long value = Mac.parse(mac);
      for (int i = 0; i < Mac.OCTETS; i++) {
        buffer.put(position + i, (byte) (value >>> (40 - 8 * i)));
      }
      buffer.putShort(position + Mac.OCTETS, (short) 0);
      position += 8;
    }
  }

  /** Text with a zero after it. */
  void attributeText(int type, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    if (attribute(type, bytes.length + 1)) {
      buffer.put(position, bytes);
      int end = position + (bytes.length + 1 + 3 & ~3);
      for (int i = position + bytes.length; i < end; i++) {
        buffer.put(i, (byte) 0);
      }
      position = end;
    }
  }

  /** Begins an attribute that holds others; gives what {@link #endNested} wants. */
  int beginNested(int type) {
    int start = position;
    if (room(4)) {
      buffer.putShort(position + 2, (short) type);
      position += 4;
    }
    return start;
  }

  void endNested(int start) {
    if (!overflowed) {
      buffer.putShort(start, (short) (position - start));
    }
  }

  /** Writes the header of an attribute if it and {@code octets}, padded, have room. */
  private boolean attribute(int type, int octets) {
    if (!room(4 + (octets + 3 & ~3))) {
      return false;
    }
    buffer.putShort(position, (short) (4 + octets));
    buffer.putShort(position + 2, (short) type);
    position += 4;
    return true;
  }

  private boolean room(int octets) {
    if (overflowed || octets > buffer.capacity() - position) {
      overflowed = true;
      return false;
    }
    return true;
  }

  private static int bigEndian(int value) {
    return LITTLE ? Integer.reverseBytes(value) : value;
  }

  private static long bigEndian(long value) {
    return LITTLE ? Long.reverseBytes(value) : value;
  }
}
