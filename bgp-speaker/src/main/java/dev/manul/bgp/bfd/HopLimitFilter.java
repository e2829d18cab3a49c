package dev.manul.bgp.bfd;

import io.netty.bootstrap.AbstractBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Has the kernel drop datagrams whose TTL or hop limit is not 255, which only a neighbour on the
 * same link can send (RFC 5082): the check of RFC 5881 section 5. Netty shows nobody the TTL of a
 * datagram, so it is a classic BPF program on the socket (linux/filter.h).
 */
final class HopLimitFilter {
  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_FILTER = 26;

  /** {@code struct sock_fprog}: a count, padding, and a pointer. */
  private static final int PROGRAM_OCTETS = 16;

  /** {@code SKF_NET_OFF}: what is loaded from here on is counted from the IP header on. */
  private static final int NETWORK_HEADER = -0x100000;

  private static final int TTL_OFFSET = 8;
  private static final int HOP_LIMIT_OFFSET = 7;

  private static final RawUnixChannelOption ATTACH =
      new RawUnixChannelOption("SO_ATTACH_FILTER", SOL_SOCKET, SO_ATTACH_FILTER, PROGRAM_OCTETS);

  private static final ByteBuf IPV4 = program(TTL_OFFSET);
  private static final ByteBuf IPV6 = program(HOP_LIMIT_OFFSET);

  private HopLimitFilter() {}

  static void apply(AbstractBootstrap<?, ?> bootstrap, int addressOctets) {
    ByteBuf program = addressOctets == 4 ? IPV4 : IPV6;
    ByteBuffer option = ByteBuffer.allocateDirect(PROGRAM_OCTETS).order(ByteOrder.nativeOrder());
    option.putShort(0, (short) 4).putLong(8, program.memoryAddress());
    bootstrap.option(ATTACH, option);
  }

  private static ByteBuf program(int offset) {
    // Never released: the kernel copies it whenever a socket is made.
    ByteBuf code = Unpooled.unreleasableBuffer(Unpooled.directBuffer(32));
    instruction(code, 0x30, 0, 0, NETWORK_HEADER + offset); // BPF_LD | BPF_B | BPF_ABS
    instruction(code, 0x15, 0, 1, 255); // BPF_JMP | BPF_JEQ | BPF_K
    instruction(code, 0x06, 0, 0, -1); // BPF_RET: the whole datagram
    instruction(code, 0x06, 0, 0, 0); // BPF_RET: nothing of it
    return code;
  }

  private static void instruction(ByteBuf code, int operation, int yes, int no, int operand) {
    if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      code.writeShortLE(operation).writeByte(yes).writeByte(no).writeIntLE(operand);
    } else {
      code.writeShort(operation).writeByte(yes).writeByte(no).writeInt(operand);
    }
  }
}
