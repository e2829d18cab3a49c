package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Capability.AddPath;
import dev.manul.bgp.wire.Capability.AddPathFamily;
import dev.manul.bgp.wire.Capability.BgpRole;
import dev.manul.bgp.wire.Capability.ExtendedNextHop;
import dev.manul.bgp.wire.Capability.FourOctetAs;
import dev.manul.bgp.wire.Capability.GracefulFamily;
import dev.manul.bgp.wire.Capability.GracefulRestart;
import dev.manul.bgp.wire.Capability.HostName;
import dev.manul.bgp.wire.Capability.LongLivedFamily;
import dev.manul.bgp.wire.Capability.LongLivedGracefulRestart;
import dev.manul.bgp.wire.Capability.Multiprotocol;
import dev.manul.bgp.wire.Capability.NextHopEncoding;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Octets;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Ipv4Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes our OPEN and judges the neighbour's (RFC 4271 section 6.2, RFC 5492, RFC 6286). Pure. */
final class Handshake {
  private static final int VERSION = 4;
  private static final int MULTIPROTOCOL_CODE = 1;
  private static final int IPV6_AFI = 2;
  private static final int LONGEST_NAME = 64;
  private static final Comparator<Family> ORDER =
      Comparator.comparingInt(Family::afi).thenComparingInt(Family::safi);

  private Handshake() {}

  /** The outcome of {@link #judge}. */
  sealed interface Verdict {
    record Accepted(Negotiated negotiated) implements Verdict {}

    /**
     * The session cannot be.
     *
     * @param reason one line for people
     */
    record Refused(Notification notification, String reason) implements Verdict {}
  }

  /**
   * Our OPEN to a neighbour.
   *
   * @param hostName our name; "" to leave it out
   * @param restarting whether to set the restart-state bit of RFC 4724
   * @param forwarding whether to set the forwarding-state bits
   */
  static Open open(
      NeighborConfiguration neighbor,
      long asNumber,
      Ipv4Address routerId,
      String hostName,
      boolean restarting,
      boolean forwarding) {
    List<Family> families = neighbor.families().stream().sorted(ORDER).toList();
    long localAs = neighbor.localAsNumber().orElse(asNumber);
    List<Capability> capabilities = new ArrayList<>();
    families.forEach(family -> capabilities.add(new Multiprotocol(family)));
    capabilities.add(new Capability.RouteRefresh());
    capabilities.add(new Capability.EnhancedRouteRefresh());
    capabilities.add(new FourOctetAs(localAs));
    if (neighbor.extendedMessages()) {
      capabilities.add(new Capability.ExtendedMessages());
    }
    if (neighbor.extendedNextHop() && families.contains(Family.IPV4_UNICAST)) {
      capabilities.add(
          new ExtendedNextHop(List.of(new NextHopEncoding(Family.IPV4_UNICAST, IPV6_AFI))));
    }
    if (neighbor.asNumber() != localAs) {
      neighbor.role().ifPresent(role -> capabilities.add(new BgpRole(role)));
    }
    int mode = (neighbor.addPathReceive() ? 1 : 0) | (neighbor.addPathSend() > 0 ? 2 : 0);
    if (mode != 0) {
      capabilities.add(
          new AddPath(families.stream().map(f -> new AddPathFamily(f, mode)).toList()));
    }
    if (neighbor.gracefulRestartTime().isPresent()) {
      addRestart(neighbor, families, restarting, forwarding, capabilities);
    }
    if (!hostName.isEmpty()) {
      capabilities.add(new HostName(shortened(hostName), ""));
    }
    return new Open(VERSION, localAs, neighbor.holdTime(), routerId, capabilities);
  }

  /** For a neighbour that knows RFC 4271 alone. */
  static Open withoutCapabilities(Open open) {
    return new Open(open.version(), open.asNumber(), open.holdTime(), open.routerId(), List.of());
  }

  /**
   * Graceful restart with the N bit of RFC 8538, and the long-lived one: without families, it says
   * that we keep the neighbour's routes if it wants that, and know stale ones (RFC 9494 section
   * 3.1).
   */
  private static void addRestart(
      NeighborConfiguration neighbor,
      List<Family> families,
      boolean restarting,
      boolean forwarding,
      List<Capability> into) {
    int time = neighbor.gracefulRestartTime().getAsInt();
    List<GracefulFamily> kept =
        time == 0
            ? List.of()
            : families.stream().map(f -> new GracefulFamily(f, forwarding)).toList();
    into.add(new GracefulRestart(restarting, true, time, kept));
    int staleTime = neighbor.longLivedStaleTime().orElse(0);
    into.add(
        new LongLivedGracefulRestart(
            staleTime == 0
                ? List.of()
                : families.stream()
                    .map(f -> new LongLivedFamily(f, forwarding, staleTime))
                    .toList()));
  }

