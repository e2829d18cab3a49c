package dev.manul.cli;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * What surrounds a running command.
 *
 * @param in standard input
 * @param out for what was asked for
 * @param err for what is said about it
 * @param env the environment's variables
 * @param clock the time, and the zone that times are shown in
 */
record Terminal(
    InputStream in, PrintStream out, PrintStream err, Map<String, String> env, Clock clock) {

  /**
   * Whether output may be coloured: somebody looks at it, and has not said otherwise
   * (https://no-color.org).
   */
  boolean hasColours() {
    return env.getOrDefault("NO_COLOR", "").isEmpty()
        && !env.getOrDefault("TERM", "dumb").equals("dumb")
        && isLookedAt();
  }

  /** Whether both ends of this process are a terminal, and no file or pipe. */
  static boolean isLookedAt() {
    // Without a terminal there is none in JDK 25, unlike in 22 to 24.
    return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
  }

  /** The first of these that is set: the option, the variable, the default. */
  String setting(String option, String variable, String fallback) {
    if (option != null && !option.isEmpty()) {
      return option;
    }
    String value = env.get(variable);
    return value == null || value.isEmpty() ? fallback : value;
  }
}
