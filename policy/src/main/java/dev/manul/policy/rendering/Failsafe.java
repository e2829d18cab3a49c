package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.policy.kernel.RuleText;
import java.util.List;
import java.util.Optional;

/**
 * A port that no policy of a host endpoint can close.
 *
 * @param protocol number of the IP protocol: TCP (6), UDP (17) or SCTP (132)
 * @param net the other end; empty for anyone
 */
public record Failsafe(int protocol, int port, Optional<Prefix> net) {

  private static final int TCP = 6;
  private static final int UDP = 17;

  /** Calico's defaults for what comes in: SSH, DHCP, BGP, etcd, the API server, Typha. */
  public static final List<Failsafe> INBOUND =
      List.of(
          of(TCP, 22),
          of(UDP, 68),
          of(TCP, 179),
          of(TCP, 2379),
          of(TCP, 2380),
          of(TCP, 5473),
          of(TCP, 6443),
          of(TCP, 6666),
          of(TCP, 6667));

  /** Calico's defaults for what goes out. */
  public static final List<Failsafe> OUTBOUND =
      List.of(
          of(UDP, 53),
          of(UDP, 67),
          of(TCP, 179),
          of(TCP, 2379),
          of(TCP, 2380),
          of(TCP, 5473),
          of(TCP, 6443),
          of(TCP, 6666),
          of(TCP, 6667));

  public static Failsafe of(int protocol, int port) {
    return new Failsafe(protocol, port, Optional.empty());
  }

  /**
   * The rule for packets to or from the port.
   *
   * @param port {@code --dport}, or {@code --sport} for answers
   * @param peer {@code -s} or {@code -d}, the side where the net is
   */
  Optional<RuleText> rule(AddressFamily family, String port, String peer) {
    if (net.isPresent() && net.get().family() != family) {
      return Optional.empty();
    }
    String name = protocol == TCP ? "tcp" : protocol == UDP ? "udp" : "sctp";
    return Optional.of(
        new RuleText(
            "-p %s%s -m %s %s %d -j ACCEPT"
                .formatted(
                    name, net.map(n -> " " + peer + " " + n).orElse(""), name, port, this.port)));
  }
}
