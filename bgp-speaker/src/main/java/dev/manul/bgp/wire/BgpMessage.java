package dev.manul.bgp.wire;

import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.List;

/** A BGP message (RFC 4271 section 4). */
public sealed interface BgpMessage {

  /**
   * OPEN, RFC 4271 section 4.2.
   *
   * @param version 4
   * @param asNumber the sender's AS number, from the 4-octet capability when it is there (RFC
   *     6793), as an unsigned 32-bit value
   * @param holdTime seconds, 0 or 3 to 65535
   * @param routerId the BGP identifier
   * @param capabilities in the order received
   */
  record Open(
      int version, long asNumber, int holdTime, Ipv4Address routerId, List<Capability> capabilities)
      implements BgpMessage {
    public Open {
      capabilities = List.copyOf(capabilities);
    }
  }

  /**
   * UPDATE, RFC 4271 section 4.3, with the multiprotocol attributes of RFC 4760 already folded in:
   * {@code withdrawn} and {@code announced} hold prefixes of one family, IPv4 or IPv6.
   *
   * <p>A message on the wire that carries both families decodes into several of these.
   *
   * @param withdrawn prefixes no longer reachable
   * @param attributes the attributes of {@code announced}; {@link PathAttributes#EMPTY} when
   *     nothing is announced. NEXT_HOP and the next hop of MP_REACH_NLRI are both {@link
   *     PathAttributes#nextHop}
   * @param announced prefixes now reachable
   */
  record Update(PrefixList withdrawn, PathAttributes attributes, PrefixList announced)
      implements BgpMessage {

    /**
     * An UPDATE without path identifiers.
     *
     * @throws IllegalArgumentException when one of the lists has prefixes of both families
     */
    public Update(List<Prefix> withdrawn, PathAttributes attributes, List<Prefix> announced) {
      this(PrefixList.of(withdrawn), attributes, PrefixList.of(announced));
    }
  }

  /** The End-of-RIB marker of a family, RFC 4724 section 2. */
  record EndOfRib(Family family) implements BgpMessage {}

  /** NOTIFICATION, RFC 4271 section 4.5. */
  record Notification(int code, int subcode, Octets data) implements BgpMessage {}

  /** KEEPALIVE, RFC 4271 section 4.4. */
  record Keepalive() implements BgpMessage {}

  /**
   * ROUTE-REFRESH, RFC 2918 and RFC 7313.
   *
   * @param family what to send again; unknown families are kept as {@link Family} values too
   * @param subtype 0 for a request, 1 and 2 for RFC 7313's markers
   */
  record RouteRefresh(Family family, int subtype) implements BgpMessage {}
}
