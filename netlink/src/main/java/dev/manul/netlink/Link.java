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
    Optional<LinkType> settings) {}
