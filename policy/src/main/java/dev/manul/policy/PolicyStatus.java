package dev.manul.policy;

import dev.manul.policy.kernel.Backend;
import dev.manul.policy.meaning.PolicyId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How {@link NetworkPolicies} is doing; an immutable snapshot.
 *
 * @param backend the packet filter in use; empty before the first reading
 * @param settled whether the kernel had all it ought to have when it was last read or written, and
 *     nothing has been told since that is still to be done
 * @param endpoints on this node
 * @param policies asked about them
 * @param sets of addresses in the kernel, both families'
 * @param writes how many times rules or sets were written
 * @param repaired how many of those put back what others had changed
 * @param lastFullCheck when the kernel was last read whole
 * @param lastChange how long the last change took from being taken in to being in force
 * @param failing what could not be done, a line each
 * @param withoutTier policies that are not asked because there is no such tier
 */
public record PolicyStatus(
    Optional<Backend> backend,
    boolean settled,
    int endpoints,
    int policies,
    int sets,
    long writes,
    long repaired,
    Optional<Instant> lastFullCheck,
    Duration lastChange,
    List<String> failing,
    List<PolicyId> withoutTier) {

  /** Before anything is known. */
  static final PolicyStatus NOTHING =
      new PolicyStatus(
          Optional.empty(),
          false,
          0,
          0,
          0,
          0,
          0,
          Optional.empty(),
          Duration.ZERO,
          List.of(),
          List.of());

  public PolicyStatus {
    failing = List.copyOf(failing);
    withoutTier = List.copyOf(withoutTier);
  }

  /** With something still to be done. */
  PolicyStatus unsettled() {
    return new PolicyStatus(
        backend,
        false,
        endpoints,
        policies,
        sets,
        writes,
        repaired,
        lastFullCheck,
        lastChange,
        failing,
        withoutTier);
  }
}
