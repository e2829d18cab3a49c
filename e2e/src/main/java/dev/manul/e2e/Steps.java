package dev.manul.e2e;

import dev.manul.e2e.lab.Progress;
import java.io.PrintStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Plain, headed steps on a terminal or in a log, with the time each takes. */
public final class Steps implements Progress {

  private static final long QUIET_NANOS = 2_000_000_000L;
  private static final double NANOS_PER_SECOND = 1e9;

  private final PrintStream out;
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private long lastTold = System.nanoTime();

  public Steps(PrintStream out) {
    this.out = out;
  }

  /**
   * Runs a step under a heading.
   *
   * @param key the step's name in the report
   */
  public <T> T step(String key, String heading, Supplier<T> work) {
    out.printf("%n== %s%n", heading);
    long start = System.nanoTime();
    lastTold = start;
    try {
      return work.get();
    } finally {
      double taken = (System.nanoTime() - start) / NANOS_PER_SECOND;
      seconds.merge(key, Math.round(taken * 100) / 100.0, Double::sum);
      out.printf(Locale.ROOT, "   (%.1f s)%n", taken);
    }
  }

  /** Prints a line, made as {@link String#format} does. */
  @SuppressWarnings("AnnotateFormatMethod")
  public void line(String format, Object... arguments) {
    out.printf(Locale.ROOT, "   " + format + "%n", arguments);
    lastTold = System.nanoTime();
  }

  /** Prints a text of several lines, indented. */
  public void block(String text) {
    text.lines().forEach(line -> line("%s", line));
  }

  @Override
  public void done(String what) {
    line("%s", what);
  }

  /** Tells what is missing, at most every two seconds. */
  @Override
  public void waiting(String what, List<String> missing) {
    if (System.nanoTime() - lastTold > QUIET_NANOS) {
      line("waiting for %s: %s", what, String.join("; ", missing));
    }
  }

  /** The seconds of each step so far, by key. */
  public Map<String, Double> seconds() {
    return Collections.unmodifiableMap(seconds);
  }
}
