package dev.manul.ipam;

import dev.manul.model.Address;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An address that more than one says to have, and what becomes of it: pure.
 *
 * @param address the address
 * @param allocation what the books say of it; empty where they call it free
 * @param keeper who keeps it
 * @param others who cannot keep it; none where only the books said that it was another's
 */
record SharedAddress(
    Address address,
    Optional<AllocationInfo> allocation,
    AddressUse keeper,
    List<AddressUse> others) {

  SharedAddress {
    others = List.copyOf(others);
  }

  /**
   * The order in which users have a right to an address: who has it by the books; whose allocation
   * can be told from others; a node, which was there first; the oldest; the first by name.
   */
  private static Comparator<AddressUse> rights(Optional<AllocationInfo> allocation) {
    return Comparator.<AddressUse, Boolean>comparing(use -> allocation.filter(use::holds).isEmpty())
        .thenComparing(use -> allocation.filter(a -> !use.isStrangerTo(a)).isEmpty())
        .thenComparing(use -> use.request("").isEmpty())
        .thenComparing(use -> use instanceof AddressUse.OfEndpoint)
        .thenComparing(use -> Times.parse(use.since()).orElse(Instant.MAX))
        .thenComparing(AddressUse::user);
  }

  /** Who uses an address and who else, for each that is used; those with the best right first. */
  static Map<Address, List<AddressUse>> byRight(
      List<AddressUse> uses, Map<Address, AllocationInfo> allocated) {
    Map<Address, List<AddressUse>> users = new TreeMap<>();
    uses.forEach(use -> users.computeIfAbsent(use.address(), a -> new ArrayList<>()).add(use));
    users.forEach((address, by) -> by.sort(rights(standing(allocated, address))));
    return users;
  }

  /** The shared among the used. */
  static List<SharedAddress> of(
      Map<Address, List<AddressUse>> usersByRight, Map<Address, AllocationInfo> allocated) {
    List<SharedAddress> shared = new ArrayList<>();
    usersByRight.forEach(
        (address, by) -> {
          Optional<AllocationInfo> allocation = standing(allocated, address);
          AddressUse keeper = by.getFirst();
          if (by.size() > 1 || allocation.filter(keeper::isStrangerTo).isPresent()) {
            shared.add(new SharedAddress(address, allocation, keeper, by.subList(1, by.size())));
          }
        });
    return shared;
  }

  /** An address that cools down is nobody's. */
  private static Optional<AllocationInfo> standing(
      Map<Address, AllocationInfo> allocated, Address address) {
    return Optional.ofNullable(allocated.get(address)).filter(a -> a.coolingSince().isEmpty());
  }

  /** Whether the books have it as the keeper's, or do not say whose it is. */
  boolean isBooked() {
    return allocation.filter(a -> keeper.holds(a) || !AddressUse.namesItsUser(a)).isPresent();
  }

  /** Who has it, in one line. */
  String message() {
    StringBuilder line = new StringBuilder(address + " is used by " + keeper.user());
    others.forEach(other -> line.append(" and by ").append(other.user()));
    allocation
        .filter(keeper::isStrangerTo)
        .ifPresent(a -> line.append(" and is allocated to ").append(owner(a)));
    return line.toString();
  }

  /** Whom an allocation is for, as its attributes say. */
  static String owner(AllocationInfo allocation) {
    Map<String, String> attributes = allocation.attributes();
    String what =
        attributes.containsKey("pod")
            ? "pod " + attributes.getOrDefault("namespace", "") + "/" + attributes.get("pod")
            : attributes.getOrDefault("type", "handle " + allocation.handleId().orElse("none"));
    return what + allocation.node().map(node -> " on node " + node).orElse("");
  }
}
