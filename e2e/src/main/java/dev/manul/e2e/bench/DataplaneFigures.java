package dev.manul.e2e.bench;

import dev.manul.e2e.JsonFile;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What packets between pods of two nodes cost. */
public record DataplaneFigures(List<Way> ways) {

  private static final double PERCENT = 100;

  /** How far from what is configured by hand Manul's may be, either way that is worse. */
  private static final double MARGIN = 0.03;

  /**
   * One way of carrying packets. Ratios are medians of the rounds' own ratios, as what disturbs a
   * machine disturbs both sides of a round.
   *
   * @param name {@code direct}, {@code ipip}, {@code vxlan} or {@code udp}
   * @param kernel where it was measured
   * @param yardstick what it is compared with: {@code by hand}, or another way as Manul makes it
   * @param gigabits one TCP stream's Gbit/s
   * @param yardstickGigabits that of the yardstick
   * @param throughputRatio the former over the latter; above 1 is better
   * @param micros the median round trip of a datagram of 64 octets
   * @param yardstickMicros that of the yardstick
   * @param roundTripRatio the former over the latter; below 1 is better
   */
  public record Way(
      String name,
      String kernel,
      String yardstick,
      double gigabits,
      double yardstickGigabits,
      double throughputRatio,
      double micros,
      double yardstickMicros,
      double roundTripRatio) {

    /** Whether it is as good as what it is compared with; nothing is asked of UDP. */
    public boolean good() {
      return !yardstick.equals(DataplaneBench.BY_HAND)
          || (throughputRatio >= 1 - MARGIN && roundTripRatio <= 1 + MARGIN);
    }
  }

  public DataplaneFigures {
    ways = List.copyOf(ways);
  }

  /** With those measured elsewhere as well. */
  public DataplaneFigures and(DataplaneFigures others) {
    List<Way> all = new ArrayList<>(ways);
    all.addAll(others.ways);
    return new DataplaneFigures(all);
  }

  static void printHead(PrintStream out) {
    out.printf(
        "%-8s %-18s %-12s %10s %10s %8s %10s %10s %8s%n",
        "mode", "kernel", "against", "Gbit/s", "its", "ratio", "RTT us", "its", "ratio");
  }

  static void print(PrintStream out, Way way) {
    out.printf(
        Locale.ROOT,
        "%-8s %-18s %-12s %10.2f %10.2f %7.1f%% %10.1f %10.1f %7.1f%% %s%n",
        way.name(),
        way.kernel(),
        way.yardstick(),
        way.gigabits(),
        way.yardstickGigabits(),
        way.throughputRatio() * PERCENT,
        way.micros(),
        way.yardstickMicros(),
        way.roundTripRatio() * PERCENT,
        way.good() ? "" : "more than 3% worse");
  }

  /** Writes this as JSON. */
  public void write(Path file) {
    JsonFile.write(file, this);
  }

  public static DataplaneFigures read(Path file) {
    return JsonFile.read(file, DataplaneFigures.class);
  }
}
