package dev.manul.routes;

import dev.manul.netlink.Route;
import java.time.Duration;

/**
 * How a {@link RouteProgrammer} works.
 *
 * @param protocol the protocol number that marks our routes, 1 to 255; no two programs of a host
 *     may share one
 * @param table the routing table, as an unsigned number
 * @param tunnelName the name of the IP-in-IP device
 * @param tunnelKind the kind that device must be of: {@code ipip} outside tests
 * @param fullCheckInterval how often the kernel is read whole, beside being listened to
 * @param linger how long a tunnel that no pool uses, and whose address no other node is to see any
 *     more, still takes packets: others send through it until they have heard of that, and one that
 *     has lost its datastore hears late
 */
public record ProgrammerOptions(
    int protocol,
    int table,
    String tunnelName,
    String tunnelKind,
    Duration fullCheckInterval,
    Duration linger) {

  /** The protocol number of Manul's routes. */
  public static final int MANUL_PROTOCOL = 77;

  /** Protocol 77, table main, tunl0, a full check every 90 seconds, 60 seconds of patience. */
  public static final ProgrammerOptions DEFAULT =
      new ProgrammerOptions(
          MANUL_PROTOCOL,
          Route.MAIN_TABLE,
          IpipTunnel.DEVICE,
          IpipTunnel.KIND,
          Duration.ofSeconds(90),
          Duration.ofSeconds(60));

  public ProgrammerOptions {
    if (protocol < 1 || protocol > 255) {
      throw new IllegalArgumentException("route protocol " + protocol + " is not within 1 to 255");
    }
    if (fullCheckInterval.isNegative() || fullCheckInterval.isZero()) {
      throw new IllegalArgumentException(
          "full check interval " + fullCheckInterval + " is not longer than 0 s");
    }
  }

  public ProgrammerOptions withFullCheckInterval(Duration interval) {
    return new ProgrammerOptions(protocol, table, tunnelName, tunnelKind, interval, linger);
  }

  public ProgrammerOptions withTunnel(String name, String kind) {
    return new ProgrammerOptions(protocol, table, name, kind, fullCheckInterval, linger);
  }

  public ProgrammerOptions withLinger(Duration time) {
    return new ProgrammerOptions(protocol, table, tunnelName, tunnelKind, fullCheckInterval, time);
  }
}
