package dev.manul.bgp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Makes malformed messages out of good ones, either of {@link #anything} or of {@link
 * #malformedUpdate}. The same seed makes the same messages.
 */
public final class Fuzzer {
  private static final int HEADER = MessageDecoder.HEADER_LENGTH;
  private static final int EXTENDED_LENGTH = 0x10;
  private static final int OPTIONAL = 0x80;
  private static final BitSet KNOWN = new BitSet();

  static {
    for (AttributeType type : AttributeType.values()) {
      KNOWN.set(type.code);
    }
  }

  private static final Set<Integer> MULTIPROTOCOL = Set.of(14, 15);

  /** Good messages cost more than spoiling them. */
  private static final int REUSE = 20;

  private final Random random;
  private final DecodeContext context;
  private final RandomMessages messages;
  private final ByteBuf buffer = Unpooled.buffer(MessageDecoder.MAX_LENGTH);

  private byte[] base;
  private int uses;

  public Fuzzer(long seed, DecodeContext context) {
    this.random = new Random(seed);
    this.context = context;
    this.messages = new RandomMessages(random, context);
  }

  private byte[] encoded(BgpMessage message) {
    buffer.clear();
    MessageEncoder.encode(message, new EncodeContext(context.fourOctetAs()), buffer);
    byte[] all = new byte[MessageDecoder.frameLength(buffer, context)];
    buffer.readBytes(all); // the first, when it has become several
    return all;
  }

  /** Any message with octets changed, cut out, put in, or taken from another message. */
  public byte[] anything() {
    if (uses++ % REUSE == 0) {
      base = encoded(messages.message());
    }
    byte[] message = base;
    for (int i = random.nextInt(4); i >= 0; i--) {
      message = changed(message);
    }
    if (message.length > MessageDecoder.MAX_LENGTH) {
      message = Arrays.copyOf(message, MessageDecoder.MAX_LENGTH);
    }
    if (message.length > HEADER && random.nextInt(20) != 0) { // a wrong header ends it at once
      Arrays.fill(message, 0, 16, (byte) 0xff);
      message[16] = (byte) (message.length >> 8);
      message[17] = (byte) message.length;
      message[18] = (byte) (random.nextInt(30) == 0 ? random.nextInt(7) : message[18]);
    }
    return message;
  }

  private byte[] changed(byte[] in) {
    // Most structure is near the beginning.
    int reach = random.nextBoolean() ? Math.min(in.length, 90) : in.length;
    int at = reach <= HEADER ? in.length : HEADER + random.nextInt(reach - HEADER);
    byte[] out = in.clone();
    switch (random.nextInt(6)) {
      case 0 -> set(out, at, random.nextInt(256));
      case 1 -> set(out, at, at < in.length ? in[at] ^ 1 << random.nextInt(8) : 0);
      case 2 -> set(out, at, random.nextBoolean() ? 0 : 255);
      case 3 ->
          out = spliced(in, at, new byte[random.nextInt(random.nextInt(8) == 0 ? 300 : 5)], 0);
      case 4 -> out = spliced(in, at, new byte[0], random.nextInt(9));
      default -> {
        byte[] other = encoded(messages.message());
        int from = random.nextInt(other.length);
        int to = Math.min(other.length, from + random.nextInt(40));
        out = spliced(in, at, Arrays.copyOfRange(other, from, to), random.nextInt(40));
      }
    }
    return out;
  }

  private static void set(byte[] bytes, int at, int value) {
    if (at < bytes.length) {
      bytes[at] = (byte) value;
    }
  }

  private static byte[] spliced(byte[] in, int at, byte[] put, int cut) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(in, 0, at);
    out.writeBytes(put);
    int rest = Math.min(in.length, at + cut);
    out.write(in, rest, in.length - rest);
    return out.toByteArray();
  }

  /**
   * An UPDATE with faults in attributes, whose prefixes can all be found nevertheless: lengths go
   * together, the multiprotocol attributes are whole, and nothing unknown says that it is
   * well-known (RFC 4271 section 6.3). RFC 7606 lets no session end for it.
   */
  public byte[] malformedUpdate() {
    if (uses++ % REUSE == 0) {
      base = announcement();
    }
    byte[] good = base;
    ByteBuf in = Unpooled.wrappedBuffer(good).skipBytes(HEADER);
    byte[] withdrawn = new byte[in.readUnsignedShort()];
    in.readBytes(withdrawn);
    List<byte[]> attributes = attributes(in.readSlice(in.readUnsignedShort()));
    byte[] announced = new byte[in.readableBytes()];
    in.readBytes(announced);
    for (int i = random.nextInt(3); i >= 0; i--) {
      spoil(attributes);
    }
    for (byte[] one : attributes) {
      if (!KNOWN.get(one[1] & 0xff)) {
        one[0] |= (byte) OPTIONAL;
      }
    }
    int octets = attributes.stream().mapToInt(a -> a.length).sum();
    int length = HEADER + 4 + withdrawn.length + octets + announced.length;
    if (length > MessageDecoder.MAX_LENGTH) {
      return good;
    }
    ByteBuf out = Unpooled.buffer(length);
    out.writeLong(-1).writeLong(-1).writeShort(length).writeByte(MessageDecoder.UPDATE);
    out.writeShort(withdrawn.length).writeBytes(withdrawn).writeShort(octets);
    attributes.forEach(out::writeBytes);
    out.writeBytes(announced);
    return out.array();
  }

  private byte[] announcement() {
    BgpMessage.Update update = messages.update();
    while (update.announced().isEmpty()) { // faults without prefixes may end it (section 5.2)
      update = messages.update();
    }
    return encoded(new BgpMessage.Update(List.of(), update.attributes(), update.announced()));
  }

  private static List<byte[]> attributes(ByteBuf in) {
    List<byte[]> all = new ArrayList<>();
    while (in.isReadable()) {
      int start = in.readerIndex();
      boolean extended = (in.getByte(start) & EXTENDED_LENGTH) != 0;
      int length =
          extended ? 4 + in.getUnsignedShort(start + 2) : 3 + in.getUnsignedByte(start + 2);
      byte[] one = new byte[length];
      in.readBytes(one);
      all.add(one);
    }
    return all;
  }

  private void spoil(List<byte[]> attributes) {
    int which = attributes.isEmpty() ? 0 : random.nextInt(attributes.size());
    if (attributes.isEmpty() || MULTIPROTOCOL.contains(attributes.get(which)[1] & 0xff)) {
      attributes.add(whole(type(), bytes(20)));
      return;
    }
    byte[] one = attributes.get(which);
    boolean extended = (one[0] & EXTENDED_LENGTH) != 0;
    int head = extended ? 4 : 3;
    switch (random.nextInt(6)) {
      case 0 ->
          one[0] = (byte) ((random.nextInt(256) & ~EXTENDED_LENGTH) | (one[0] & EXTENDED_LENGTH));
      case 1 -> one[1] = (byte) type();
      case 2 -> attributes.remove(which);
      case 3 -> attributes.add(random.nextInt(attributes.size() + 1), one.clone());
      case 4 ->
          attributes.set(which, whole(one[1] & 0xff, bytes(random.nextInt(4) == 0 ? 400 : 16)));
      default -> {
        for (int i = head; i < one.length; i++) {
          if (random.nextInt(6) == 0) {
            one[i] = (byte) random.nextInt(256);
          }
        }
      }
    }
  }

  private int type() {
    int type = random.nextInt(random.nextBoolean() ? 41 : 256);
    return MULTIPROTOCOL.contains(type) ? 8 : type;
  }

  private byte[] bytes(int limit) {
    byte[] bytes = new byte[random.nextInt(limit + 1)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] whole(int type, byte[] value) {
    ByteBuf out = Unpooled.buffer();
    int flags = random.nextInt(4) == 0 ? random.nextInt(256) : oneOf(0x40, 0xc0, 0x80, 0xe0);
    if (value.length > 255) {
      out.writeByte(flags | EXTENDED_LENGTH).writeByte(type).writeShort(value.length);
    } else {
      out.writeByte(flags & ~EXTENDED_LENGTH).writeByte(type).writeByte(value.length);
    }
    out.writeBytes(value);
    byte[] all = new byte[out.readableBytes()];
    out.readBytes(all);
    return all;
  }

  private int oneOf(int... values) {
    return values[random.nextInt(values.length)];
  }
}
