package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a tunnel's device lacks of the one address that it is to have, and has besides. Pure. */
final class DeviceAddresses {

  private DeviceAddresses() {}

  /** The tunnel's address as the device is to have it; empty when it has it, or there is none. */
  static Optional<InterfaceAddress> missing(
      Underlay underlay, Link device, Optional<Address> tunnelAddress) {
    return tunnelAddress
        .map(address -> new InterfaceAddress(address, address.family().bits()))
        .filter(
            wanted ->
                underlay.addresses().stream()
                    .noneMatch(
                        has -> has.linkIndex() == device.index() && has.address().equals(wanted)));
  }

  /**
   * The device's addresses of the family, all of which are ours by agreement, but for one and those
   * that IPv6 gives every link.
   */
  static List<Change> strangers(
      AddressFamily family, Underlay underlay, int linkIndex, Optional<Address> keep) {
    Optional<InterfaceAddress> kept =
        keep.map(address -> new InterfaceAddress(address, family.bits()));
    List<Change> changes = new ArrayList<>();
    for (LinkAddress address : underlay.addresses()) {
      Address has = address.address().address();
      boolean given = family == AddressFamily.IPV6 && has.isLinkLocal();
      if (address.linkIndex() == linkIndex
          && has.family() == family
          && !given
          && !kept.equals(Optional.of(address.address()))) {
        changes.add(new Change.DeleteAddress(address));
      }
    }
    return changes;
  }
}
