package dev.manul.netlink;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A link to be created.
 *
 * @param name 1 to 15 bytes
 * @param type its kind and settings
 * @param mtu its MTU; empty: the kernel's choice
 * @param mac its hardware address; empty: the kernel's choice
 * @param masterIndex the bridge it joins, 0 for none
 * @param up whether it is set up at once
 */
public record LinkSpec(
    String name,
    LinkType type,
    OptionalInt mtu,
    Optional<String> mac,
    int masterIndex,
    boolean up) {

  public LinkSpec {
    LinkNames.check(name);
  }

  /** A link that is set up at once, with the kernel's MTU and hardware address and no master. */
  public static LinkSpec of(String name, LinkType type) {
    return new LinkSpec(name, type, OptionalInt.empty(), Optional.empty(), 0, true);
  }

  public LinkSpec withMtu(int newMtu) {
    return new LinkSpec(name, type, OptionalInt.of(newMtu), mac, masterIndex, up);
  }

  public LinkSpec withMac(String newMac) {
    return new LinkSpec(name, type, mtu, Optional.of(newMac), masterIndex, up);
  }

  public LinkSpec withMaster(int newMasterIndex) {
    return new LinkSpec(name, type, mtu, mac, newMasterIndex, up);
  }

  public LinkSpec withUp(boolean newUp) {
    return new LinkSpec(name, type, mtu, mac, masterIndex, newUp);
  }
}
