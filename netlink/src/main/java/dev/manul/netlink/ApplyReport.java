package dev.manul.netlink;

import java.util.List;

/**
 * What became of a batch of changes: all that is not among the failures was done.
 *
 * @param failures the changes that failed, in the order of the batch
 */
public record ApplyReport(List<Failure> failures) {

  private static final ApplyReport DONE = new ApplyReport(List.of());

  public ApplyReport {
    failures = List.copyOf(failures);
  }

  /** A report without failures. */
  public static ApplyReport done() {
    return DONE;
  }

  /** True when every change was done. */
  public boolean ok() {
    return failures.isEmpty();
  }

  /**
   * A change that failed.
   *
   * @param index its place in the batch, from 0
   * @param change the change
   * @param errno the kernel's answer
   * @param message the kernel's own words (extended acknowledgement), often empty
   */
  public record Failure(int index, Change change, Errno errno, String message) {
    @Override
    public String toString() {
      return change + ": " + errno + (message.isEmpty() ? "" : ": " + message);
    }
  }
}
