package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.Prefix;

/**
 * A member of a set of the kernel's.
 *
 * @param length of the prefix; that of a whole address in sets of addresses with ports
 * @param protocol number of the IP protocol; 0 in sets of prefixes
 * @param port 0 in sets of prefixes
 */
public record SetMember(Address address, int length, int protocol, int port) {

  /** A prefix; the kernel takes none of length 0. */
  public static SetMember of(Prefix prefix) {
    return new SetMember(prefix.address(), prefix.length(), 0, 0);
  }

  /** An address with a port. */
  public static SetMember of(Address address, int protocol, int port) {
    return new SetMember(address, address.family().bits(), protocol, port);
  }

  /** As {@code ipset} prints it. */
  @Override
  public String toString() {
    if (protocol != 0) {
      String name =
          switch (protocol) {
            case 6 -> "tcp";
            case 17 -> "udp";
            case 132 -> "sctp";
            default -> Integer.toString(protocol);
          };
      return address + "," + name + ":" + port;
    }
    return length == address.family().bits() ? address.toString() : address + "/" + length;
  }
}
