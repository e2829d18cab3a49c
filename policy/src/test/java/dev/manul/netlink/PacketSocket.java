package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** Sends whole IP packets out of a namespace, and hears what arrives there. */
public final class PacketSocket implements AutoCloseable {

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int AF_PACKET = 17;
  private static final int SOCK_DGRAM = 2;
  private static final int IPPROTO_RAW = 255;
  private static final int ETH_P_IP = 0x0800;
  private static final int ETH_P_IPV6 = 0x86dd;
  private static final int BUFFER = 8 << 20;
  private static final int LARGEST = 2048;

  private final LibC libc;
  private final int fd;
  private final LibC.Memory memory;
  private final LibC.Memory address;

  private PacketSocket(LibC libc, int fd) {
    this.libc = libc;
    this.fd = NetlinkSocket.check("open a packet socket", fd);
    this.memory = libc.allocate(LARGEST);
    this.address = libc.allocate(28);
    int _ = libc.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, BUFFER);
  }

  /** For sending packets of a family with headers of one's own. */
  public static PacketSocket sender(NetworkNamespace namespace, AddressFamily family) {
    LibC libc = LibC.get();
    return namespace.call(
        () -> new PacketSocket(libc, libc.socket(domain(family), LibC.SOCK_RAW, IPPROTO_RAW)));
  }

  /** Hears what comes in by any interface, before the packet filter of the namespace. */
  public static PacketSocket arrivals(NetworkNamespace namespace, AddressFamily family) {
    LibC libc = LibC.get();
    int type = family == AddressFamily.IPV4 ? ETH_P_IP : ETH_P_IPV6;
    return namespace.call(
        () ->
            new PacketSocket(
                libc,
                libc.socket(AF_PACKET, SOCK_DGRAM, Short.reverseBytes((short) type) & 0xffff)));
  }

  /** Hears what the packet filter of the namespace has let in, of one protocol. */
  public static PacketSocket deliveries(
      NetworkNamespace namespace, AddressFamily family, int protocol) {
    LibC libc = LibC.get();
    return namespace.call(
        () -> new PacketSocket(libc, libc.socket(domain(family), LibC.SOCK_RAW, protocol)));
  }

  private static int domain(AddressFamily family) {
    return family == AddressFamily.IPV4 ? AF_INET : AF_INET6;
  }

  /**
   * Sends a packet, its IP header included.
   *
   * @return 0, or the negative error number: a packet filter may refuse what the host itself sends
   */
  public int send(Address to, byte[] packet) {
    ByteBuffer bytes = address.bytes();
    boolean v4 = to.family() == AddressFamily.IPV4;
    for (int i = 0; i < 28; i++) {
      bytes.put(i, (byte) 0);
    }
    bytes.order(ByteOrder.nativeOrder()).putShort(0, (short) domain(to.family()));
    bytes.put(v4 ? 4 : 8, to.toBytes());
    NetlinkSocket.check("send to " + to, libc.connect(fd, address, v4 ? 16 : 28));
    memory.bytes().put(0, packet);
    return Math.min(0, libc.send(fd, memory, packet.length, 0));
  }

  /** Gives what has arrived so far. */
  public void receive(Consumer<ByteBuffer> to) {
    while (true) {
      int length = libc.recv(fd, memory, LARGEST, LibC.MSG_DONTWAIT);
      if (length < 0) {
        return;
      }
      to.accept(memory.bytes().duplicate().limit(Math.min(length, LARGEST)).position(0));
    }
  }

  @Override
  public void close() {
    int _ = libc.close(fd);
  }
}
