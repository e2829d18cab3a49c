package dev.manul.bgp.wire;

import java.util.List;
import java.util.Optional;

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

  /**
   * Next hops of another address family, RFC 8950 section 4. Code 5.
   *
   * @param entries what the sender accepts
   */
  record ExtendedNextHop(List<NextHopEncoding> entries) implements Capability {
    public ExtendedNextHop {
      entries = List.copyOf(entries);
    }
  }

  /**
   * Prefixes of {@code family} may have next hops of the address family {@code nextHopAfi}.
   *
   * @param nextHopAfi as numbered by IANA; 2 for IPv6
   */
  record NextHopEncoding(Family family, int nextHopAfi) {}

  /** Messages of up to 65,535 octets, RFC 8654. Code 6. */
  record ExtendedMessages() implements Capability {}

  /**
   * What the sender is to the receiver, RFC 9234 section 4.1. Code 9.
   *
   * @param code see {@link Role}; a number without a meaning is kept as it came
   */
  record BgpRole(int code) implements Capability {
    public BgpRole(Role role) {
      this(role.code);
    }

    /** Empty when the number has no meaning. */
    public Optional<Role> role() {
      return Role.of(code);
    }
  }

  /** Several paths a prefix, RFC 7911 section 4. Code 69. */
  record AddPath(List<AddPathFamily> entries) implements Capability {
    public AddPath {
      entries = List.copyOf(entries);
    }
  }

  /**
   * One family of an ADD-PATH capability.
   *
   * @param mode 1 when the sender can receive several paths, 2 when it can send them, 3 for both;
   *     other values are kept and mean nothing
   */
  record AddPathFamily(Family family, int mode) {
    /** Whether the sender of the capability is ready to receive several paths. */
    public boolean receives() {
      return mode == 1 || mode == 3;
    }

    /** Whether the sender of the capability is going to send several paths. */
    public boolean sends() {
      return mode == 2 || mode == 3;
    }
  }

  /** Long-lived graceful restart, RFC 9494 section 3.1. Code 71. */
  record LongLivedGracefulRestart(List<LongLivedFamily> families) implements Capability {
    public LongLivedGracefulRestart {
      families = List.copyOf(families);
    }
  }

  /**
   * One family of a long-lived graceful restart capability.
   *
   * @param forwardingPreserved the forwarding-state bit
   * @param staleTime seconds, 0 to 16777215
   */
  record LongLivedFamily(Family family, boolean forwardingPreserved, int staleTime) {}

  /**
   * The sender's name, draft-walton-bgp-hostname-capability. Code 73.
   *
   * @param host at most 64 octets
   * @param domain likewise; may be ""
   */
  record HostName(String host, String domain) implements Capability {}

  /** Any other capability, kept as it came. */
  record Unknown(int code, Octets value) implements Capability {}

  /** What IANA's registry calls a code, or {@code capability N}. */
  static String name(int code) {
    return switch (code) {
      case 1 -> "multiprotocol";
      case 2 -> "route refresh";
      case 5 -> "extended next hop";
      case 6 -> "extended messages";
      case 9 -> "role";
      case 64 -> "graceful restart";
      case 65 -> "4-octet AS";
      case 69 -> "ADD-PATH";
      case 70 -> "enhanced route refresh";
      case 71 -> "long-lived graceful restart";
      case 73 -> "host name";
      default -> "capability " + code;
    };
  }
}
