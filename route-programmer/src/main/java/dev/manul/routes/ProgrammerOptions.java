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
 */
public record ProgrammerOptions(
    int protocol, int table, String tunnelName, String tunnelKind, Duration fullCheckInterval) {

  /** The protocol number of Manul's routes. */
  public static final int MANUL_PROTOCOL = 77;

  /** Protocol 77, table main, tunl0, a full check every 90 seconds. */
  public static final ProgrammerOptions DEFAULT =
      new ProgrammerOptions(
          MANUL_PROTOCOL, Route.MAIN_TABLE, "tunl0", "ipip", Duration.ofSeconds(90));

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
    return new ProgrammerOptions(protocol, table, tunnelName, tunnelKind, interval);
  }

  public ProgrammerOptions withTunnel(String name, String kind) {
    return new ProgrammerOptions(protocol, table, name, kind, fullCheckInterval);
  }
}
