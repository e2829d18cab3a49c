package dev.manul.netlink;

import java.util.Optional;

/**
 * A link (network interface) as the kernel describes it.
 *
 * @param index its index within its namespace, from 1
 * @param name its name
 * @param kind the kernel's word for its kind, such as {@code veth}; empty for a plain device
 * @param mtu its MTU in octets
 * @param up whether it is set up (IFF_UP)
 * @param running whether it can carry packets (IFF_RUNNING)
 * @param loopback whether it is {@code lo} (IFF_LOOPBACK)
 * @param mac its hardware address, where it has one of 6 octets
 * @param masterIndex the bridge it belongs to, 0 for none
 * @param parentIndex the link under it, or the other end of a veth (whose namespace may be
 *     another); 0 for none
 * @param settings the settings of a VXLAN or IP-in-IP device
 * @param promiscuous whether it takes in packets for everybody (IFF_PROMISC)
 * @param hairpin whether it is a port of a bridge by which packets may leave that came in by it
 */
public record Link(
    int index,
    String name,
    String kind,
    int mtu,
    boolean up,
    boolean running,
    boolean loopback,
    Optional<String> mac,
    int masterIndex,
    int parentIndex,
    Optional<LinkType> settings,
    boolean promiscuous,
    boolean hairpin) {

  /** One that is neither promiscuous nor a hairpin. */
  public Link(
      int index,
      String name,
      String kind,
      int mtu,
      boolean up,
      boolean running,
      boolean loopback,
      Optional<String> mac,
      int masterIndex,
      int parentIndex,
      Optional<LinkType> settings) {
    this(
        index,
        name,
        kind,
        mtu,
        up,
        running,
        loopback,
        mac,
        masterIndex,
        parentIndex,
        settings,
        false,
        false);
  }
}
