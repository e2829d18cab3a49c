package dev.manul.bgp;

import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A neighbour to keep a session with. {@link #builder} fills in the usual values.
 *
 * @param address the neighbour's address, which also identifies it
 * @param port where it listens, 1 to 65535
 * @param asNumber its AS number, 1 to 4294967295
 * @param localAddress this end's address; empty leaves it to the kernel
 * @param localAsNumber the AS number to show to this neighbour instead of the speaker's own
 * @param passive true to wait for the neighbour's connection
 * @param password a TCP MD5 key (RFC 2385), 1 to 80 octets
 * @param multihop the TTL of an external session over several hops, 1 to 255
 * @param ttlSecurity how many hops away the neighbour may be at most (RFC 5082), 1 to 254; not
 *     together with {@code multihop}
 * @param holdTime seconds, 0 for none or 3 to 65535
 * @param routeReflectorClient true when this speaker reflects routes to and from it (RFC 4456)
 * @param clusterId the cluster of that client; empty for the router id
 * @param gracefulRestartTime the restart time to announce (RFC 4724), 0 to 4095 seconds; empty to
 *     announce no graceful restart at all
 * @param families what to exchange routes of; not empty
 * @param nextHopSelf true to announce learned routes with this end's address as next hop
 * @param nextHopKeep true to leave the next hop alone towards an external neighbour; not together
 *     with {@code nextHopSelf}
 * @param importFilter for routes the neighbour announces
 * @param exportFilter for routes announced to it
 * @param description free text for status and logs
 */
public record NeighborConfiguration(
    Address address,
    int port,
    long asNumber,
    Optional<Address> localAddress,
    OptionalLong localAsNumber,
    boolean passive,
    Optional<String> password,
    OptionalInt multihop,
    OptionalInt ttlSecurity,
    int holdTime,
    boolean routeReflectorClient,
    Optional<Ipv4Address> clusterId,
    OptionalInt gracefulRestartTime,
    Set<Family> families,
    boolean nextHopSelf,
    boolean nextHopKeep,
    RouteFilter importFilter,
    RouteFilter exportFilter,
    String description) {

  public NeighborConfiguration {
    families = Set.copyOf(families);
    String name = "neighbor " + address + ": ";
    checkRange(name + "port", port, 1, 65535);
    checkAsNumber(name + "asNumber", asNumber);
    if (localAsNumber.isPresent()) {
      checkAsNumber(name + "localAsNumber", localAsNumber.getAsLong());
    }
    if (holdTime != 0) {
      checkRange(name + "holdTime (or 0 for none)", holdTime, 3, 65535);
    }
    if (multihop.isPresent()) {
      checkRange(name + "multihop", multihop.getAsInt(), 1, 255);
    }
    if (ttlSecurity.isPresent()) {
      checkRange(name + "ttlSecurity", ttlSecurity.getAsInt(), 1, 254);
    }
    if (gracefulRestartTime.isPresent()) {
      checkRange(name + "gracefulRestartTime", gracefulRestartTime.getAsInt(), 0, 4095);
    }
    require(families.size() > 0, name + "families must not be empty");
    require(
        multihop.isEmpty() || ttlSecurity.isEmpty(),
        name + "multihop and ttlSecurity exclude each other");
    require(!nextHopSelf || !nextHopKeep, name + "nextHopSelf and nextHopKeep exclude each other");
    require(
        localAddress.isEmpty() || localAddress.get().family() == address.family(),
        name + "localAddress is not of the neighbor's address family");
    if (password.isPresent()) {
      checkRange(name + "the length of password", password.get().length(), 1, 80);
    }
  }

  static void checkAsNumber(String what, long value) {
    require(
        value >= 1 && value <= 0xffff_ffffL,
        what + " must be within 1 to 4294967295, not " + value);
  }

  private static void checkRange(String what, int value, int low, int high) {
    require(
        value >= low && value <= high,
        what + " must be within " + low + " to " + high + ", not " + value);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /**
   * A neighbour with port 179, hold time 90 s, graceful restart of 120 s, IPv4 and IPv6 unicast,
   * and everything accepted both ways.
   */
  public static Builder builder(Address address, long asNumber) {
    return new Builder(address, asNumber);
  }

  /** Fills in a {@link NeighborConfiguration}; not thread-safe. */
  public static final class Builder {
    private final Address address;
    private final long asNumber;
    private int port = 179;
    private Optional<Address> localAddress = Optional.empty();
    private OptionalLong localAsNumber = OptionalLong.empty();
    private boolean passive;
    private Optional<String> password = Optional.empty();
    private OptionalInt multihop = OptionalInt.empty();
    private OptionalInt ttlSecurity = OptionalInt.empty();
    private int holdTime = 90;
    private boolean routeReflectorClient;
    private Optional<Ipv4Address> clusterId = Optional.empty();
    private OptionalInt gracefulRestartTime = OptionalInt.of(120);
    private Set<Family> families = Set.of(Family.IPV4_UNICAST, Family.IPV6_UNICAST);
    private boolean nextHopSelf;
    private boolean nextHopKeep;
    private RouteFilter importFilter = RouteFilter.ACCEPT;
    private RouteFilter exportFilter = RouteFilter.ACCEPT;
    private String description = "";

    private Builder(Address address, long asNumber) {
      this.address = address;
      this.asNumber = asNumber;
    }

    public Builder port(int value) {
      port = value;
      return this;
    }

    public Builder localAddress(Address value) {
      localAddress = Optional.of(value);
      return this;
    }

    public Builder localAsNumber(long value) {
      localAsNumber = OptionalLong.of(value);
      return this;
    }

    public Builder passive(boolean value) {
      passive = value;
      return this;
    }

    public Builder password(String value) {
      password = Optional.of(value);
      return this;
    }

    public Builder multihop(int value) {
      multihop = OptionalInt.of(value);
      return this;
    }

    public Builder ttlSecurity(int value) {
      ttlSecurity = OptionalInt.of(value);
      return this;
    }

    public Builder holdTime(int value) {
      holdTime = value;
      return this;
    }

    public Builder routeReflectorClient(boolean value) {
      routeReflectorClient = value;
      return this;
    }

    public Builder clusterId(Ipv4Address value) {
      clusterId = Optional.of(value);
      return this;
    }

    public Builder gracefulRestartTime(int value) {
      gracefulRestartTime = OptionalInt.of(value);
      return this;
    }

    public Builder noGracefulRestart() {
      gracefulRestartTime = OptionalInt.empty();
      return this;
    }

    public Builder families(Set<Family> value) {
      families = value;
      return this;
    }

    public Builder nextHopSelf(boolean value) {
      nextHopSelf = value;
      return this;
    }

    public Builder nextHopKeep(boolean value) {
      nextHopKeep = value;
      return this;
    }

    public Builder importFilter(RouteFilter value) {
      importFilter = value;
      return this;
    }

    public Builder exportFilter(RouteFilter value) {
      exportFilter = value;
      return this;
    }

    public Builder description(String value) {
      description = value;
      return this;
    }

    /**
     * The neighbour.
     *
     * @throws IllegalArgumentException naming the field that is out of range
     */
    public NeighborConfiguration build() {
      return new NeighborConfiguration(
          address,
          port,
          asNumber,
          localAddress,
          localAsNumber,
          passive,
          password,
          multihop,
          ttlSecurity,
          holdTime,
          routeReflectorClient,
          clusterId,
          gracefulRestartTime,
          families,
          nextHopSelf,
          nextHopKeep,
          importFilter,
          exportFilter,
          description);
    }
  }
}
