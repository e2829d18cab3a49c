package dev.manul.policy;

import dev.manul.policy.kernel.Backend;
import dev.manul.policy.rendering.PolicyOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * How {@link NetworkPolicies} works.
 *
 * @param rules how policy becomes rules
 * @param backend the packet filter to write to; empty: the one that the rest of the node uses
 * @param masquerade how packets that leave the pools are masqueraded
 * @param longestCheck the longest time between two readings of the kernel; each time is chosen at
 *     random between half of it and all of it
 */
public record NetworkPolicyOptions(
    PolicyOptions rules, Optional<Backend> backend, Masquerade masquerade, Duration longestCheck) {

  /** The kernel is read every 90 to 180 s. */
  public static final NetworkPolicyOptions DEFAULT =
      new NetworkPolicyOptions(
          PolicyOptions.DEFAULT, Optional.empty(), Masquerade.DEFAULT, Duration.ofMinutes(3));

  public NetworkPolicyOptions {
    if (longestCheck.toMillis() < 2) {
      throw new IllegalArgumentException("a check every " + longestCheck + " is too often");
    }
  }

  public NetworkPolicyOptions withRules(PolicyOptions rules) {
    return new NetworkPolicyOptions(rules, backend, masquerade, longestCheck);
  }

  public NetworkPolicyOptions withBackend(Backend backend) {
    return new NetworkPolicyOptions(rules, Optional.of(backend), masquerade, longestCheck);
  }

  public NetworkPolicyOptions withMasquerade(Masquerade masquerade) {
    return new NetworkPolicyOptions(rules, backend, masquerade, longestCheck);
  }

  public NetworkPolicyOptions withLongestCheck(Duration longestCheck) {
    return new NetworkPolicyOptions(rules, backend, masquerade, longestCheck);
  }
}
