package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.InterfaceAddress;
import java.util.Optional;

/**
 * An address of a link.
 *
 * @param linkIndex the link's index
 * @param address the address and the length of its subnet
 * @param scope how wide it is known
 * @param peer the other end of a point-to-point link, whose subnet the length then is
 * @param broadcast the subnet's broadcast address, where one is set
 * @param flags IFA_F_* of linux/if_addr.h; see {@link #tentative} and others
 */
public record LinkAddress(
    int linkIndex,
    InterfaceAddress address,
    Scope scope,
    Optional<Address> peer,
    Optional<Address> broadcast,
    int flags) {

  /** IFA_F_NODAD: an IPv6 address usable at once, without looking for a duplicate. */
  public static final int NO_DUPLICATE_DETECTION = 0x02;

  /** IFA_F_NOPREFIXROUTE: no route to the subnet is to be added. */
  public static final int NO_PREFIX_ROUTE = 0x200;

  private static final int SECONDARY = 0x01;
  private static final int DUPLICATE = 0x08;
  private static final int TENTATIVE = 0x40;

  /** A global address with neither peer nor broadcast address nor flags. */
  public static LinkAddress of(int linkIndex, InterfaceAddress address) {
    return new LinkAddress(linkIndex, address, Scope.GLOBAL, Optional.empty(), Optional.empty(), 0);
  }

  public LinkAddress withScope(Scope newScope) {
    return new LinkAddress(linkIndex, address, newScope, peer, broadcast, flags);
  }

  public LinkAddress withPeer(Address newPeer) {
    return new LinkAddress(linkIndex, address, scope, Optional.of(newPeer), broadcast, flags);
  }

  public LinkAddress withFlags(int newFlags) {
    return new LinkAddress(linkIndex, address, scope, peer, broadcast, newFlags);
  }

  /** IPv6: not usable yet, a duplicate is being looked for. */
  public boolean tentative() {
    return (flags & TENTATIVE) != 0;
  }

  /** IPv6: not usable, another host has it. */
  public boolean duplicate() {
    return (flags & DUPLICATE) != 0;
  }

  /** IPv4: not the first address of its subnet. IPv6: temporary. */
  public boolean secondary() {
    return (flags & SECONDARY) != 0;
  }
}
