package dev.manul.ipam;

import java.time.Duration;
import java.util.Objects;

/**
 * How garbage is collected.
 *
 * @param candidate this process's name in the election of the collector: the node's name, or for
 *     several agents on a node something that tells them apart
 * @param pods what says which pods there are
 * @param gracePeriod how long an allocation of an existing node must look leaked before it is
 *     released, and a block empty; zero releases none of an existing node. A {@code
 *     KubeControllersConfiguration} named {@code default} overrules it
 */
public record GarbageOptions(String candidate, PodSource pods, Duration gracePeriod) {

  /** The grace when nobody has set one, as Calico's. */
  public static final Duration DEFAULT_GRACE = Duration.ofMinutes(15);

  public GarbageOptions {
    Objects.requireNonNull(candidate);
    Objects.requireNonNull(pods);
    if (gracePeriod.isNegative()) {
      throw new IllegalArgumentException("grace period " + gracePeriod + " is negative");
    }
  }

  public static GarbageOptions of(String candidate, PodSource pods) {
    return new GarbageOptions(candidate, pods, DEFAULT_GRACE);
  }
}
