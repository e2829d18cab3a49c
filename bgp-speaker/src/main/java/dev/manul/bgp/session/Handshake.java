package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Capability.FourOctetAs;
import dev.manul.bgp.wire.Capability.GracefulFamily;
import dev.manul.bgp.wire.Capability.GracefulRestart;
import dev.manul.bgp.wire.Capability.Multiprotocol;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Octets;
import dev.manul.model.Ipv4Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes our OPEN and judges the neighbour's (RFC 4271 section 6.2, RFC 5492, RFC 6286). Pure. */
final class Handshake {
  private static final int VERSION = 4;
  private static final int MULTIPROTOCOL_CODE = 1;
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
   * @param restarting whether to set the restart-state bit of RFC 4724
   * @param forwarding whether to set the forwarding-state bits
   */
  static Open open(
      NeighborConfiguration neighbor,
      long asNumber,
      Ipv4Address routerId,
      boolean restarting,
      boolean forwarding) {
    List<Family> families = neighbor.families().stream().sorted(ORDER).toList();
    long localAs = neighbor.localAsNumber().orElse(asNumber);
    List<Capability> capabilities = new ArrayList<>();
    families.forEach(family -> capabilities.add(new Multiprotocol(family)));
    capabilities.add(new Capability.RouteRefresh());
    capabilities.add(new FourOctetAs(localAs));
    if (neighbor.gracefulRestartTime().isPresent()) {
      int time = neighbor.gracefulRestartTime().getAsInt();
      List<GracefulFamily> kept =
          time == 0
              ? List.of()
              : families.stream().map(f -> new GracefulFamily(f, forwarding)).toList();
      capabilities.add(new GracefulRestart(restarting, false, time, kept));
    }
    return new Open(VERSION, localAs, neighbor.holdTime(), routerId, capabilities);
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
    List<Family> families = commonFamilies(neighbor, theirs);
    if (families.isEmpty()) {
      Family wanted = neighbor.families().stream().min(ORDER).orElseThrow();
      return new Verdict.Refused(
          new Notification(2, 7, capabilityOf(wanted)),
          "peer shares none of the families "
              + neighbor.families().stream().sorted(ORDER).toList());
    }
    return new Verdict.Accepted(agree(ours, theirs, families));
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

  private static Negotiated agree(Open ours, Open theirs, List<Family> families) {
    Optional<GracefulRestart> mine = graceful(ours);
    Optional<GracefulRestart> peers = graceful(theirs);
    Set<Family> keepable = new HashSet<>();
    Set<Family> forwarding = new HashSet<>();
    if (mine.isPresent() && peers.isPresent()) {
      for (GracefulFamily family : peers.get().families()) {
        if (families.contains(family.family())) {
          keepable.add(family.family());
          if (family.forwardingPreserved()) {
            forwarding.add(family.family());
          }
        }
      }
    }
    int restartTime = peers.map(GracefulRestart::restartTime).orElse(0);
    return new Negotiated(
        theirs.routerId(),
        ours.asNumber(),
        theirs.asNumber(),
        families,
        Math.min(ours.holdTime(), theirs.holdTime()),
        theirs.capabilities().stream().anyMatch(c -> c instanceof FourOctetAs),
        peers.isPresent(),
        peers.map(GracefulRestart::restarting).orElse(false),
        restartTime,
        restartTime == 0 ? Set.of() : keepable,
        forwarding,
        theirs.capabilities(),
        Set.of(),
        Set.of(),
        Set.of(),
        false,
        theirs.capabilities().contains(new Capability.RouteRefresh()),
        false,
        false,
        Map.of(),
        Optional.empty(),
        Optional.empty());
  }

  /** The last one counts when there are several (RFC 4724 section 3). */
  private static Optional<GracefulRestart> graceful(Open open) {
    Optional<GracefulRestart> last = Optional.empty();
    for (Capability capability : open.capabilities()) {
      if (capability instanceof GracefulRestart graceful) {
        last = Optional.of(graceful);
      }
    }
    return last;
  }
}
