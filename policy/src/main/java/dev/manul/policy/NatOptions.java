package dev.manul.policy;

import dev.manul.policy.kernel.Backend;
import java.time.Duration;
import java.util.Optional;

/**
 * How {@link NatOutgoing} works.
 *
 * @param backend the packet filter to write to; empty: the one that the rest of the node uses
 * @param forwarding when the forwarding of pods' packets is accepted
 * @param exclusions what besides the pools is never masqueraded for
 * @param longestCheck the longest time between two readings of the kernel; each time is chosen at
 *     random between half of it and all of it
 */
public record NatOptions(
    Optional<Backend> backend,
    Forwarding forwarding,
    Exclusions exclusions,
    Duration longestCheck) {

  /** The kernel is read every 90 to 180 s. */
  public static final NatOptions DEFAULT =
      new NatOptions(
          Optional.empty(), Forwarding.WHERE_DROPPED, Exclusions.POOLS, Duration.ofMinutes(3));

  public NatOptions {
    if (longestCheck.toMillis() < 2) {
      throw new IllegalArgumentException("a check every " + longestCheck + " is too often");
    }
  }

  /** Whether packets from and to pods' interfaces are accepted in the chain FORWARD. */
  public enum Forwarding {
    /** Never by us. */
    NEVER,
    /** While the chain's policy is DROP, which Docker makes it; after all rules of others. */
    WHERE_DROPPED
  }

  /** Calico's {@code natOutgoingExclusions}. */
  public enum Exclusions {
    /** {@code IPPoolsOnly}: packets to nodes' own addresses are masqueraded. */
    POOLS,
    /** {@code IPPoolsAndHostIPs}: they keep the pod's address. */
    POOLS_AND_NODES
  }

  public NatOptions withBackend(Backend backend) {
    return new NatOptions(Optional.of(backend), forwarding, exclusions, longestCheck);
  }

  public NatOptions withForwarding(Forwarding forwarding) {
    return new NatOptions(backend, forwarding, exclusions, longestCheck);
  }

  public NatOptions withExclusions(Exclusions exclusions) {
    return new NatOptions(backend, forwarding, exclusions, longestCheck);
  }

  public NatOptions withLongestCheck(Duration longestCheck) {
    return new NatOptions(backend, forwarding, exclusions, longestCheck);
  }
}
