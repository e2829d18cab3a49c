package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries IP packets between a TUN device of this host and other hosts, each packet alone and
 * unchanged as what a UDP datagram carries: flannel's {@code udp} backend does the same. Packets of
 * one family, in datagrams of that family.
 *
 * <p>A thread of its own reads and writes, up to {@value DatagramBatch#SIZE} packets at a time. The
 * device is left when the relay ends: see {@link TunDevice}.
 */
public final class PacketRelay implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PacketRelay.class);

  /** The longest packet that is carried, in octets. */
  public static final int MOST_OCTETS = DatagramBatch.ROOM;

  /** Room for some thousand packets, whichever way they go. */
  private static final int SOCKET_BUFFER = 4 << 20;

  private static final int SEND_MILLIS = 200;
  private static final int POLL_MILLIS = 10_000;
  private static final int POLLFD = 8;

  /** {@code struct sockaddr_in6}, the longest here. */
  private static final int SOCKADDR = 28;

  // linux/in.h and linux/in6.h
  private static final int IPPROTO_IP = 0;
  private static final int IP_MTU_DISCOVER = 10;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_MTU_DISCOVER = 23;
  private static final int PMTUDISC_DONT = 0;

  private static final int IPV4_HEADER = 20;
  private static final int IPV4_DESTINATION = 16;
  private static final int IPV6_HEADER = 40;
  private static final int IPV6_DESTINATION = 24;

  /** Who is where. Asked on the relay's thread about every packet: it must not wait. */
  public interface Directory {

    /** The host that a packet to an address is sent to; empty: the packet is dropped. */
    Optional<Address> end(Address destination);

    /** Whether packets from a host are taken. */
    boolean isPeer(Address host);
  }

  /**
   * What became of packets since the relay began.
   *
   * @param sent to other hosts
   * @param received from them, and given to this host
   * @param nowhere dropped, as the directory has no host for their destination
   * @param strange dropped, as they came from no peer or from another port than ours
   * @param malformed dropped, as they are no IP packets of the family, or too long
   * @param refused dropped, as the kernel took them in neither direction
   */
  public record Counts(
      long sent, long received, long nowhere, long strange, long malformed, long refused) {}

  private final LibC libc;
  private final AddressFamily family;
  private final TunDevice device;
  private final int socket;
  private final int wake;
  private final int port;
  private final DatagramBatch out;
  private final DatagramBatch in;
  private final LongAdder sent = new LongAdder();
  private final LongAdder received = new LongAdder();
  private final LongAdder nowhere = new LongAdder();
  private final LongAdder strange = new LongAdder();
  private final LongAdder malformed = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final Thread thread;
  private volatile Directory directory;
  private volatile boolean closing;

  private PacketRelay(
      LibC libc,
      String name,
      TunDevice device,
      int socket,
      int wake,
      Address local,
      int port,
      Directory directory) {
    this.libc = libc;
    this.family = local.family();
    this.device = device;
    this.socket = socket;
    this.wake = wake;
    this.port = port;
    this.directory = directory;
    this.out = new DatagramBatch(libc);
    this.in = new DatagramBatch(libc);
    this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
  }

  /**
   * Starts a relay.
   *
   * @param device the TUN device's name; it is made where it is missing, and is set up by others
   * @param local this host's address, from which datagrams are sent and at which they are taken
   * @param port the UDP port, here and on all other hosts
   * @throws NetlinkException when the device or the port is not to be had: EBUSY and EADDRINUSE
   *     while another process has it
   */
  public static PacketRelay start(
      NetworkNamespace namespace, String device, Address local, int port, Directory directory) {
    return start(LibC.get(), namespace, device, local, port, directory);
  }

  static PacketRelay start(
      LibC libc,
      NetworkNamespace namespace,
      String device,
      Address local,
      int port,
      Directory directory) {
    return namespace.call(
        () -> {
          TunDevice tun = TunDevice.open(libc, device);
          int socket = -1;
          int wake = -1;
          try {
            socket = openSocket(libc, local, port);
            wake =
                NetlinkSocket.check(
                    "open an eventfd", libc.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK));
            PacketRelay relay =
                new PacketRelay(libc, "relay-" + device, tun, socket, wake, local, port, directory);
            relay.thread.start();
            return relay;
          } catch (RuntimeException e) {
            tun.close();
            closeIfOpen(libc, socket);
            closeIfOpen(libc, wake);
            throw e;
          }
        });
  }

  private static void closeIfOpen(LibC libc, int fd) {
    if (fd >= 0) {
      int _ = libc.close(fd);
    }
  }

  private static int openSocket(LibC libc, Address local, int port) {
    boolean ipv4 = local.family() == AddressFamily.IPV4;
    String what = "UDP port " + port + " of " + local;
    int fd =
        NetlinkSocket.check(
            "open " + what,
            libc.socket(
                ipv4 ? LibC.AF_INET : LibC.AF_INET6, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0));
    try {
      LibC.Memory address = libc.allocate(SOCKADDR);
      int length = DatagramBatch.write(address.bytes(), 0, local, port);
      NetlinkSocket.check("bind " + what, libc.bind(fd, address, length));
      // A datagram too long for a link on its way is cut up there: who sent the packet in it would
      // never hear that it was dropped.
      NetlinkSocket.check(
          "let datagrams be cut up",
          ipv4
              ? libc.setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DONT)
              : libc.setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DONT));
      int _ = libc.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, SOCKET_BUFFER);
      int _ = libc.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_SNDBUFFORCE, SOCKET_BUFFER);
      NetlinkSocket.check("set a time limit", libc.setTimeout(fd, LibC.SO_SNDTIMEO, SEND_MILLIS));
      return fd;
    } catch (RuntimeException e) {
      int _ = libc.close(fd);
      throw e;
    }
  }

  /** Replaces what is known of other hosts; counts for every packet that is taken after this. */
  public void directory(Directory newDirectory) {
    directory = newDirectory;
  }

  /** Whether it carries packets: false once closed, or when the device was removed. */
  public boolean running() {
    return !closing;
  }

  public Counts counts() {
    return new Counts(
        sent.sum(), received.sum(), nowhere.sum(), strange.sum(), malformed.sum(), refused.sum());
  }

  private void run() {
    try {
      LibC.Memory descriptors = libc.allocate(3 * POLLFD);
      ByteBuffer poll = descriptors.bytes();
      poll.putInt(0, device.fd()).putShort(4, LibC.POLLIN);
      poll.putInt(POLLFD, socket).putShort(POLLFD + 4, LibC.POLLIN);
      poll.putInt(2 * POLLFD, wake).putShort(2 * POLLFD + 4, LibC.POLLIN);
      while (!closing) {
        boolean some = toOthers();
        some |= fromOthers();
        if (!some) {
          int ready = libc.poll(descriptors, 3, POLL_MILLIS);
          if (ready < 0 && ready != -Errno.EINTR.number()) {
            NetlinkSocket.check("wait for packets", ready);
          }
        }
      }
    } catch (RuntimeException e) {
      if (!closing) {
        log.warn("event=relay_ended thread={} cause=\"{}\"", thread.getName(), e.getMessage());
      }
    } finally {
      synchronized (this) {
        closing = true; // nobody is to write to the number of a closed descriptor
        int _ = libc.close(wake);
      }
      device.close();
      int _ = libc.close(socket);
    }
  }

  /** Reads what this host sends by the device, and sends it; whether there was any. */
  private boolean toOthers() {
    Directory known = directory;
    Address lastDestination = null;
    Optional<Address> lastEnd = Optional.empty();
    int taken = 0;
    int reads = 0;
    for (; reads < DatagramBatch.SIZE; reads++) {
      int length = libc.read(device.fd(), out.packets(), out.at(taken), DatagramBatch.ROOM);
      if (length == -Errno.EAGAIN.number() || length == -Errno.EINTR.number()) {
        break;
      }
      NetlinkSocket.check("read from the TUN device", length);
      if (!isPacket(out, taken, length)) {
        malformed.increment(); // such as IPv6 of the kernel's own on an IPv4 device
        continue;
      }
      Address destination = destination(out.network(), out.at(taken));
      if (!destination.equals(lastDestination) || lastEnd.isEmpty()) {
        lastDestination = destination;
        lastEnd = known.end(destination);
        if (lastEnd.isEmpty()) {
          known = directory; // the route that brought it here may be younger than what was known
          lastEnd = known.end(destination);
        }
      }
      if (lastEnd.isEmpty()) {
        nowhere.increment();
      } else {
        out.address(taken, lastEnd.get(), port, length);
        taken++;
      }
    }
    send(taken);
    return reads > 0;
  }

  private void send(int count) {
    int from = 0;
    while (from < count) {
      int done = libc.sendmmsg(socket, out.headers(), from * DatagramBatch.HEADER, count - from, 0);
      if (done > 0) {
        sent.add(done);
        from += done;
      } else if (done == -Errno.EAGAIN.number()) {
        refused.add(count - from); // the link takes nothing for so long
        return;
      } else if (done != -Errno.EINTR.number()) {
        refused.increment(); // the first; no way to its host, or a filter of this one
        from++;
      }
    }
  }

  /** Receives what others send, and gives it to this host; whether there was any. */
  private boolean fromOthers() {
    int count = libc.recvmmsg(socket, in.headers(), DatagramBatch.SIZE, LibC.MSG_DONTWAIT);
    if (count < 0) {
      return false; // nothing there, or an error of an earlier datagram that is told here
    }
    Directory known = directory;
    Address lastSource = null;
    boolean lastKnown = false;
    for (int i = 0; i < count; i++) {
      Address source = in.source(i);
      if (!source.equals(lastSource)) {
        lastSource = source;
        lastKnown = known.isPeer(source);
      }
      int length = in.received(i);
      if (!lastKnown || in.sourcePort(i) != port) {
        strange.increment();
      } else if (in.truncated(i) || !isPacket(in, i, length)) {
        malformed.increment();
      } else if (libc.write(device.fd(), in.packets(), in.at(i), length) < 0) {
        refused.increment();
      } else {
        received.increment();
      }
      in.rewind(i);
    }
    return count > 0;
  }

  private boolean isPacket(DatagramBatch batch, int index, int length) {
    boolean ipv4 = family == AddressFamily.IPV4;
    return length >= (ipv4 ? IPV4_HEADER : IPV6_HEADER)
        && (batch.network().get(batch.at(index)) & 0xf0) == (ipv4 ? 0x40 : 0x60);
  }

  private Address destination(ByteBuffer packets, int at) {
    return family == AddressFamily.IPV4
        ? new Ipv4Address(packets.getInt(at + IPV4_DESTINATION))
        : new Ipv6Address(
            packets.getLong(at + IPV6_DESTINATION),
            packets.getLong(at + IPV6_DESTINATION + Long.BYTES));
  }

  /** Ends the thread and leaves the device. A second time does nothing. */
  @Override
  public void close() {
    synchronized (this) {
      if (!closing) {
        closing = true;
        LibC.Memory one = libc.allocate(Long.BYTES);
        one.bytes().putLong(0, 1);
        int _ = libc.write(wake, one, Long.BYTES);
      }
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(1));
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
