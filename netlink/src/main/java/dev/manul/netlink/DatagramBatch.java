package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory for datagrams that go through the kernel's door together, laid out as recvmmsg(2) and
 * sendmmsg(2) want it on Linux of 64 bits: for each a {@code struct mmsghdr}, a {@code struct
 * iovec}, a socket address and room for what it carries. Owned by one thread.
 */
final class DatagramBatch {

  /** How many datagrams. */
  static final int SIZE = 32;

  /** The most octets of one. */
  static final int ROOM = 16 << 10;

  // struct msghdr of linux/socket.h, at the beginning of struct mmsghdr
  static final int HEADER = 64;
  private static final int NAME = 0;
  private static final int NAME_LENGTH = 8;
  private static final int VECTORS = 16;
  private static final int VECTOR_COUNT = 24;
  private static final int FLAGS = 48;
  private static final int LENGTH = 56;

  private static final int VECTOR = 16;
  private static final int VECTOR_LENGTH = 8;

  /** {@code struct sockaddr_in6}; {@code struct sockaddr_in} is shorter. */
  private static final int ADDRESS = 32;

  private static final int SOCKADDR_IN = 16;
  private static final int SOCKADDR_IN6 = 28;
  private static final int PORT = 2;
  private static final int IPV4 = 4;
  private static final int IPV6 = 8;

  private final LibC.Memory packets;
  private final LibC.Memory headers;
  private final LibC.Memory vectors;
  private final LibC.Memory addresses;

  /** What the packets carry, in the order of the network. */
  private final ByteBuffer network;

  private final ByteBuffer socketAddresses;

  DatagramBatch(LibC libc) {
    packets = libc.allocate(SIZE * ROOM);
    headers = libc.allocate(SIZE * HEADER);
    vectors = libc.allocate(SIZE * VECTOR);
    addresses = libc.allocate(SIZE * ADDRESS);
    network = packets.bytes().duplicate().order(ByteOrder.BIG_ENDIAN);
    socketAddresses = addresses.bytes().duplicate().order(ByteOrder.BIG_ENDIAN);
    for (int i = 0; i < SIZE; i++) {
      headers
          .bytes()
          .putLong(i * HEADER + NAME, addresses.address() + (long) i * ADDRESS)
          .putLong(i * HEADER + VECTORS, vectors.address() + (long) i * VECTOR)
          .putLong(i * HEADER + VECTOR_COUNT, 1);
      vectors.bytes().putLong(i * VECTOR, packets.address() + (long) i * ROOM);
      rewind(i);
    }
  }

  /** Makes one ready to be received into. */
  void rewind(int index) {
    headers.bytes().putInt(index * HEADER + NAME_LENGTH, ADDRESS);
    vectors.bytes().putLong(index * VECTOR + VECTOR_LENGTH, ROOM);
  }

  LibC.Memory headers() {
    return headers;
  }

  LibC.Memory packets() {
    return packets;
  }

  /** What the datagrams carry; the one of an index begins at {@link #at}. */
  ByteBuffer network() {
    return network;
  }

  int at(int index) {
    return index * ROOM;
  }

  /** How many octets were received. */
  int received(int index) {
    return headers.bytes().getInt(index * HEADER + LENGTH);
  }

  /** Whether there were more octets than there is room. */
  boolean truncated(int index) {
    return (headers.bytes().getInt(index * HEADER + FLAGS) & LibC.MSG_TRUNC) != 0;
  }

  /** Where one that was received came from. */
  Address source(int index) {
    int at = index * ADDRESS;
    return addresses.bytes().getShort(at) == LibC.AF_INET
        ? new Ipv4Address(socketAddresses.getInt(at + IPV4))
        : new Ipv6Address(
            socketAddresses.getLong(at + IPV6), socketAddresses.getLong(at + IPV6 + Long.BYTES));
  }

  int sourcePort(int index) {
    return socketAddresses.getShort(index * ADDRESS + PORT) & 0xffff;
  }

  /** Says where one is sent, and how many octets of it. */
  void address(int index, Address destination, int port, int length) {
    int size = write(addresses.bytes(), socketAddresses, index * ADDRESS, destination, port);
    headers.bytes().putInt(index * HEADER + NAME_LENGTH, size);
    vectors.bytes().putLong(index * VECTOR + VECTOR_LENGTH, length);
  }

  /**
   * Writes a socket address.
   *
   * @return its length
   */
  static int write(ByteBuffer memory, int at, Address address, int port) {
    return write(memory, memory.duplicate().order(ByteOrder.BIG_ENDIAN), at, address, port);
  }

  private static int write(ByteBuffer memory, ByteBuffer bytes, int at, Address address, int port) {
    bytes.putShort(at + PORT, (short) port);
    return switch (address) {
      case Ipv4Address ipv4 -> {
        memory.putShort(at, (short) LibC.AF_INET);
        bytes.putInt(at + IPV4, ipv4.value());
        yield SOCKADDR_IN;
      }
      case Ipv6Address ipv6 -> {
        memory.putShort(at, (short) LibC.AF_INET6);
        bytes.putInt(at + IPV4, 0); // the flow's label
        bytes.putLong(at + IPV6, ipv6.high()).putLong(at + IPV6 + Long.BYTES, ipv6.low());
        bytes.putInt(at + IPV6 + 2 * Long.BYTES, 0); // the link
        yield SOCKADDR_IN6;
      }
    };
  }
}
