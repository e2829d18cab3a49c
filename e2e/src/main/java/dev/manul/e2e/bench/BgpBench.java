package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.bench.BgpContender.Peer;
import dev.manul.e2e.bench.BgpFigures.Measured;
import dev.manul.e2e.lab.NativeProgram;
import dev.manul.e2e.lab.Run;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code manul-bgp} and the BGP speakers of this machine's packages side by side: the same peers
 * ({@link BgpLoad}) send the same bytes to each, one after the other, in a network namespace where
 * all addresses are local.
 *
 * <p>A workload is done by a process of its own. Its first round is the cold one; some rounds
 * follow that are not counted, and then the warmed ones.
 */
public final class BgpBench {
  static final String SINGLE = "a single change";
  static final String IDLE = "idle CPU";
  static final String UP = "up and converged";

  private static final String NAMESPACE = "mlab-bgp";
  private static final int SENDER_AS = 65001;
  private static final int RECEIVER_AS = 65002;
  private static final int ROUNDS = 5;
  private static final int WARM_UPS = 20;
  private static final double WARM_UP_SECONDS = 8;
  private static final int IDLE_MILLIS = 10_000;
  private static final double MILLION = 1e6;

  private final Path root;
  private final Path program;
  private final PrintStream out;
  private final List<Measured> measured = new ArrayList<>();

  private BgpBench(Path root, PrintStream out) {
    this.root = root;
    this.out = out;
    this.program = NativeProgram.compiled(root, "bench/bgp");
  }

  /** The workloads; the names are those of the command line. */
  enum Workload {
    PACKED("100k", "100k packed", 100_000),
    LARGE("800k", "800k packed", 800_000),
    OWN("own", "100k with own attributes", 100_000),
    HUNDRED("100-peers", "100 iBGP peers x 26", 2_600),
    REFLECTED("reflected", "1,000 clients x 1 reflected", 1_000),
    FLAP("flap", "a peer of 10k flaps among 100k", 100_000),
    MESH("mesh", "1,000 iBGP peers x 26", 26_000);

    final String name;
    final String title;
    final int prefixes;

    Workload(String name, String title, int prefixes) {
      this.name = name;
      this.title = title;
      this.prefixes = prefixes;
    }

    List<Peer> peers() {
      return switch (this) {
        case PACKED, LARGE, OWN, FLAP ->
            List.of(
                new Peer(0, SENDER_AS, false),
                new Peer(1, RECEIVER_AS, false),
                new Peer(2, SENDER_AS, false));
        case HUNDRED -> withObserver(Peer.range(1, 101, BgpContender.AS, false));
        case MESH -> withObserver(Peer.range(1, 1001, BgpContender.AS, false));
        case REFLECTED -> Peer.range(0, 1000, BgpContender.AS, true);
      };
    }

    /** Routes of internal peers are shown by an external one that is told all of them. */
    private static List<Peer> withObserver(List<Peer> peers) {
      List<Peer> all = new ArrayList<>(peers);
      all.add(new Peer(0, RECEIVER_AS, false));
      return all;
    }
  }

  private static void check(String option, Set<String> given, List<String> allowed) {
    for (String name : given) {
      if (!allowed.contains(name)) {
        throw new LabException("%s: there is no %s; allowed: %s", option, name, allowed);
      }
    }
  }

  /**
   * Measures, in a namespace that it takes down again.
   *
   * @param only names of workloads; empty for all
   * @param speakers names as in the table; empty for all that are installed
   */
  public static BgpFigures run(Path root, Set<String> only, Set<String> speakers, PrintStream out) {
    check("--workload", only, Arrays.stream(Workload.values()).map(w -> w.name).toList());
    check("--speaker", speakers, Arrays.stream(BgpContender.values()).map(c -> c.title()).toList());
    Run.ok("ip", "netns", "add", NAMESPACE);
    try {
      Run.ip(
          NAMESPACE,
          List.of(
              "link set lo up",
              "link add bench0 type veth peer name bench1",
              "link set bench1 up",
              "address add " + BgpContender.ADDRESS + "/16 dev bench0",
              "link set bench0 up",
              "route add local 10.9.0.0/17 dev lo"));
      BgpBench bench = new BgpBench(root, out);
      for (Workload workload : Workload.values()) {
        for (BgpContender contender : BgpContender.values()) {
          if ((only.isEmpty() || only.contains(workload.name))
              && (speakers.isEmpty() || speakers.contains(contender.title()))
              && contender.installed(root)) {
            bench.measure(workload, contender);
          }
        }
      }
      BgpFigures figures = BgpFigures.of(bench.measured);
      figures.print(out);
      return figures;
    } finally {
      Run.of(List.of("ip", "netns", "delete", NAMESPACE));
    }
  }

