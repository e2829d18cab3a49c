package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.bench.DataplaneFigures.Comparison;
import dev.manul.e2e.bench.DataplaneFigures.Measure;
import dev.manul.e2e.bench.DataplaneFigures.Verdict;
import dev.manul.e2e.bench.DataplanePair.Side;
import dev.manul.e2e.lab.NativeProgram;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * Throughput and round trips between pods of two nodes, each way as Manul makes it beside the same
 * configured by hand with {@code ip}. Both are made in the same namespaces, on the same links and
 * for the same processes, which keep to their processors: a round goes through both forth and back,
 * so that what changes steadily meanwhile counts for neither. UDP cannot be had by hand: it is
 * compared with VXLAN. Manul's packet filter rules, which nobody makes by hand, are compared with
 * Manul without them. The program that sends is e2e/bench/packets.c.
 */
public final class DataplaneBench {

  /** With fewer rounds there is no interval. */
  public static final int LEAST_ROUNDS = 6;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** As many are enough where nothing is judged. */
  private static final int REPORTED_ROUNDS = 9;

  private static final String SECONDS = "0.25";
  private static final String ECHOES = "2000";
  private static final String WARM_UP_SECONDS = "0.05";
  private static final String WARM_UP_ECHOES = "200";

  /** This process is quiet when it has had no more of a processor than this. */
  private static final double QUIET = 0.03;

  private static final Duration QUIET_FOR = Duration.ofMillis(100);

  private final Path program;
  private final DataplanePair pair;
  private final String kernel;

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

  /** What is measured in turns, in namespaces of its own. */
  private record Contest(Setup setup, Setup yardstick) {

    /** Whether Manul has to be as good as the yardstick. */
    boolean judged() {
      return setup.side() == Side.MANUL && yardstick.side() == Side.BY_HAND;
    }
  }

  /** A turn's figures. */
  private record Sample(double gigabits, double micros) {}

  /** The turns of a setup in a round, on the way forth and on the way back. */
  private record Turns(Sample forth, Sample back) {
    double sum(ToDoubleFunction<Sample> quantity) {
      return quantity.applyAsDouble(forth) + quantity.applyAsDouble(back);
    }
  }

  private DataplaneBench(Path program, DataplanePair pair, String kernel) {
    this.program = program;
    this.pair = pair;
    this.kernel = kernel;
  }

  /**
   * The ways there are.
   *
   * @param ipip whether this kernel has IP-in-IP
   */
  public static List<Way> ways(boolean ipip) {
    return Arrays.stream(Way.values()).filter(way -> ipip || way != Way.IPIP).toList();
  }

  /**
   * Measures, in namespaces of its own that it takes down again.
   *
   * @param rounds how many rounds, at least {@link #LEAST_ROUNDS}
   * @param kernel what this kernel is called in the table
   */
  public static DataplaneFigures run(
      Path root, List<Way> ways, int rounds, String kernel, PrintStream out) {
    Path program = NativeProgram.compiled(root, "bench/packets");
    List<Comparison> all = new ArrayList<>();
    DataplaneFigures.printHead(out);
    for (Contest contest : ways.stream().flatMap(way -> contests(way).stream()).toList()) {
      try (DataplanePair pair = new DataplanePair()) {
        var bench = new DataplaneBench(program, pair, kernel);
        Process server = bench.server();
        try {
          Comparison each = bench.compare(contest, contest.judged() ? rounds : REPORTED_ROUNDS);
          DataplaneFigures.print(out, each);
          all.add(each);
        } finally {
          server.destroyForcibly();
        }
      }
    }
    return new DataplaneFigures(all);
  }

  private static List<Contest> contests(Way way) {
    Setup manul = new Setup(way, Side.MANUL);
    return way == Way.UDP
        ? List.of(new Contest(manul, new Setup(Way.VXLAN, Side.MANUL)))
        : List.of(
            new Contest(manul, new Setup(way, Side.BY_HAND)),
            new Contest(new Setup(way, Side.MANUL_AND_RULES), manul));
  }

