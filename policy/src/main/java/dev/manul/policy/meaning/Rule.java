package dev.manul.policy.meaning;

import dev.manul.model.AddressFamily;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One rule of a policy or profile. All that is said must hold; what is empty asks nothing.
 *
 * @param family packets of this family only
 * @param protocol number of the IP protocol, 1 to 255. ICMP (1) and ICMPv6 (58) match in their own
 *     family only
 * @param notProtocol any protocol but this
 * @param icmp only with the protocol ICMP or ICMPv6
 * @param notIcmp likewise: any message but these; has a type
 */
public record Rule(
    Action action,
    Optional<AddressFamily> family,
    OptionalInt protocol,
    OptionalInt notProtocol,
    Optional<IcmpMatch> icmp,
    Optional<IcmpMatch> notIcmp,
    Peer source,
    Peer destination) {

  /** A rule that matches every packet. */
  public static Rule every(Action action) {
    return new Rule(
        action,
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Peer.ANY,
        Peer.ANY);
  }
}
