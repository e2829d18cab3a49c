package dev.manul.bgp;

import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.FaultAction;
import dev.manul.bgp.wire.Octets;
import dev.manul.bgp.wire.Role;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is to be known of a neighbour beyond the first glance.
 *
 * @param features what the session has agreed on; {@link Features#NONE} when it is down
 * @param remoteHostName the name the neighbour has announced last
 * @param faults how many malformed messages and attributes have come, by kind, in a steady order
 * @param lastMalformed the last of those messages
 * @param lastShutdown the text of the neighbour's last shutdown or reset (RFC 9003)
 * @param shutdown our own text, while the session is kept down by configuration
 * @param idleUntil when the session starts again by itself, while it is damped or held down for its
 *     prefixes
 * @param longLivedStale families of which the routes are kept as long-lived stale ones (RFC 9494)
 */
public record NeighborDetail(
    Features features,
    Optional<String> remoteHostName,
    List<FaultCount> faults,
    Optional<MalformedMessage> lastMalformed,
    Optional<String> lastShutdown,
    Optional<String> shutdown,
    Optional<Instant> idleUntil,
    Set<Family> longLivedStale) {

  /** Of a neighbour that nothing has been heard of. */
  public static final NeighborDetail NONE =
      new NeighborDetail(
          Features.NONE,
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Set.of());

  public NeighborDetail {
    faults = List.copyOf(faults);
    longLivedStale = Set.copyOf(longLivedStale);
  }

  /**
   * What two OPENs have agreed on.
   *
   * @param fourOctetAs RFC 6793
   * @param routeRefresh the neighbour answers requests to send its routes again (RFC 2918)
   * @param enhancedRefresh it marks beginning and end of what it sends again (RFC 7313)
   * @param extendedMessages messages may have up to 65,535 octets (RFC 8654)
   * @param extendedNextHop families of IPv4 prefixes that may have IPv6 next hops (RFC 8950)
   * @param addPathReceive families of which several paths a prefix may come (RFC 7911)
   * @param addPathSend families of which several paths a prefix may be sent
   * @param notificationRestart routes are kept after a NOTIFICATION, too (RFC 8538)
   * @param longLivedStaleTimes how long to keep the neighbour's long-lived stale routes, in seconds
   *     (RFC 9494)
   * @param localRole what this end is to the neighbour (RFC 9234)
   * @param remoteRole what the neighbour says it is
   */
  public record Features(
      boolean fourOctetAs,
      boolean routeRefresh,
      boolean enhancedRefresh,
      boolean extendedMessages,
      Set<Family> extendedNextHop,
      Set<Family> addPathReceive,
      Set<Family> addPathSend,
      boolean notificationRestart,
      Map<Family, Integer> longLivedStaleTimes,
      Optional<Role> localRole,
      Optional<Role> remoteRole) {

    public static final Features NONE =
        new Features(
            false,
            false,
            false,
            false,
            Set.of(),
            Set.of(),
            Set.of(),
            false,
            Map.of(),
            Optional.empty(),
            Optional.empty());

    public Features {
      extendedNextHop = Set.copyOf(extendedNextHop);
      addPathReceive = Set.copyOf(addPathReceive);
      addPathSend = Set.copyOf(addPathSend);
      longLivedStaleTimes = Map.copyOf(longLivedStaleTimes);
    }
  }

  /** What was wrong, and what was done about it. */
  public enum FaultKind {
    /** A message header; the session was reset. */
    HEADER,
    /** An OPEN; the session was refused. */
    OPEN,
    /** An UPDATE that nothing could be made of; the session was reset. */
    UPDATE,
    /** A ROUTE-REFRESH; the session was reset. */
    ROUTE_REFRESH,
    /** An attribute of an UPDATE; it was left out. */
    ATTRIBUTE_DISCARDED,
    /** An UPDATE; its prefixes were treated as withdrawn. */
    TREATED_AS_WITHDRAWN,
    /** An UPDATE; its family was given up, and the session with it. */
    FAMILY_DISABLED;

    /** The kind of a fault in an UPDATE that the session survives, as far as its action goes. */
    public static FaultKind of(FaultAction action) {
      return switch (action) {
        case DISCARD -> ATTRIBUTE_DISCARDED;
        case WITHDRAW -> TREATED_AS_WITHDRAWN;
        case DISABLE_FAMILY -> FAMILY_DISABLED;
      };
    }
  }

  /**
   * How often something was wrong.
   *
   * @param attribute the attribute type; 0 when it was not one attribute
   */
  public record FaultCount(FaultKind kind, int attribute, long count) {}

  /**
   * A malformed message.
   *
   * @param reason what was wrong, as a sentence
   * @param message the whole of it, header included; the first 4096 octets of a longer one
   */
  public record MalformedMessage(Instant at, FaultKind kind, String reason, Octets message) {}
}
