package dev.manul.e2e.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * What {@link BgpBench} measured.
 *
 * @param measured in the order of measuring
 * @param verdicts each target and whether it was met
 */
public record BgpFigures(List<Measured> measured, List<Verdict> verdicts) {

  private static final double THOUSAND = 1e3;

  /**
   * One step of a workload with one speaker.
   *
   * @param cold seconds in a process that has done nothing before
   * @param warm seconds of later rounds, sorted; empty for what is done only once
   * @param coldCpu CPU seconds of the first round
   * @param warmCpu CPU seconds of a later round, on average
   * @param peakMiB the most memory the speaker's processes have had until the end of the workload
   */
  public record Measured(
      String workload,
      String step,
      String speaker,
      double cold,
      List<Double> warm,
      double coldCpu,
      double warmCpu,
      double peakMiB) {

    public Measured {
      warm = warm.stream().sorted().toList();
    }

    double best() {
      return warm.isEmpty() ? cold : warm.get(warm.size() / 2);
    }

    String name() {
      return workload + ", " + step;
    }
  }

  /** A target, what was measured, and whether that is within it. */
  public record Verdict(String target, double measured, double limit, boolean met) {}

  static BgpFigures of(List<Measured> measured) {
    List<Verdict> verdicts = new ArrayList<>();
    for (String name : names(measured)) {
      Optional<Measured> ours = find(measured, name, BgpContender.MANUL);
      if (ours.isPresent()) {
        judge(measured, ours.get(), verdicts);
      }
    }
    return new BgpFigures(List.copyOf(measured), verdicts);
  }

  private static void judge(List<Measured> all, Measured ours, List<Verdict> into) {
    String name = ours.name();
    switch (ours.step()) {
      case BgpBench.SINGLE -> into.add(atMost(name + ", ms", ours.best() * THOUSAND, 1));
      case BgpBench.IDLE -> into.add(atMost(name + ", share of a core", ours.cold(), 0.01));
      case BgpBench.UP ->
          find(all, name, BgpContender.BIRD)
              .ifPresent(bird -> into.add(atMost(name + ", s", ours.cold(), 2 * bird.cold())));
      default -> {
        all.stream()
            .filter(m -> m.name().equals(name) && !m.speaker().equals(ours.speaker()))
            .mapToDouble(Measured::best)
            .min()
            .ifPresent(best -> into.add(atMost(name + ", warmed, s", ours.best(), best)));
        find(all, name, BgpContender.FRR)
            .ifPresent(frr -> into.add(atMost(name + ", cold, s", ours.cold(), frr.cold())));
      }
    }
    all.stream()
        .filter(m -> m.name().equals(name))
        .filter(
            m ->
                m.speaker().equals(BgpContender.FRR.title())
                    || m.speaker().equals(BgpContender.GOBGP.title()))
        .mapToDouble(Measured::peakMiB)
        .min()
        .ifPresent(least -> into.add(atMost(name + ", MiB", ours.peakMiB(), least)));
  }

  private static Verdict atMost(String target, double measured, double limit) {
    return new Verdict(target, measured, limit, measured <= limit);
  }

  private static Set<String> names(List<Measured> measured) {
    Set<String> names = new LinkedHashSet<>();
    measured.forEach(m -> names.add(m.name()));
    return names;
  }

  private static Optional<Measured> find(
      List<Measured> measured, String name, BgpContender contender) {
    return measured.stream()
        .filter(m -> m.name().equals(name) && m.speaker().equals(contender.title()))
        .findFirst();
  }

  /** Prints the tables and the verdicts. */
  void print(PrintStream out) {
    table(out, "cold, s", Measured::cold, "%9.4f");
    table(out, "warmed, s (median)", Measured::best, "%9.4f");
    table(out, "CPU s, cold", Measured::coldCpu, "%9.2f");
    table(out, "CPU s, warmed", Measured::warmCpu, "%9.3f");
    table(out, "peak memory, MiB", Measured::peakMiB, "%9.1f");
    for (Verdict verdict : verdicts) {
      out.printf(
          Locale.ROOT,
          "target %s <= %.4f: %.4f, %s%n",
          verdict.target(),
          verdict.limit(),
          verdict.measured(),
          verdict.met() ? "met" : "missed");
    }
  }

  private void table(
      PrintStream out, String title, ToDoubleFunction<Measured> figure, String format) {
    out.printf("%-44s", title);
    for (BgpContender contender : BgpContender.values()) {
      out.printf(" %9s", contender.title());
    }
    out.println();
    for (String name : names(measured)) {
      out.printf("%-44s", name);
      for (BgpContender contender : BgpContender.values()) {
        Optional<Measured> m = find(measured, name, contender);
        if (m.isPresent()) {
          out.printf(Locale.ROOT, " " + format, figure.applyAsDouble(m.get()));
        } else {
          out.printf(" %9s", "-");
        }
      }
      out.println();
    }
    out.println();
  }
}
