package dev.manul.bgp.session;

/**
 * DampPeerOscillations of RFC 4271 section 8.1.1: each end of an Established session is a penalty
 * that halves every minute. The first few cost nothing, since a program that is updated goes and
 * comes back; after them the wait doubles with every flap.
 */
final class Damping {
  private static final double HALF_LIFE_NANOS = 60e9;
  private static final double FREE = 3;

  private double penalty;
  private long at;

  /** An Established session has ended. */
  void flapped(long nanos) {
    penalty = penaltyAt(nanos) + 1;
    at = nanos;
  }

  private double penaltyAt(long nanos) {
    return penalty * Math.pow(0.5, (nanos - at) / HALF_LIFE_NANOS);
  }

  /** How long to keep the session down, in milliseconds; 0 for not at all. */
  long millis(long nanos, int limitSeconds) {
    double excess = penaltyAt(nanos) - FREE;
    return excess <= 0 ? 0 : Math.round(1000 * Math.min(limitSeconds, Math.pow(2, excess)));
  }
}
