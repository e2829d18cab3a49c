package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.IPReservation;
import dev.manul.model.Prefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/** The addresses that are given out only when asked for by name. */
final class Reservations {

  /** Disjoint, in address order. */
  private final List<Prefix> prefixes;

  private Reservations(List<Prefix> prefixes) {
    this.prefixes = prefixes;
  }

  static Reservations of(Collection<IPReservation> reservations) {
    List<Prefix> sorted =
        reservations.stream()
            .flatMap(reservation -> reservation.spec().reservedCIDRs().stream())
            .sorted()
            .toList();
    List<Prefix> disjoint = new ArrayList<>();
    for (Prefix prefix : sorted) {
      // Prefixes either nest or are apart, and sorting puts the outer one first.
      if (disjoint.isEmpty() || !disjoint.getLast().contains(prefix)) {
        disjoint.add(prefix);
      }
    }
    return new Reservations(List.copyOf(disjoint));
  }

  /** A test for the addresses of one block, cheap when nothing in it is reserved. */
  Predicate<Address> within(Prefix block) {
    List<Prefix> inside = prefixes.stream().filter(block::overlaps).toList();
    return inside.isEmpty()
        ? address -> false
        : address -> inside.stream().anyMatch(prefix -> prefix.contains(address));
  }

  /** Whether nothing of the block is left to be given out. */
  boolean cover(Prefix block) {
    return countIn(block).equals(block.size());
  }

  /** How many addresses of {@code range} are reserved. */
  BigInteger countIn(Prefix range) {
    BigInteger count = BigInteger.ZERO;
    for (Prefix prefix : prefixes) {
      if (prefix.contains(range)) {
        return range.size();
      }
      if (range.contains(prefix)) {
        count = count.add(prefix.size());
      }
    }
    return count;
  }
}
