package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.bench.DataplaneBed.Side;
import dev.manul.e2e.bench.DataplaneFigures.Comparison;
import dev.manul.e2e.bench.DataplaneFigures.Measure;
import dev.manul.e2e.bench.DataplaneFigures.Verdict;
import dev.manul.e2e.bench.SettingUp.Round;
import dev.manul.e2e.bench.SettingUp.Turn;
import dev.manul.e2e.lab.NativeProgram;
import dev.manul.e2e.lab.Run;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Throughput and round trips between pods of two nodes, each way as Manul makes it beside the same
 * configured by hand with {@code ip}. Both stand at the same time and have turns of some
 * milliseconds, without anything being configured in between, from one process to another; {@link
 * SettingUp} says how turns are put together. Both processes keep to one processor, so that what is
 * measured is what packets cost it: with two, most of a round trip is a processor's waking up.
 *
 * <p>By hand beside by hand, which is the same, shows what the method itself scatters. UDP cannot
 * be had by hand: it is compared with VXLAN. Manul's packet filter rules, which nobody makes by
 * hand, are compared with Manul without them. The program that sends is e2e/bench/packets.c.
 */
public final class DataplaneBench {

  /** With fewer settings-up there is no interval; as many are enough where nothing is judged. */
  public static final int LEAST_SETTINGS_UP = 6;

  /** For longer than this half of a setting-up cannot be measured. */
  public static final int MOST_SECONDS = 600;

  /**
   * How much is sent in a turn, and how many echoes there are. Longer turns scatter as much as
   * these do, so that more short ones tell more in the same time.
   */
  private static final String MEBIBYTES = "1";

  private static final String ECHOES = "10";

  private final Path program;
  private final String kernel;
  private final double seconds;

  /** How packets between pods of two nodes are carried. */
  public enum Way {
    DIRECT(0),
    IPIP(20),
    VXLAN(50),
    UDP(28);

    private final int overhead;

    Way(int overhead) {
      this.overhead = overhead;
    }

    int mtu() {
      return 1500 - overhead;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A way as one of the sides makes it. */
  record Setup(Way way, Side side) {}

  /** What is measured in turns. */
  private record Contest(Setup setup, Setup yardstick) {

    /** Whether Manul has to be as good as the yardstick. */
    boolean judged() {
      return setup.side() == Side.MANUL && yardstick.side() == Side.BY_HAND;
    }

    String against() {
      return yardstick.way() == setup.way()
          ? yardstick.side().toString()
          : yardstick.side() + ", " + yardstick.way();
    }
  }

  private DataplaneBench(Path program, String kernel, double seconds) {
    this.program = program;
    this.kernel = kernel;
    this.seconds = seconds;
  }

  /**
   * Measures, in namespaces of its own that it takes down again.
   *
   * @param settingsUp how often what is judged is set up, at least {@link #LEAST_SETTINGS_UP}
   * @param seconds for how long each half of a setting-up is measured, above 0 and at most {@link
   *     #MOST_SECONDS}
   * @param kernel what this kernel is called in the table
   */
  public static DataplaneFigures run(
      Path root, List<Way> ways, int settingsUp, double seconds, String kernel, PrintStream out) {
    var bench = new DataplaneBench(NativeProgram.compiled(root, "bench/packets"), kernel, seconds);
    List<Comparison> all = new ArrayList<>();
    if (!ways.isEmpty()) {
      DataplaneFigures.printHead(out);
    }
    for (Contest contest : contests(ways)) {
      DataplaneFigures.printSubject(
          out,
          contest.setup().way().toString(),
          contest.setup().side().toString(),
          contest.against(),
          kernel);
      all.add(bench.compare(contest, contest.judged() ? settingsUp : LEAST_SETTINGS_UP));
      DataplaneFigures.print(out, all.getLast());
    }
    return new DataplaneFigures(all);
  }

  private static List<Contest> contests(List<Way> ways) {
    return Stream.concat(
            ways.stream().filter(way -> way != Way.UDP).limit(1).map(DataplaneBench::control),
            ways.stream().flatMap(way -> contests(way).stream()))
        .toList();
  }

  private static Contest control(Way way) {
    return new Contest(new Setup(way, Side.BY_HAND), new Setup(way, Side.BY_HAND));
  }

  private static List<Contest> contests(Way way) {
    Setup manul = new Setup(way, Side.MANUL);
    return way == Way.UDP
        ? List.of(new Contest(manul, new Setup(Way.VXLAN, Side.MANUL)))
        : List.of(
            new Contest(manul, new Setup(way, Side.BY_HAND)),
            new Contest(new Setup(way, Side.MANUL_AND_RULES), manul));
  }

  private Comparison compare(Contest contest, int settingsUp) {
    List<SettingUp> all = new ArrayList<>();
    for (int i = 0; i < settingsUp; i++) {
      all.add(new SettingUp(half(contest, 0), half(contest, 1)));
    }
    List<Round> rounds = all.stream().flatMap(SettingUp::rounds).toList();
    Measure gigabits = measure(all, rounds, Turn::gigabits);
    Measure micros = measure(all, rounds, Turn::micros);
    return new Comparison(
        contest.setup().way().toString(),
        contest.setup().side().toString(),
        contest.against(),
        kernel,
        settingsUp,
        rounds.size(),
        gigabits,
        micros,
        contest.judged() ? differences(contest) : List.of(),
        contest.judged()
            ? DataplaneFigures.verdict(gigabits.ratio(), micros.ratio())
            : Verdict.REPORTED);
  }

  /**
   * The rounds of two beds made for them.
   *
   * @param place whether the setup is in the first bed or in the second, 0 or 1
   */
  private List<Round> half(Contest contest, int place) {
    try (var first = new DataplaneBed("a", place == 0 ? contest.setup() : contest.yardstick());
        var second = new DataplaneBed("b", place == 0 ? contest.yardstick() : contest.setup())) {
      List<String> command =
          List.of(
              program.toString(),
              "turns",
              DataplaneBed.SERVER_ADDRESS,
              Double.toString(seconds),
              MEBIBYTES,
              ECHOES,
              first.server(),
              first.client(),
              second.server(),
              second.client());
      Run turns = Run.of(command);
      if (turns.status() != 0) {
        throw new LabException(
            "packets turns: exit status %d after %s",
            turns.status(), turns.lines().stream().reduce("nothing", (_, line) -> line));
      }
      return SettingUp.rounds(turns.lines(), place);
    }
  }

  private static List<String> differences(Contest contest) {
    try (var mine = new DataplaneBed("a", contest.setup());
        var its = new DataplaneBed("b", contest.yardstick())) {
      return mine.state().differences(its.state());
    }
  }

  private static Measure measure(
      List<SettingUp> all, List<Round> rounds, ToDoubleFunction<Turn> quantity) {
    return new Measure(
        PairedRatio.median(rounds.stream().map(round -> round.mine(quantity)).toList()),
        PairedRatio.median(rounds.stream().map(round -> round.its(quantity)).toList()),
        PairedRatio.of(all.stream().map(each -> each.ratio(quantity)).toList()));
  }
}
