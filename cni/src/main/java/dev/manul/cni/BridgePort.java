package dev.manul.cni;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Prefix;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An attachment's place on a bridge.
 *
 * @param settings the bridge
 * @param gateways the bridge's address in the subnet of each of the attachment's addresses
 */
record BridgePort(BridgeSettings settings, List<InterfaceAddress> gateways) {

  BridgePort {
    gateways = List.copyOf(gateways);
  }

  /** Of the subnet that an address is in. */
  InterfaceAddress gateway(Address address) {
    return gateways.stream()
        .filter(gateway -> gateway.subnet().contains(address))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(address + " is in no subnet of " + this));
  }

  Optional<Address> gateway(AddressFamily family) {
    return gateways.stream()
        .map(InterfaceAddress::address)
        .filter(address -> address.family() == family)
        .findFirst();
  }

  Set<Prefix> subnets() {
    Set<Prefix> subnets = new HashSet<>();
    gateways.forEach(gateway -> subnets.add(gateway.subnet()));
    return subnets;
  }
}
