package dev.manul.policy.kernel;

import java.util.List;

/** Runs programs of the host. */
public interface Programs {

  /** What a program said: its exit status and its two outputs. */
  record Output(int status, String out, String errors) {}

  /**
   * Runs a program to its end.
   *
   * @param input what it reads
   * @throws RulesException when it cannot be started, or has not ended after a minute
   */
  Output run(List<String> command, String input);

  /**
   * Runs a program that must succeed; gives what it printed.
   *
   * @throws RulesException also when it fails
   */
  default String ok(List<String> command, String input) {
    Output output = run(command, input);
    if (output.status() != 0) {
      String said = output.errors().isBlank() ? output.out() : output.errors();
      throw new RulesException(
          "%s: exit status %d: %s"
              .formatted(
                  String.join(" ", command), output.status(), said.strip().replace('\n', ' ')));
    }
    return output.out();
  }
}
