package dev.manul.agent;

import dev.manul.model.InterfaceAddress;
import java.util.List;

/**
 * A network interface of this host, as address detection sees it.
 *
 * @param index the kernel's interface index
 * @param name such as {@code eth0}
 * @param kind the kernel's link kind: {@code bridge}, {@code veth}, …; "" for hardware
 * @param up whether it is administratively up
 * @param addresses in the kernel's order
 */
record HostInterface(
    int index, String name, String kind, boolean up, List<InterfaceAddress> addresses) {
  HostInterface {
    addresses = List.copyOf(addresses);
  }
}
