package dev.manul.bgp;

import java.time.Duration;

/**
 * How a speaker starts.
 *
 * @param restarting true when a former process of this speaker has left its routes in the kernel:
 *     the first OPEN to each neighbour then has the restart-state bit and forwarding-state bits of
 *     RFC 4724 set, and learned routes are passed on only after convergence
 * @param convergenceLimit how long after the first configuration to wait for End-of-RIB from every
 *     neighbour before {@link BestPathListener#converged()}; positive. A restarted speaker waits up
 *     to eight times as long for neighbours that it has a connection to.
 * @param hostName the name to announce to neighbours, at most 64 octets; "" for none
 */
public record SpeakerOptions(boolean restarting, Duration convergenceLimit, String hostName) {

  public SpeakerOptions {
    if (convergenceLimit.isNegative() || convergenceLimit.isZero()) {
      throw new IllegalArgumentException(
          "convergenceLimit must be longer than zero, not " + convergenceLimit);
    }
  }

  /** A speaker without a name. */
  public SpeakerOptions(boolean restarting, Duration convergenceLimit) {
    this(restarting, convergenceLimit, "");
  }

  /** A fresh start that waits for neighbours for at most two minutes. */
  public static SpeakerOptions fresh() {
    return new SpeakerOptions(false, Duration.ofMinutes(2));
  }
}
