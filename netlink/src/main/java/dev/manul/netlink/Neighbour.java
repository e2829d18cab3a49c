package dev.manul.netlink;

import dev.manul.model.Address;
import java.util.Optional;

/**
 * An entry of the neighbour table: the hardware address behind an address (ARP, NDP).
 *
 * @param linkIndex the link's index
 * @param address the neighbour's address
 * @param mac its hardware address, when known
 * @param state NUD_* of linux/neighbour.h; see the constants here
 * @param flags NTF_* of linux/neighbour.h
 */
public record Neighbour(
    int linkIndex, Address address, Optional<String> mac, int state, int flags) {

  /** NUD_REACHABLE. */
  public static final int REACHABLE = 0x02;

  /** NUD_STALE. */
  public static final int STALE = 0x04;

  /** NUD_FAILED. */
  public static final int FAILED = 0x20;

  /** NUD_NOARP. */
  public static final int NO_ARP = 0x40;

  /** NUD_PERMANENT: set by hand, never expires. */
  public static final int PERMANENT = 0x80;

  /** NTF_PROXY: this host answers for the address. */
  public static final int PROXY = 0x08;

  /** A permanent entry. */
  public static Neighbour permanent(int linkIndex, Address address, String mac) {
    return new Neighbour(linkIndex, address, Optional.of(mac), PERMANENT, 0);
  }
}