  /** The capability has room for 64 octets. */
  private static String shortened(String hostName) {
    String name = hostName;
    while (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
      name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
    }
    return name;
  }

  /** Judges the neighbour's OPEN by ours. */
  static Verdict judge(NeighborConfiguration neighbor, Open ours, Open theirs) {
    if (theirs.version() != VERSION) {
      return new Verdict.Refused(
          new Notification(2, 1, Octets.of((byte) 0, (byte) VERSION)),
          "peer speaks BGP version " + theirs.version() + ", not 4");
    }
    if (theirs.asNumber() != neighbor.asNumber()) {
      return refused(2, "peer AS " + theirs.asNumber() + " is not " + neighbor.asNumber());
    }
    boolean internal = ours.asNumber() == theirs.asNumber();
    if (theirs.routerId().isUnspecified()) {
      return refused(3, "peer's BGP identifier is 0.0.0.0");
    }
    if (internal && theirs.routerId().equals(ours.routerId())) {
      return refused(3, "peer's BGP identifier " + theirs.routerId() + " is also ours");
    }
    if (theirs.holdTime() == 1 || theirs.holdTime() == 2) {
      return refused(6, "peer's hold time of " + theirs.holdTime() + " s is below 3 s");
    }
    Optional<Verdict> mismatch = internal ? Optional.empty() : judgeRole(neighbor, theirs);
    if (mismatch.isPresent()) {
      return mismatch.get();
    }
    List<Family> families = commonFamilies(neighbor, theirs);
    if (families.isEmpty()) {
      Family wanted = neighbor.families().stream().min(ORDER).orElseThrow();
      return new Verdict.Refused(
          new Notification(2, 7, capabilityOf(wanted)),
          "peer shares none of the families "
              + neighbor.families().stream().sorted(ORDER).toList());
    }
    return new Verdict.Accepted(agree(neighbor, ours, theirs, families));
  }

  /** RFC 9234 section 4.2; empty when all is well. */
  private static Optional<Verdict> judgeRole(NeighborConfiguration neighbor, Open theirs) {
    if (neighbor.role().isEmpty()) {
      return Optional.empty();
    }
    Role ours = neighbor.role().get();
    List<BgpRole> announced = all(theirs, BgpRole.class).distinct().toList();
    if (announced.size() > 1) {
      return Optional.of(wrongRole("peer announces several roles"));
    }
    if (announced.isEmpty()) {
      return neighbor.strictRole()
          ? Optional.of(wrongRole("peer announces no role, and strictRole asks for one"))
          : Optional.empty();
    }
    Optional<Role> role = announced.getFirst().role();
    if (role.isPresent() && role.get() == ours.counterpart()) {
      return Optional.empty();
    }
    String named = role.map(Role::toString).orElse(Integer.toString(announced.getFirst().code()));
    return Optional.of(wrongRole("peer's role " + named + " does not go with ours, " + ours));
  }

  private static Verdict wrongRole(String reason) {
    return new Verdict.Refused(Notifications.roleMismatch(), reason);
  }

  private static Verdict refused(int subcode, String reason) {
    return new Verdict.Refused(Notifications.of(2, subcode), reason);
  }

  private static Octets capabilityOf(Family family) {
    return Octets.of(
        (byte) MULTIPROTOCOL_CODE,
        (byte) 4,
        (byte) (family.afi() >> 8),
        (byte) family.afi(),
        (byte) 0,
        (byte) family.safi());
  }

  /** A neighbour that announces no family at all means IPv4 unicast (RFC 4760 section 8). */
  private static List<Family> commonFamilies(NeighborConfiguration neighbor, Open theirs) {
    Set<Family> announced = new HashSet<>();
    for (Capability capability : theirs.capabilities()) {
      if (capability instanceof Multiprotocol(Family family)) {
        announced.add(family);
      }
    }
    if (announced.isEmpty()) {
      announced.add(Family.IPV4_UNICAST);
    }
    return neighbor.families().stream().filter(announced::contains).sorted(ORDER).toList();
  }

