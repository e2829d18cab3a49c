package dev.manul.bgp.wire;

import java.util.List;

/** A capability announced in OPEN (RFC 5492). */
public sealed interface Capability {

  /** Multiprotocol extensions, RFC 4760 section 8. Code 1. */
  record Multiprotocol(Family family) implements Capability {}

  /** Route refresh, RFC 2918. Code 2. */
  record RouteRefresh() implements Capability {}

  /** Enhanced route refresh, RFC 7313. Code 70. */
  record EnhancedRouteRefresh() implements Capability {}

  /** 4-octet AS numbers, RFC 6793. Code 65. */
  record FourOctetAs(long asNumber) implements Capability {}

  /**
   * Graceful restart, RFC 4724 section 3. Code 64.
   *
   * @param restarting the restart-state bit: the sender has just restarted
   * @param notification the N bit of RFC 8538
   * @param restartTime seconds, 0 to 4095
   * @param families what forwarding is kept for
   */
  record GracefulRestart(
      boolean restarting, boolean notification, int restartTime, List<GracefulFamily> families)
      implements Capability {
    public GracefulRestart {
      families = List.copyOf(families);
    }
  }

  /**
   * One family of a graceful restart capability.
   *
   * @param forwardingPreserved the forwarding-state bit
   */
  record GracefulFamily(Family family, boolean forwardingPreserved) {}

  /** Any other capability, kept as it came. */
  record Unknown(int code, Octets value) implements Capability {}
}
