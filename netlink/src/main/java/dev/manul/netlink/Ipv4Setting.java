package dev.manul.netlink;

/**
 * A setting of IPv4 on a link that a message about the link can carry, so that no file below {@code
 * /proc/sys} has to be opened for it.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html">ip-sysctl</a>;
 *     the numbers are those of {@code IPV4_DEVCONF_…} in {@code linux/ip.h}
 */
public enum Ipv4Setting {
  /** Whether packets that come in by the link are forwarded. */
  FORWARDING(1),
  /** Whether the host answers ARP requests for addresses that it routes elsewhere. */
  PROXY_ARP(3),
  /** Whether packets of 127.0.0.0/8 are routed by the link. */
  ROUTE_LOCALNET(26);

  private final int number;

  Ipv4Setting(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
