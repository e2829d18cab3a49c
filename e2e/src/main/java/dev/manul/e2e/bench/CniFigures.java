package dev.manul.e2e.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * What {@link CniBench} measured.
 *
 * @param firstAddMicros Manul's first ADDs after its agent's start, sorted, in microseconds
 * @param contenders in the order of the table; Manul first, the bare program last
 * @param verdicts each target and whether it was met
 * @param onApi Manul with its state in an API server; null when that was not measured
 */
public record CniFigures(
    List<Long> firstAddMicros,
    List<Contender> contenders,
    List<Verdict> verdicts,
    CniOnApi.Figures onApi) {

  private static final double MILLION = 1e6;
  private static final double THOUSAND = 1e3;

  /**
   * One way to wire pods.
   *
   * @param addMicros a sequential ADD each, sorted, in microseconds from before the program's start
   *     to after its end
   * @param deleteMicros a sequential DEL each, sorted
   * @param addsPerSecond each round of ADDs 8 at a time, sorted
   */
  public record Contender(
      String name, List<Long> addMicros, List<Long> deleteMicros, List<Double> addsPerSecond) {

    public Contender {
      addMicros = addMicros.stream().sorted().toList();
      deleteMicros = deleteMicros.stream().sorted().toList();
      addsPerSecond = addsPerSecond.stream().sorted().toList();
    }

    double addP50Millis() {
      return percentile(addMicros, 50) / THOUSAND;
    }

    double deleteP50Millis() {
      return percentile(deleteMicros, 50) / THOUSAND;
    }

    /**
     * Most of a DEL is the kernel's waiting for its own clock, so that the median jumps by a tick,
     * 4 ms, where the mean moves by what was done.
     */
    double deleteMeanMillis() {
      return deleteMicros.stream().mapToLong(micros -> micros).average().orElseThrow() / THOUSAND;
    }

    double medianAddsPerSecond() {
      return addsPerSecond.get(addsPerSecond.size() / 2);
    }
  }

  /** A target, what was measured, and whether that is within it. */
  public record Verdict(String target, double measured, double limit, boolean met) {}

  static CniFigures of(
      List<Long> first, Contender manul, Contender bridge, Contender ptp, Contender bare) {
    double rate = Math.max(bridge.medianAddsPerSecond(), ptp.medianAddsPerSecond());
    return new CniFigures(
        first.stream().sorted().toList(),
        List.of(manul, bridge, ptp, bare),
        List.of(
            atMost(
                "ADD p50 over that of bridge + host-local",
                manul.addP50Millis() / bridge.addP50Millis(),
                0.2),
            atMost("ADD p50, ms", manul.addP50Millis(), 3),
            atLeast(
                "ADDs a second, 8 at a time, over the better of the two",
                manul.medianAddsPerSecond() / rate,
                4),
            atMost(
                "DEL, mean over that of the bare program",
                manul.deleteMeanMillis() / bare.deleteMeanMillis(),
                1.1)),
        null);
  }

  CniFigures withApi(CniOnApi.Figures measured) {
    return new CniFigures(firstAddMicros, contenders, verdicts, measured);
  }

  private static Verdict atMost(String target, double measured, double limit) {
    return new Verdict(target + " <= " + limit, measured, limit, measured <= limit);
  }

  private static Verdict atLeast(String target, double measured, double limit) {
    return new Verdict(target + " >= " + limit, measured, limit, measured >= limit);
  }

  /** The smallest sample that is not less than {@code percent} of all. */
  static long percentile(List<Long> sorted, int percent) {
    return sorted.get(Math.ceilDiv(sorted.size() * percent, 100) - 1);
  }

  /** Operations a second. */
  static double rate(int operations, long micros) {
    return operations * MILLION / micros;
  }

  /** Prints the table and the verdicts. */
  void print(PrintStream out) {
    out.printf(
        "%-28s %8s %8s %8s %8s %8s %8s%n",
        "ms", "ADD p50", "p99", "DEL mean", "p50", "p99", "ADD/s x8");
    for (Contender contender : contenders) {
      out.printf(
          Locale.ROOT,
          "%-28s %8.2f %8.2f %8.2f %8.2f %8.2f %8.0f%n",
          contender.name(),
          contender.addP50Millis(),
          percentile(contender.addMicros(), 99) / THOUSAND,
          contender.deleteMeanMillis(),
          contender.deleteP50Millis(),
          percentile(contender.deleteMicros(), 99) / THOUSAND,
          contender.medianAddsPerSecond());
    }
    out.printf(
        Locale.ROOT,
        "%-28s %8.2f %8.2f%n",
        "manul, first after its start",
        percentile(firstAddMicros, 50) / THOUSAND,
        percentile(firstAddMicros, 99) / THOUSAND);
    for (Verdict verdict : verdicts) {
      out.printf(
          Locale.ROOT,
          "target %s: %.2f, %s%n",
          verdict.target(),
          verdict.measured(),
          verdict.met() ? "met" : "missed");
    }
  }
}
