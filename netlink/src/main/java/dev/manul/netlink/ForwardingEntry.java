package dev.manul.netlink;

import dev.manul.model.Address;
import java.util.Optional;

/**
 * An entry of a forwarding database: behind which bridge port, or behind which VXLAN endpoint, a
 * hardware address lives.
 *
 * @param linkIndex the VXLAN device or the bridge's port
 * @param mac the hardware address; 00:00:00:00:00:00 is the default of a VXLAN device
 * @param remote the VXLAN endpoint, empty for an entry of a bridge
 * @param state NUD_* of linux/neighbour.h
 * @param flags NTF_* of linux/neighbour.h: {@link #SELF} for the device's own table, {@link
 *     #MASTER} for its bridge's
 */
public record ForwardingEntry(
    int linkIndex, String mac, Optional<Address> remote, int state, int flags) {

  public ForwardingEntry {
    Mac.check(Optional.of(mac));
  }

  /** NTF_SELF: the device's own table. */
  public static final int SELF = 0x02;

  /** NTF_MASTER: the table of the bridge that the device belongs to. */
  public static final int MASTER = 0x04;

  /** A permanent entry of a VXLAN device's own table. */
  public static ForwardingEntry ofVxlan(int linkIndex, String mac, Address remote) {
    return new ForwardingEntry(linkIndex, mac, Optional.of(remote), Neighbour.PERMANENT, SELF);
  }
}
