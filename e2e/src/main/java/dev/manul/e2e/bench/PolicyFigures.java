package dev.manul.e2e.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@link PolicyBench} measured.
 *
 * @param backend the packet filter
 * @param verdicts each target and whether it was met
 */
public record PolicyFigures(
    String backend, int localPods, int remotePods, List<Size> sizes, List<Verdict> verdicts) {

  private static final double MOST_OF_BARE = 2;
  private static final double MOST_LABEL_MS = 2;
  private static final double MOST_CALCULATION_MS = 1;
  private static final double THOUSAND = 1e3;

  /**
   * With so many policies.
   *
   * @param rules in the kernel, of one family
   * @param fullMs from all being told to all being in force, in an empty kernel
   * @param restartMs the same when the kernel has it all from before
   * @param heapMib what the engine takes of the heap
   * @param residentMib the whole process, the facts of the benchmark included
   * @param bare one {@code iptables-restore --noflush} for one chain, of one family
   * @param changes what the engine was told, each until it was in force, in both families
   * @param burst what many pods cause that arrive one closely after another
   */
  public record Size(
      int policies,
      int rules,
      double fullMs,
      double restartMs,
      double heapMib,
      double residentMib,
      Times bare,
      List<Times> changes,
      Burst burst) {}

  /**
   * How long one of a kind took.
   *
   * @param micros sorted
   * @param writes how many times rules or sets were written, for one
   */
  public record Times(String what, List<Long> micros, double writes) {

    public Times {
      micros = micros.stream().sorted().toList();
    }

    double percentileMillis(int percent) {
      return CniFigures.percentile(micros, percent) / THOUSAND;
    }
  }

  /** Pods that arrive one after another, and what that cost until the last was in force. */
  public record Burst(int pods, double overMs, double inForceMs, long writes) {}

  /** A target, what was measured, and whether that is within it. */
  public record Verdict(String target, double measured, double limit, boolean met) {}

  static PolicyFigures of(String backend, int locals, int remotes, List<Size> sizes) {
    List<Verdict> verdicts = new ArrayList<>();
    for (Size size : sizes) {
      Map<String, Times> changes =
          Map.of(
              "bare", size.bare(),
              "port", find(size, PolicyBench.PORT),
              "label", find(size, PolicyBench.LABEL));
      double bare = changes.get("bare").percentileMillis(50);
      verdicts.add(
          atMost(
              size.policies() + " policies: one change over a bare restore, p50",
              changes.get("port").percentileMillis(50) / bare,
              MOST_OF_BARE));
      verdicts.add(
          atMost(
              size.policies() + " policies: label of a remote pod, ms, p50",
              changes.get("label").percentileMillis(50),
              MOST_LABEL_MS));
    }
    return new PolicyFigures(backend, locals, remotes, sizes, verdicts);
  }

  /** What is asked of the calculation alone. */
  public static List<Verdict> verdicts(PolicyCalculationBench.Figures calculation) {
    return calculation.sizes().stream()
        .map(
            size ->
                atMost(
                    size.policies() + " policies: calculation of one change, ms, p50",
                    size.changes().getFirst().p50Ms(),
                    MOST_CALCULATION_MS))
        .toList();
  }

  private static Times find(Size size, String what) {
    return size.changes().stream().filter(c -> c.what().equals(what)).findFirst().orElseThrow();
  }

  private static Verdict atMost(String target, double measured, double limit) {
    return new Verdict(target + " <= " + limit, measured, limit, measured <= limit);
  }

  static void head(PrintStream out, String backend) {
    out.printf(
        "%9s %8s %9s %11s %9s %9s  %-30s %8s %8s %7s%n",
        "policies",
        "rules",
        "full ms",
        "restart ms",
        "heap MiB",
        "RSS MiB",
        "in force (" + backend + ")",
        "p50 ms",
        "p99 ms",
        "writes");
  }

  static void print(PrintStream out, Size size) {
    out.printf(
        Locale.ROOT,
        "%9d %8d %9.0f %11.0f %9.1f %9.0f%n",
        size.policies(),
        size.rules(),
        size.fullMs(),
        size.restartMs(),
        size.heapMib(),
        size.residentMib());
    print(out, size.bare());
    size.changes().forEach(times -> print(out, times));
    Burst burst = size.burst();
    out.printf(
        Locale.ROOT,
        "%62s%d pods within %.0f ms: in force after %.0f ms, %d writes%n",
        "",
        burst.pods(),
        burst.overMs(),
        burst.inForceMs(),
        burst.writes());
  }

  private static void print(PrintStream out, Times times) {
    out.printf(
        Locale.ROOT,
        "%62s%-30s %8.2f %8.2f %7.1f%n",
        "",
        times.what(),
        times.percentileMillis(50),
        times.percentileMillis(99),
        times.writes());
  }

  /** Prints verdicts, a line each. */
  public static void print(PrintStream out, List<Verdict> verdicts) {
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