  private void measure(Workload workload, BgpContender contender) {
    out.printf("%s: %s%n", workload.title, contender.title());
    Path directory = directory();
    try (BgpProcess speaker = start(contender, workload, directory);
        BgpLoad load =
            new BgpLoad(program, NAMESPACE, workload.peers().size(), workload.prefixes)) {
      Rounds rounds = new Rounds(workload, contender, speaker);
      try {
        switch (workload) {
          case PACKED -> packed(load, rounds, "announce");
          case OWN -> ownAttributes(load, rounds);
          case LARGE -> large(load, rounds);
          case HUNDRED -> manyPeers(load, rounds, 1, 100);
          case REFLECTED -> reflected(load, rounds);
          case FLAP -> flap(load, rounds);
          case MESH -> mesh(load, rounds);
        }
      } catch (LabException e) {
        out.printf("  %s%n", e.getMessage());
      }
      measured.addAll(rounds.finished());
    } finally {
      remove(directory);
    }
  }

  private void packed(BgpLoad load, Rounds rounds, String kind) {
    int n = 100_000;
    twoPeers(load);
    rounds.repeat(
        round -> {
          round.time("announce", load, "load " + kind + " 0 1 " + n + " 0", "go 1 2 " + n);
          round.time("withdraw all", load, "load withdraw 0 1 " + n + " 0", "go 1 2 0");
        });
    double _ = load.ask("load announce 0 1 %d 1".formatted(n - 1));
    double _ = load.ask("go 1 2 %d".formatted(n - 1));
    String[] micros = load.figures("single 0 1 0 200");
    rounds.once(SINGLE, Double.parseDouble(micros[0]) / MILLION);
  }

  private void ownAttributes(BgpLoad load, Rounds rounds) {
    packedOnly(load, rounds, "own", 100_000);
  }

  private void large(BgpLoad load, Rounds rounds) {
    packedOnly(load, rounds, "announce", 800_000);
  }

  private static void packedOnly(BgpLoad load, Rounds rounds, String kind, int n) {
    twoPeers(load);
    rounds.repeat(
        round -> {
          round.time("announce", load, "load " + kind + " 0 1 " + n + " 0", "go 1 2 " + n);
          round.time("withdraw all", load, "load withdraw 0 1 " + n + " 0", "go 1 2 0");
        });
  }

  private static void twoPeers(BgpLoad load) {
    double _ = load.ask("connect 1 2 %d".formatted(RECEIVER_AS));
    double _ = load.ask("connect 0 1 %d".formatted(SENDER_AS));
    settle(load);
  }

  /** Lets pass what a speaker takes before a new session gets its routes: 3 s with BIRD. */
  private static void settle(BgpLoad load) {
    double _ = load.ask("serve 4000");
  }

  private static void manyPeers(BgpLoad load, Rounds rounds, int first, int peers) {
    double _ = load.ask("connect 0 1 %d".formatted(RECEIVER_AS));
    double _ = load.ask("connect %d %d %d".formatted(first, first + peers, BgpContender.AS));
    settle(load);
    String of = " %d %d 26 0".formatted(first, first + peers);
    rounds.repeat(
        round -> {
          round.time("announce", load, "load announce" + of, "go 0 1 " + 26 * peers);
          round.time("withdraw all", load, "load withdraw" + of, "go 0 1 0");
        });
  }

  private static void reflected(BgpLoad load, Rounds rounds) {
    int n = 1000;
    double _ = load.ask("connect 0 %d %d".formatted(n, BgpContender.AS));
    settle(load);
    String of = " 0 %d 1 0".formatted(n);
    rounds.repeat(
        round -> {
          round.time("announce", load, "load announce" + of, "go 0 %d %d".formatted(n, n - 1));
          round.time("withdraw all", load, "load withdraw" + of, "go 0 %d 0".formatted(n));
        });
  }

