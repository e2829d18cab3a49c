package dev.manul.netlink;

import java.nio.charset.StandardCharsets;

/**
 * A TUN device (Documentation/networking/tuntap.rst of the kernel): what the host sends by it is
 * read here as bare IP packets, and what is written here arrives at the host from it.
 *
 * <p>The device outlives whoever opened it, with its addresses and routes; while nobody has it open
 * it has no carrier and the kernel drops what is sent by it.
 */
final class TunDevice implements AutoCloseable {

  /** The kernel's word for such links, IFLA_INFO_KIND. */
  static final String KIND = "tun";

  // linux/if_tun.h
  private static final int TUNSETIFF = 0x4004_54ca;
  private static final int TUNSETPERSIST = 0x4004_54cb;
  private static final short IFF_TUN = 1;
  private static final short IFF_NO_PI = 0x1000;

  /** {@code struct ifreq} of linux/if.h: a name of 16 octets, then flags. */
  private static final int IFREQ = 40;

  private static final int IFREQ_FLAGS = 16;

  private final LibC libc;
  private final int fd;

  private TunDevice(LibC libc, int fd) {
    this.libc = libc;
    this.fd = fd;
  }

  /**
   * Opens a device in the namespace of the calling thread, making it where there is none.
   *
   * @throws NetlinkException EBUSY while another process has it open, EINVAL when it is no TUN
   *     device, ENOENT or ENODEV when the kernel knows no such devices
   */
  static TunDevice open(LibC libc, String name) {
    LinkNames.check(name);
    int fd =
        NetlinkSocket.check(
            "open /dev/net/tun",
            libc.open("/dev/net/tun", LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC));
    try {
      LibC.Memory request = libc.allocate(IFREQ);
      request.bytes().put(0, name.getBytes(StandardCharsets.UTF_8));
      request.bytes().putShort(IFREQ_FLAGS, (short) (IFF_TUN | IFF_NO_PI));
      NetlinkSocket.check("attach to TUN device " + name, libc.ioctl(fd, TUNSETIFF, request));
      NetlinkSocket.check("keep TUN device " + name, libc.ioctl(fd, TUNSETPERSIST, 1));
      return new TunDevice(libc, fd);
    } catch (RuntimeException e) {
      int _ = libc.close(fd);
      throw e;
    }
  }

  int fd() {
    return fd;
  }

  /** Ends the reading. The device stays. */
  @Override
  public void close() {
    int _ = libc.close(fd);
  }
}
