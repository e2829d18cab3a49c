package dev.manul.routes;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a {@link RouteProgrammer} is doing; an immutable snapshot.
 *
 * @param desired how many routes there ought to be
 * @param installed how many of them the kernel has
 * @param repaired how many were put back after others had changed or removed them
 * @param lastFullCheck when the kernel was last read whole
 * @param removing whether undesired routes of ours are removed, that is, whether {@link
 *     RouteProgrammer#inSync} was called
 * @param settled whether the kernel has all it ought to have and nothing is waiting to be done or
 *     done again
 * @param failing routes and devices the kernel refuses, each with its error, at most {@link
 *     #MOST_LISTED}
 * @param issues what is worth knowing of the routes, at most {@link #MOST_LISTED} of each reason
 */
public record ProgrammerStatus(
    int desired,
    int installed,
    long repaired,
    Optional<Instant> lastFullCheck,
    boolean removing,
    boolean settled,
    List<String> failing,
    List<RouteIssue> issues) {

  /** How many failures, or issues of one reason, are listed. */
  public static final int MOST_LISTED = 100;

  public ProgrammerStatus {
    failing = List.copyOf(failing);
    issues = List.copyOf(issues);
  }
}
