package dev.manul.bgp;

import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.nio.charset.StandardCharsets;
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
 * @param allowAsIn how often this end's AS number may be in a path that is still accepted, 0 to 10
 * @param asOverride true to write this end's AS number in place of the neighbour's in paths
 *     announced to it
 * @param role what this end is to the neighbour (RFC 9234); only external sessions use it
 * @param strictRole true to refuse a neighbour that announces no role; only with {@code role}
 * @param addPathReceive true to accept several paths a prefix (RFC 7911)
 * @param addPathSend how many paths a prefix to announce at most, 0 to 64; 0 to announce the best
 *     one without a path identifier
 * @param longLivedStaleTime how long the neighbour is to keep our routes once the restart time is
 *     over (RFC 9494), 0 to 16777215 seconds; empty to announce no long-lived graceful restart;
 *     only with {@code gracefulRestartTime}
 * @param prefixLimit how many prefixes the neighbour may announce
 * @param shutdown present to keep the session down; the text is told to the neighbour (RFC 9003)
 *     and may be ""
 * @param connectRetryTime seconds between attempts to connect once quick ones have failed, 1 to
 *     3600; empty for 8
 * @param keepaliveTime seconds between our keepalives, 1 to 21845, if shorter than a third of the
 *     agreed hold time; empty for that third
 * @param idleHoldTime the longest wait of a session that keeps failing or flapping before its next
 *     attempt (RFC 4271 section 8.1.1, DampPeerOscillations), 1 to 3600 seconds; empty for 60
 * @param bfd present to watch the neighbour with BFD (RFC 5880)
 * @param extendedMessages true to offer messages of up to 65,535 octets (RFC 8654)
 * @param extendedNextHop true to offer IPv6 next hops for IPv4 prefixes (RFC 8950)
 * @param localWorkload true for a workload of this host, which is waited for and never dialled
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
    String description,
    int allowAsIn,
    boolean asOverride,
    Optional<Role> role,
    boolean strictRole,
    boolean addPathReceive,
    int addPathSend,
    OptionalInt longLivedStaleTime,
    Optional<PrefixLimit> prefixLimit,
    Optional<String> shutdown,
    OptionalInt connectRetryTime,
    OptionalInt keepaliveTime,
    OptionalInt idleHoldTime,
    Optional<BfdSettings> bfd,
    boolean extendedMessages,
    boolean extendedNextHop,
    boolean localWorkload) {

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
    checkRange(name + "multihop", multihop, 1, 255);
    checkRange(name + "ttlSecurity", ttlSecurity, 1, 254);
    checkRange(name + "gracefulRestartTime", gracefulRestartTime, 0, 4095);
    checkRange(name + "allowAsIn", allowAsIn, 0, 10);
    checkRange(name + "addPathSend", addPathSend, 0, 64);
    checkRange(name + "longLivedStaleTime", longLivedStaleTime, 0, 0xff_ffff);
    checkRange(name + "connectRetryTime", connectRetryTime, 1, 3600);
    checkRange(name + "keepaliveTime", keepaliveTime, 1, 21845);
    checkRange(name + "idleHoldTime", idleHoldTime, 1, 3600);
    require(families.size() > 0, name + "families must not be empty");
    require(
        multihop.isEmpty() || ttlSecurity.isEmpty(),
        name + "multihop and ttlSecurity exclude each other");
    require(!nextHopSelf || !nextHopKeep, name + "nextHopSelf and nextHopKeep exclude each other");
    require(
        localAddress.isEmpty() || localAddress.get().family() == address.family(),
        name + "localAddress is not of the neighbor's address family");
    require(!strictRole || role.isPresent(), name + "strictRole needs role");
    require(
        longLivedStaleTime.isEmpty() || gracefulRestartTime.isPresent(),
        name + "longLivedStaleTime needs gracefulRestartTime");
    if (password.isPresent()) {
      int octets = password.get().getBytes(StandardCharsets.UTF_8).length;
      checkRange(name + "the length of password in octets", octets, 1, 80);
    }
  }

  /** The same neighbour with other values: a builder that begins with those of this one. */
  public Builder toBuilder() {
    return new Builder(this);
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

  private static void checkRange(String what, OptionalInt value, int low, int high) {
    if (value.isPresent()) {
      checkRange(what, value.getAsInt(), low, high);
    }
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
    private int allowAsIn;
    private boolean asOverride;
    private Optional<Role> role = Optional.empty();
    private boolean strictRole;
    private boolean addPathReceive;
    private int addPathSend;
    private OptionalInt longLivedStaleTime = OptionalInt.empty();
    private Optional<PrefixLimit> prefixLimit = Optional.empty();
    private Optional<String> shutdown = Optional.empty();
    private OptionalInt connectRetryTime = OptionalInt.empty();
    private OptionalInt keepaliveTime = OptionalInt.empty();
    private OptionalInt idleHoldTime = OptionalInt.empty();
    private Optional<BfdSettings> bfd = Optional.empty();
    private boolean extendedMessages = true;
    private boolean extendedNextHop;
    private boolean localWorkload;

    private Builder(Address address, long asNumber) {
      this.address = address;
      this.asNumber = asNumber;
    }

    private Builder(NeighborConfiguration n) {
      this(n.address, n.asNumber);
      port = n.port;
      localAddress = n.localAddress;
      localAsNumber = n.localAsNumber;
      passive = n.passive;
      password = n.password;
      multihop = n.multihop;
      ttlSecurity = n.ttlSecurity;
      holdTime = n.holdTime;
      routeReflectorClient = n.routeReflectorClient;
      clusterId = n.clusterId;
      gracefulRestartTime = n.gracefulRestartTime;
      families = n.families;
      nextHopSelf = n.nextHopSelf;
      nextHopKeep = n.nextHopKeep;
      importFilter = n.importFilter;
      exportFilter = n.exportFilter;
      description = n.description;
      allowAsIn = n.allowAsIn;
      asOverride = n.asOverride;
      role = n.role;
      strictRole = n.strictRole;
      addPathReceive = n.addPathReceive;
      addPathSend = n.addPathSend;
      longLivedStaleTime = n.longLivedStaleTime;
      prefixLimit = n.prefixLimit;
      shutdown = n.shutdown;
      connectRetryTime = n.connectRetryTime;
      keepaliveTime = n.keepaliveTime;
      idleHoldTime = n.idleHoldTime;
      bfd = n.bfd;
      extendedMessages = n.extendedMessages;
      extendedNextHop = n.extendedNextHop;
      localWorkload = n.localWorkload;
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

    public Builder allowAsIn(int value) {
      allowAsIn = value;
      return this;
    }

    public Builder asOverride(boolean value) {
      asOverride = value;
      return this;
    }

    public Builder role(Role value) {
      role = Optional.of(value);
      return this;
    }

    public Builder strictRole(boolean value) {
      strictRole = value;
      return this;
    }

    public Builder addPathReceive(boolean value) {
      addPathReceive = value;
      return this;
    }

    public Builder addPathSend(int value) {
      addPathSend = value;
      return this;
    }

    public Builder longLivedStaleTime(int value) {
      longLivedStaleTime = OptionalInt.of(value);
      return this;
    }

    public Builder prefixLimit(PrefixLimit value) {
      prefixLimit = Optional.of(value);
      return this;
    }

    public Builder shutdown(String value) {
      shutdown = Optional.of(value);
      return this;
    }

    public Builder connectRetryTime(int value) {
      connectRetryTime = OptionalInt.of(value);
      return this;
    }

    public Builder keepaliveTime(int value) {
      keepaliveTime = OptionalInt.of(value);
      return this;
    }

    public Builder idleHoldTime(int value) {
      idleHoldTime = OptionalInt.of(value);
      return this;
    }

    public Builder bfd(BfdSettings value) {
      bfd = Optional.of(value);
      return this;
    }

    public Builder extendedMessages(boolean value) {
      extendedMessages = value;
      return this;
    }

    public Builder extendedNextHop(boolean value) {
      extendedNextHop = value;
      return this;
    }

    public Builder localWorkload(boolean value) {
      localWorkload = value;
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
          description,
          allowAsIn,
          asOverride,
          role,
          strictRole,
          addPathReceive,
          addPathSend,
          longLivedStaleTime,
          prefixLimit,
          shutdown,
          connectRetryTime,
          keepaliveTime,
          idleHoldTime,
          bfd,
          extendedMessages,
          extendedNextHop,
          localWorkload);
    }
  }
}
