package dev.manul.e2e.bench;

import dev.manul.e2e.JsonFile;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What packets between pods of two nodes cost. */
public record DataplaneFigures(List<Comparison> comparisons) {

  private static final double PERCENT = 100;

  /** How far from what is configured by hand Manul's may be, either way that is worse. */
  private static final double MARGIN = 0.03;

  /** Whether Manul's is as good as what is asked of it. */
  public enum Verdict {
    /** Throughput and round trips both are, by all of their intervals. */
    MET,
    /** One of them is not, by all of its interval. */
    MISSED,
    /** The measurements scatter too much to tell. */
    UNDECIDED,
    /** Nothing is asked. */
    REPORTED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One quantity of both sides.
   *
   * @param median of the rounds of all settings-up
   * @param yardstick the same of what it is compared with
   * @param ratio the former over the latter, of the settings-up
   */
  public record Measure(double median, double yardstick, PairedRatio ratio) {}

  /**
   * One way of carrying packets, beside another.
   *
   * @param way {@code direct}, {@code ipip}, {@code vxlan} or {@code udp}
   * @param what whose it is
   * @param against what it is compared with
   * @param kernel where it was measured
   * @param settingsUp how often both were made anew, and measured in both places ({@link
   *     SettingUp})
   * @param rounds how many rounds of four turns there were in all
   * @param gigabits one TCP stream's Gbit/s; a ratio above 1 is better
   * @param micros the median round trip of a datagram of 64 octets; a ratio below 1 is better
   * @param differences what is not the same on a node, a line each
   */
  public record Comparison(
      String way,
      String what,
      String against,
      String kernel,
      int settingsUp,
      int rounds,
      Measure gigabits,
      Measure micros,
      List<String> differences,
      Verdict verdict) {

    public Comparison {
      differences = List.copyOf(differences);
    }
  }

  public DataplaneFigures {
    comparisons = List.copyOf(comparisons);
  }

  /** What the ratios tell of Manul's throughput and round trips beside those by hand. */
  static Verdict verdict(PairedRatio throughput, PairedRatio roundTrip) {
    if (throughput.high() < 1 - MARGIN || roundTrip.low() > 1 + MARGIN) {
      return Verdict.MISSED;
    }
    return throughput.low() >= 1 - MARGIN && roundTrip.high() <= 1 + MARGIN
        ? Verdict.MET
        : Verdict.UNDECIDED;
  }

  /** With those measured elsewhere as well. */
  public DataplaneFigures and(DataplaneFigures others) {
    List<Comparison> all = new ArrayList<>(comparisons);
    all.addAll(others.comparisons);
    return new DataplaneFigures(all);
  }

  /** Whether nothing that was asked is missed. */
  public boolean good() {
    return comparisons.stream().noneMatch(each -> each.verdict() == Verdict.MISSED);
  }

  static void printHead(PrintStream out) {
    out.printf(
        "%-7s %-16s %-14s %-16s %7s %7s %-23s %7s %7s %-23s %5s %6s  %s%n",
        "mode",
        "whose",
        "against",
        "kernel",
        "Gbit/s",
        "its",
        "ratio, 95% interval",
        "RTT us",
        "its",
        "ratio, 95% interval",
        "made",
        "rounds",
        "within 3%");
  }

  /** The beginning of a line, which {@link #print} ends when its figures are there. */
  static void printSubject(
      PrintStream out, String way, String what, String against, String kernel) {
    out.printf("%-7s %-16s %-14s %-16s ", way, what, against, kernel);
    out.flush();
  }

  static void print(PrintStream out, Comparison each) {
    out.printf(
        Locale.ROOT,
        "%7.2f %7.2f %-23s %7.1f %7.1f %-23s %5d %6d  %s%n",
        each.gigabits().median(),
        each.gigabits().yardstick(),
        text(each.gigabits().ratio()),
        each.micros().median(),
        each.micros().yardstick(),
        text(each.micros().ratio()),
        each.settingsUp(),
        each.rounds(),
        each.verdict());
    each.differences().forEach(line -> out.printf("        %s%n", line));
  }

  private static String text(PairedRatio ratio) {
    return String.format(
        Locale.ROOT,
        "%.1f%% (%.1f to %.1f)",
        ratio.median() * PERCENT,
        ratio.low() * PERCENT,
        ratio.high() * PERCENT);
  }

  /** Writes this as JSON. */
  public void write(Path file) {
    JsonFile.write(file, this);
  }

  public static DataplaneFigures read(Path file) {
    return JsonFile.read(file, DataplaneFigures.class);
  }
}