  private static Negotiated agree(
      NeighborConfiguration neighbor, Open ours, Open theirs, List<Family> families) {
    Optional<GracefulRestart> mine = last(ours, GracefulRestart.class);
    Optional<GracefulRestart> peers = last(theirs, GracefulRestart.class);
    boolean restarts = mine.isPresent() && peers.isPresent();
    Set<Family> keepable = new HashSet<>();
    Set<Family> forwarding = new HashSet<>();
    if (restarts) {
      for (GracefulFamily family : peers.get().families()) {
        if (families.contains(family.family())) {
          keepable.add(family.family());
          if (family.forwardingPreserved()) {
            forwarding.add(family.family());
          }
        }
      }
    }
    List<LongLivedFamily> longLived =
        restarts && last(ours, LongLivedGracefulRestart.class).isPresent()
            ? longLived(theirs, families)
            : List.of();
    int restartTime = peers.map(GracefulRestart::restartTime).orElse(0);
    boolean external = ours.asNumber() != theirs.asNumber();
    return new Negotiated(
        theirs.routerId(),
        ours.asNumber(),
        theirs.asNumber(),
        families,
        Math.min(ours.holdTime(), theirs.holdTime()),
        both(ours, theirs, FourOctetAs.class),
        peers.isPresent(),
        peers.map(GracefulRestart::restarting).orElse(false),
        restartTime,
        restartTime == 0 ? Set.of() : keepable,
        forwarding,
        theirs.capabilities(),
        addPath(ours, theirs, families),
        addPath(theirs, ours, families),
        extendedNextHop(ours, theirs, families),
        both(ours, theirs, Capability.ExtendedMessages.class),
        last(theirs, Capability.RouteRefresh.class).isPresent(),
        both(ours, theirs, Capability.EnhancedRouteRefresh.class),
        restarts && mine.get().notification() && peers.get().notification(),
        longLived.stream()
            .collect(Collectors.toMap(LongLivedFamily::family, LongLivedFamily::staleTime)),
        longLived.stream()
            .filter(LongLivedFamily::forwardingPreserved)
            .map(LongLivedFamily::family)
            .collect(Collectors.toSet()),
        last(theirs, LongLivedGracefulRestart.class).isPresent(),
        external ? neighbor.role() : Optional.empty(),
        external ? last(theirs, BgpRole.class).flatMap(BgpRole::role) : Optional.empty());
  }

  /** Those that routes of the neighbour are to be kept for, each family once. */
  private static List<LongLivedFamily> longLived(Open theirs, List<Family> families) {
    Map<Family, LongLivedFamily> kept = new LinkedHashMap<>();
    last(theirs, LongLivedGracefulRestart.class)
        .ifPresent(
            capability ->
                capability.families().stream()
                    .filter(f -> families.contains(f.family()) && f.staleTime() > 0)
                    .forEach(f -> kept.put(f.family(), f)));
    return List.copyOf(kept.values());
  }

  /** Families that one side can receive several paths of and the other is going to send. */
  private static Set<Family> addPath(Open receiver, Open sender, List<Family> families) {
    Set<Family> wanted = new HashSet<>();
    Set<Family> offered = new HashSet<>();
    all(receiver, AddPath.class)
        .flatMap(c -> c.entries().stream())
        .filter(AddPathFamily::receives)
        .forEach(entry -> wanted.add(entry.family()));
    all(sender, AddPath.class)
        .flatMap(c -> c.entries().stream())
        .filter(AddPathFamily::sends)
        .forEach(entry -> offered.add(entry.family()));
    wanted.retainAll(offered);
    wanted.retainAll(families);
    return wanted;
  }

  private static Set<Family> extendedNextHop(Open ours, Open theirs, List<Family> families) {
    NextHopEncoding wanted = new NextHopEncoding(Family.IPV4_UNICAST, IPV6_AFI);
    boolean agreed =
        families.contains(Family.IPV4_UNICAST)
            && all(ours, ExtendedNextHop.class).anyMatch(c -> c.entries().contains(wanted))
            && all(theirs, ExtendedNextHop.class).anyMatch(c -> c.entries().contains(wanted));
    return agreed ? Set.of(Family.IPV4_UNICAST) : Set.of();
  }

  private static boolean both(Open ours, Open theirs, Class<? extends Capability> type) {
    return last(ours, type).isPresent() && last(theirs, type).isPresent();
  }

  private static <T extends Capability> Stream<T> all(Open open, Class<T> type) {
    return open.capabilities().stream().filter(type::isInstance).map(type::cast);
  }

  /** The last one counts when there are several (RFC 4724 section 3, RFC 9494 section 3.1). */
  private static <T extends Capability> Optional<T> last(Open open, Class<T> type) {
    return all(open, type).reduce((before, after) -> after);
  }
}