  private Comparison compare(Contest contest, int rounds) {
    List<String> differences = List.of();
    if (contest.judged()) {
      configure(contest.yardstick());
      NodeState itsState = pair.state();
      configure(contest.setup());
      differences = pair.state().differences(itsState);
    }
    List<Turns> mine = new ArrayList<>();
    List<Turns> its = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      Sample itsForth = sample(contest.yardstick());
      Sample mineForth = sample(contest.setup());
      mine.add(new Turns(mineForth, sample(contest.setup())));
      its.add(new Turns(itsForth, sample(contest.yardstick())));
    }
    Measure gigabits = measure(mine, its, Sample::gigabits);
    Measure micros = measure(mine, its, Sample::micros);
    return new Comparison(
        contest.setup().way().toString(),
        contest.setup().side().toString(),
        contest.judged()
            ? contest.yardstick().side().toString()
            : contest.yardstick().side() + ", " + contest.yardstick().way(),
        kernel,
        rounds,
        gigabits,
        micros,
        median(its, turn -> Math.abs(turn.forth().gigabits() / turn.back().gigabits() - 1)),
        differences,
        contest.judged()
            ? DataplaneFigures.verdict(gigabits.ratio(), micros.ratio())
            : Verdict.REPORTED);
  }

  private static Measure measure(
      List<Turns> mine, List<Turns> its, ToDoubleFunction<Sample> quantity) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < mine.size(); i++) {
      ratios.add(mine.get(i).sum(quantity) / its.get(i).sum(quantity));
    }
    return new Measure(
        median(mine, turn -> turn.sum(quantity) / 2),
        median(its, turn -> turn.sum(quantity) / 2),
        PairedRatio.of(ratios));
  }

  private static double median(List<Turns> turns, ToDoubleFunction<Turns> quantity) {
    return turns.stream().mapToDouble(quantity).sorted().toArray()[turns.size() / 2];
  }

  private void configure(Setup setup) {
    pair.configure(setup);
    Waiting.until(
        "a way between the pods",
        LIMIT,
        Progress.NONE,
        () -> pair.answers() ? List.of() : List.of("no answer"));
  }

  /** A turn of a setup. What was made for it is at rest by then, this process too. */
  private Sample sample(Setup setup) {
    configure(setup);
    Waiting.until(
        "this process to be quiet",
        LIMIT,
        Progress.NONE,
        () -> isQuiet() ? List.of() : List.of("it is busy"));
    client("stream", WARM_UP_SECONDS);
    client("echo", WARM_UP_ECHOES);
    double gigabits = Double.parseDouble(client("stream", SECONDS));
    return new Sample(gigabits, Double.parseDouble(client("echo", ECHOES).split(" ", 2)[0]));
  }

  /** Watches for a while how much of a processor this process takes. */
  private static boolean isQuiet() {
    Duration before = processorTime();
    long start = System.nanoTime();
    while (System.nanoTime() - start < QUIET_FOR.toNanos()) {
      LockSupport.parkNanos(QUIET_FOR.toNanos());
    }
    double share = (double) processorTime().minus(before).toNanos() / (System.nanoTime() - start);
    return share < QUIET;
  }

  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private String client(String what, String howMuch) {
    return Run.of(pair.inClient(List.of(program.toString(), what, pair.serverAddress(), howMuch)))
        .orThrow()
        .output()
        .strip();
  }

  private Process server() {
    try {
      Process server =
          new ProcessBuilder(
                  pair.inServer(List.of(program.toString(), "server", pair.serverAddress())))
              .redirectErrorStream(true)
              .start();
      BufferedReader said = server.inputReader(StandardCharsets.UTF_8);
      String line = said.readLine();
      if (!"ready".equals(line)) {
        throw new LabException("%s: %s", program, line);
      }
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