  private static void flap(BgpLoad load, Rounds rounds) {
    int few = 10_000;
    int all = 100_000;
    twoPeers(load);
    double _ = load.ask("load announce 0 1 %d 0".formatted(all - few));
    double _ = load.ask("go 1 2 %d".formatted(all - few));
    rounds.repeatShortly(
        round -> {
          double _ = load.ask("connect 2 3 %d".formatted(SENDER_AS));
          round.time(
              "announced",
              load,
              "load announce 2 3 %d %d".formatted(few, all - few),
              "go 1 2 " + all);
          round.time("lost", load, "serve 100", "lose 2 3 1 2 " + (all - few));
        });
  }

  private static void mesh(BgpLoad load, Rounds rounds) {
    int n = 1000;
    double _ = load.ask("connect 0 1 %d".formatted(RECEIVER_AS));
    double _ = load.ask("as 1 %d %d".formatted(n + 1, BgpContender.AS));
    settle(load);
    rounds.only(
        round ->
            round.time(
                UP,
                load,
                "load announce 1 %d 26 0".formatted(n + 1),
                "dial 1 %d %d 0 1 %d".formatted(n + 1, BgpContender.AS, 26 * n)));
    settle(load);
    double before = rounds.speaker.cpuSeconds();
    double seconds = load.ask("serve %d".formatted(IDLE_MILLIS));
    rounds.once(IDLE, (rounds.speaker.cpuSeconds() - before) / seconds);
  }

  /** Gathers the figures of one workload with one speaker. */
  private static final class Rounds {
    private final Workload workload;
    private final BgpContender contender;
    private final BgpProcess speaker;
    private final List<Step> steps = new ArrayList<>();
    private boolean counted;

    private Rounds(Workload workload, BgpContender contender, BgpProcess speaker) {
      this.workload = workload;
      this.contender = contender;
      this.speaker = speaker;
    }

    private interface Body {
      void run(Rounds round);
    }

    private void repeat(Body body) {
      only(body);
      counted = false;
      long end = System.nanoTime() + (long) (WARM_UP_SECONDS * MILLION * 1e3);
      for (int i = 0; i < WARM_UPS && System.nanoTime() < end; i++) {
        body.run(this);
      }
      counted = true;
      for (int i = 0; i < ROUNDS; i++) {
        body.run(this);
      }
    }

    /** For what some speakers let wait for half a minute. */
    private void repeatShortly(Body body) {
      only(body);
      for (int i = 0; i < ROUNDS - 1; i++) {
        body.run(this);
      }
    }

    private void only(Body body) {
      counted = true;
      body.run(this);
    }

    private void once(String step, double figure) {
      step(step).add(figure, 0);
    }

    /** Measures a command's time, after another one that prepares it. */
    private void time(String step, BgpLoad load, String prepare, String go) {
      double _ = load.ask(prepare);
      double before = speaker.cpuSeconds();
      double seconds = load.ask(go);
      if (counted) {
        step(step).add(seconds, speaker.cpuSeconds() - before);
      }
    }

    private Step step(String name) {
      for (Step step : steps) {
        if (step.name.equals(name)) {
          return step;
        }
      }
      Step step = new Step(name);
      steps.add(step);
      return step;
    }

    private List<Measured> finished() {
      double peak = speaker.peakMiB();
      return steps.stream()
          .map(
              step ->
                  new Measured(
                      workload.title,
                      step.name,
                      contender.title(),
                      step.seconds.getFirst(),
                      step.seconds.subList(1, step.seconds.size()),
                      step.cpu.getFirst(),
                      step.cpu.stream().skip(1).mapToDouble(d -> d).average().orElse(0),
                      peak))
          .toList();
    }
  }

  private static final class Step {
    private final String name;
    private final List<Double> seconds = new ArrayList<>();
    private final List<Double> cpu = new ArrayList<>();

    private Step(String name) {
      this.name = name;
    }

    private void add(double second, double cpuSecond) {
      seconds.add(second);
      cpu.add(cpuSecond);
    }
  }

  private BgpProcess start(BgpContender contender, Workload workload, Path directory) {
    try {
      if (contender == BgpContender.OPENBGPD) {
        // What its unit would make: the processes that have no rights are shut up in there.
        Files.createDirectories(Path.of("/run/openbgpd"));
      }
      Path configuration =
          Files.writeString(
              directory.resolve("speaker.conf"),
              contender.configuration(workload.peers(), directory));
      Run.ok("chmod", "600", configuration.toString());
      return BgpProcess.start(
          Run.inNamespace(NAMESPACE, contender.command(root, directory)), directory.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path directory() {
    try {
      return Files.createTempDirectory("mlab-bgp");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
