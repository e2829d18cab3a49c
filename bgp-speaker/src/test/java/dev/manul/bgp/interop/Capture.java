package dev.manul.bgp.interop;

import dev.manul.bgp.wire.Octets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The BGP messages in a file that tcpdump has written: the streams of every connection, put
 * together again by TCP's sequence numbers and cut at the lengths of the messages. A file that is
 * still being written can be read.
 */
final class Capture {
  private static final int FILE_HEADER = 24;
  private static final int RECORD_HEADER = 16;
  private static final int ETHERNET_HEADER = 14;
  private static final int BGP_HEADER = 19;
  private static final int SYN = 2;
  private static final int ACK = 16;
  private static final int MD5_OPTION = 19;

  /**
   * A message.
   *
   * @param from the sender's address
   * @param to the receiver's
   * @param connection which connection it was sent over, the same for both directions
   * @param signed whether that connection has MD5 signatures (RFC 2385)
   */
  record Message(String from, String to, String connection, boolean signed, Octets octets) {
    int type() {
      return octets.toArray()[18];
    }
  }

  private static final class Stream {
    final String from;
    final String to;
    final String connection;
    final boolean signed;
    final ByteBuf bytes = Unpooled.buffer();
    final Map<Long, byte[]> ahead = new TreeMap<>();
    long next;

    Stream(String from, String to, String connection, boolean signed, long next) {
      this.from = from;
      this.to = to;
      this.connection = connection;
      this.signed = signed;
      this.next = next & 0xffff_ffffL;
    }

    void add(long sequence, byte[] payload) {
      ahead.put(sequence, payload);
      for (byte[] part = ahead.remove(next); part != null; part = ahead.remove(next)) {
        bytes.writeBytes(part);
        next = (next + part.length) & 0xffff_ffffL;
      }
    }
  }

  private final Map<String, Stream> streams = new LinkedHashMap<>();
  private final List<Message> messages = new ArrayList<>();
  private final Map<String, Integer> connections = new HashMap<>();

  private Capture() {}

  /** All whole messages so far, each stream's in its order. */
  static List<Message> read(Path file) throws IOException {
    Capture capture = new Capture();
    if (Files.exists(file)) {
      capture.readAll(Unpooled.wrappedBuffer(Files.readAllBytes(file)));
    }
    return capture.messages;
  }

  private void readAll(ByteBuf in) throws IOException {
    if (in.readableBytes() < FILE_HEADER) {
      return;
    }
    in.skipBytes(FILE_HEADER);
    while (in.readableBytes() >= RECORD_HEADER) {
      int length = in.getIntLE(in.readerIndex() + 8);
      if (in.readableBytes() < RECORD_HEADER + length) {
        return;
      }
      packet(in.skipBytes(RECORD_HEADER).readSlice(length));
    }
  }

  private void packet(ByteBuf in) throws IOException {
    int type = in.getUnsignedShort(12);
    in.skipBytes(ETHERNET_HEADER);
    if (type == 0x0800 && in.getUnsignedByte(in.readerIndex() + 9) == 6) {
      int start = in.readerIndex();
      int header = (in.getByte(start) & 15) * 4;
      String from = address(in, start + 12, 4);
      String to = address(in, start + 16, 4);
      int total = in.getUnsignedShort(start + 2);
      segment(from, to, in.slice(start + header, total - header));
    } else if (type == 0x86dd && in.getUnsignedByte(in.readerIndex() + 6) == 6) {
      int start = in.readerIndex();
      String from = address(in, start + 8, 16);
      String to = address(in, start + 24, 16);
      segment(from, to, in.slice(start + 40, in.getUnsignedShort(start + 4)));
    }
  }

  private static String address(ByteBuf in, int at, int length) throws IOException {
    byte[] bytes = new byte[length];
    in.getBytes(at, bytes);
    return InetAddress.getByAddress(bytes).getHostAddress();
  }

  private void segment(String from, String to, ByteBuf in) {
    int source = in.getUnsignedShort(0);
    int destination = in.getUnsignedShort(2);
    long sequence = in.getUnsignedInt(4);
    int header = (in.getUnsignedByte(12) >> 4) * 4;
    int flags = in.getUnsignedByte(13);
    String name = from + "." + source + ">" + to + "." + destination;
    if ((flags & SYN) != 0) {
      boolean answer = (flags & ACK) != 0;
      String client = answer ? to + "." + destination : from + "." + source;
      int number = connections.merge(client, answer ? 0 : 1, Integer::sum);
      boolean signed = hasOption(in.slice(20, header - 20), MD5_OPTION);
      streams.put(name, new Stream(from, to, client + "#" + number, signed, sequence + 1));
      return;
    }
    Stream stream = streams.get(name);
    byte[] payload = new byte[in.readableBytes() - header];
    in.getBytes(header, payload);
    if (stream != null && payload.length > 0) {
      stream.add(sequence, payload);
      cut(stream);
    }
  }

  private static boolean hasOption(ByteBuf options, int wanted) {
    while (options.isReadable()) {
      int kind = options.readUnsignedByte();
      if (kind == wanted) {
        return true;
      }
      if (kind == 0) {
        return false;
      }
      if (kind > 1) {
        options.skipBytes(options.readUnsignedByte() - 2);
      }
    }
    return false;
  }

  private void cut(Stream stream) {
    ByteBuf in = stream.bytes;
    while (in.readableBytes() >= BGP_HEADER) {
      int length = in.getUnsignedShort(in.readerIndex() + 16);
      if (length < BGP_HEADER || in.readableBytes() < length) {
        return;
      }
      byte[] octets = new byte[length];
      in.readBytes(octets);
      messages.add(
          new Message(stream.from, stream.to, stream.connection, stream.signed, Octets.of(octets)));
    }
  }
}
