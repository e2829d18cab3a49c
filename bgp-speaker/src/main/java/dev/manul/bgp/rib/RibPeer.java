package dev.manul.bgp.rib;

import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** A neighbour as the RIB knows it; or this speaker itself, as the source of its own routes. */
public final class RibPeer {
  private final Optional<Address> address;

  /** The session, while it is up; kept after that for the paths that stay as stale ones. */
  PeerSession session;

  /** The filters of that session. */
  PeerFilters filters;

  /** Null while there is no session. */
  AdjRibOut out;

  /** Families of which the paths have gone stale. */
  final Set<Family> staleFamilies = new HashSet<>();

  /** Families that the neighbour is sending again: what is stale of them has not come yet. */
  final Set<Family> refreshing = new HashSet<>();

  /** What it has announced. */
  final PeerPaths paths = new PeerPaths();

  int refused;

  private RibPeer(Optional<Address> address) {
    this.address = address;
  }

  /** A neighbour, without a session yet. */
  public static RibPeer neighbor(Address address) {
    return new RibPeer(Optional.of(address));
  }

  static RibPeer local() {
    return new RibPeer(Optional.empty());
  }

  boolean isLocal() {
    return address.isEmpty();
  }

  /** Empty for this speaker itself. */
  public Optional<Address> address() {
    return address;
  }

  /** How many paths it has announced. */
  public int received() {
    return paths.size();
  }

  /** How many of them may become best. */
  public int accepted() {
    return paths.size() - refused;
  }

  /** How many prefixes it has been told. */
  public int advertised() {
    return out == null ? 0 : out.size();
  }

  /** Whether any of its paths are kept as stale ones. */
  public boolean hasStale() {
    return !staleFamilies.isEmpty();
  }

  /** Whether any of its paths of a family are. */
  public boolean hasStale(Family family) {
    return staleFamilies.contains(family);
  }

  @Override
  public String toString() {
    return address.map(Address::text).orElse("local");
  }
}
