package dev.manul.cli;

/** What the exit codes mean. */
final class ExitCode {
  /** Done. */
  static final int OK = 0;

  /** Bad input, a lost race, or something that is unhealthy. */
  static final int FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** The datastore or the agent cannot be reached. */
  static final int UNREACHABLE = 3;

  /** Of {@code policy explain}: policy denies it. */
  static final int DENIED = 4;

  /**
   * Of {@code policy explain}: not denied here, but another node decides as well. Of {@code trace}:
   * nothing is broken that was seen, but not the whole way was.
   */
  static final int UNDECIDED = 5;

  /** Of {@code trace} and {@code connectivity test}: a hop is broken, a pod is not reached. */
  static final int BROKEN = 6;

  /** Of {@code pool mode --watch}: not every node has followed in time. */
  static final int NOT_CONVERGED = 7;

  /** The last line of every help. */
  static final String SUMMARY =
      "Exit codes: 0 done, 1 failed or unhealthy, 2 wrong usage, 3 not reachable.";

  private ExitCode() {}
}
