package dev.manul.bgp.rib;

import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.Optional;
import java.util.Set;

/** Builds sessions for tests; the neighbour is external where its AS number is another. */
final class Sessions {
  private Address localAddress = TestRib.ROUTER_ID;
  private Ipv4Address remoteId = Ipv4Address.parse("10.0.0.2");
  private long localAs = TestRib.AS;
  private long remoteAs = TestRib.AS;
  private int allowLocal;
  private boolean override;
  private Optional<Role> role = Optional.empty();
  private boolean client;
  private Set<Family> families = Set.of(Family.IPV4_UNICAST);
  private Set<Family> extendedNextHop = Set.of();
  private Set<Family> longLived = Set.of();
  private boolean nextHopSelf;
  private boolean nextHopKeep;
  private RouteFilter importFilter = RouteFilter.ACCEPT;
  private RouteFilter exportFilter = RouteFilter.ACCEPT;

  static Sessions internal() {
    return new Sessions();
  }

  static Sessions external(long remoteAs) {
    Sessions sessions = new Sessions();
    sessions.remoteAs = remoteAs;
    return sessions;
  }

  Sessions localAddress(String value) {
    localAddress = Address.parse(value);
    return this;
  }

  Sessions remoteId(Ipv4Address value) {
    remoteId = value;
    return this;
  }

  Sessions localAs(long value) {
    localAs = value;
    return this;
  }

  Sessions allowLocal(int value) {
    allowLocal = value;
    return this;
  }

  Sessions override() {
    override = true;
    return this;
  }

  Sessions role(Role value) {
    role = Optional.of(value);
    return this;
  }

  Sessions client() {
    client = true;
    return this;
  }

  Sessions bothFamilies() {
    families = Set.of(Family.IPV4_UNICAST, Family.IPV6_UNICAST);
    return this;
  }

  Sessions extendedNextHop() {
    extendedNextHop = Set.of(Family.IPV4_UNICAST);
    return this;
  }

  Sessions longLived() {
    longLived = Set.of(Family.IPV4_UNICAST);
    return this;
  }

  Sessions nextHopSelf() {
    nextHopSelf = true;
    return this;
  }

  Sessions nextHopKeep() {
    nextHopKeep = true;
    return this;
  }

  Sessions importFilter(RouteFilter value) {
    importFilter = value;
    return this;
  }

  Sessions exportFilter(RouteFilter value) {
    exportFilter = value;
    return this;
  }

  PeerSession get() {
    boolean external = localAs != remoteAs;
    return new PeerSession(
        localAddress,
        remoteId,
        new AsNumbers(localAs, remoteAs, allowLocal, override, role),
        client,
        TestRib.ROUTER_ID,
        families,
        extendedNextHop,
        longLived,
        nextHopSelf,
        nextHopKeep,
        100,
        importFilter,
        exportFilter,
        true,
        external || client);
  }
}
