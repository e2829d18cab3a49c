package dev.manul.policy;

import dev.manul.policy.kernel.Backend;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How {@link NatOutgoing} is doing; an immutable snapshot.
 *
 * @param backend the packet filter in use; empty before the first reading
 * @param settled whether the kernel had all it ought to have when it was last read or written, and
 *     nothing has been told since that is still to be done
 * @param writes how many times a program was started to write rules or sets
 * @param repaired how many of those put back what others had changed
 * @param lastFullCheck when the kernel was last read whole
 * @param failing what could not be done, a line each
 */
public record NatStatus(
    Optional<Backend> backend,
    boolean settled,
    long writes,
    long repaired,
    Optional<Instant> lastFullCheck,
    List<String> failing) {

  public NatStatus {
    failing = List.copyOf(failing);
  }
}
