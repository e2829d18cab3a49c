package dev.manul.policy;

import dev.manul.model.Address;
import java.util.Optional;

/**
 * What becomes of the source of packets that leave the pools; Calico's {@code natOutgoingAddress},
 * {@code natPortRange} and {@code natOutgoingExclusions}.
 *
 * @param address the source to give them, in its family; empty for that of the interface they leave
 *     by, as in the other family
 * @param ports the ports to give TCP and UDP; empty for any
 * @param exclusions what is never masqueraded for
 */
public record Masquerade(Optional<Address> address, Optional<Ports> ports, Exclusions exclusions) {

  /** The interface's address, any port, for all that is in no pool. */
  public static final Masquerade DEFAULT =
      new Masquerade(Optional.empty(), Optional.empty(), Exclusions.POOLS);

  /** Ports from one to another, both included. */
  public record Ports(int first, int last) {
    private static final int MOST = 65_535;

    public Ports {
      if (first < 1 || last > MOST || first > last) {
        throw new IllegalArgumentException(
            "allowed are two ports 1 to 65535 like 32768:60999, the first not above the second");
      }
    }

    /** Reads {@code 32768:60999}; a port alone is a range of one. */
    public static Ports parse(String text) {
      String[] ends = text.split("[:-]", 2);
      try {
        int first = Integer.parseInt(ends[0].strip());
        return new Ports(first, ends.length == 1 ? first : Integer.parseInt(ends[1].strip()));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "allowed are two ports 1 to 65535 like 32768:60999, the first not above the second", e);
      }
    }

    @Override
    public String toString() {
      return first + "-" + last;
    }
  }

  public Masquerade withExclusions(Exclusions newExclusions) {
    return new Masquerade(address, ports, newExclusions);
  }

  public Masquerade withAddress(Address newAddress) {
    return new Masquerade(Optional.of(newAddress), ports, exclusions);
  }

  public Masquerade withPorts(Ports newPorts) {
    return new Masquerade(address, Optional.of(newPorts), exclusions);
  }
}
