package dev.manul.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/** How often something that changes is shown. */
final class Repeat {
  private static final String CLEAR = "\033[H\033[2J";

  @Option(
      names = {"-n", "--interval"},
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "How long between two looks (default 2).")
  double interval;

  @Option(
      names = "--count",
      paramLabel = "NUMBER",
      defaultValue = "0",
      description = "How many times to show it; 0 (default) goes on until it is interrupted.")
  int count;

  void check() {
    if (!(interval > 0 && interval <= 3600)) {
      throw CommandFailure.usage("--interval must be within 0 to 3600 seconds, not " + interval);
    }
    if (count < 0) {
      throw CommandFailure.usage("--count must be 0 or more, not " + count);
    }
  }

  /** Whether it is to be shown once more after so many times. */
  boolean goesOn(int shown) {
    return count == 0 || shown < count;
  }

  /** Waits for the next look; false when interrupted meanwhile. */
  boolean pause() {
    return pause((long) (interval * 1000));
  }

  /** Waits; false when interrupted meanwhile. */
  static boolean pause(long millis) {
    try {
      boolean _ = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** What goes before the next showing: a screen is cleared, in a file it is an empty line. */
  static String between(boolean first) {
    boolean screen = Terminal.isLookedAt();
    return screen ? CLEAR : first ? "" : "\n";
  }
}
