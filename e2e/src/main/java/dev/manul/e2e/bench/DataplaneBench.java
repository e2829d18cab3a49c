package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Throughput and round trips between pods of two nodes, each way as the route programmer makes it
 * beside the same configured by hand with {@code ip}, in turns. Nothing else of Manul's is there:
 * what policies cost, {@link PacketBench} says. UDP cannot be had by hand: it is compared with
 * VXLAN. The program that sends is e2e/bench/packets.c.
 */
public final class DataplaneBench {

  /** What is compared with {@code ip}. */
  static final String BY_HAND = "by hand";

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String SECONDS = "1";
  private static final String ECHOES = "5000";

  private DataplaneBench() {}

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

  /**
   * The ways there are.
   *
   * @param ipip whether this kernel has IP-in-IP
   */
  public static List<Way> ways(boolean ipip) {
    return Arrays.stream(Way.values()).filter(way -> ipip || way != Way.IPIP).toList();
  }

  /** A round's figures of one side. */
  private record Sample(double gigabits, double micros) {}

  /**
   * Measures, in namespaces of its own that it takes down again.
   *
   * @param rounds how many rounds of each side
   * @param kernel what this kernel is called in the table
   */
  public static DataplaneFigures run(
      Path root, List<Way> ways, int rounds, String kernel, PrintStream out) {
    Path program = compiled(root);
    List<DataplaneFigures.Way> figures = new ArrayList<>();
    DataplaneFigures.printHead(out);
    try (DataplanePair ours = new DataplanePair("m");
        DataplanePair other = new DataplanePair("h")) {
      for (Way way : ways) {
        ours.byManul(way);
        boolean byHand = way != Way.UDP;
        if (byHand) {
          other.byHand(way);
        } else {
          other.byManul(Way.VXLAN);
        }
        DataplaneFigures.Way measured =
            compare(program, way, ours, other, rounds, kernel, byHand ? BY_HAND : "vxlan");
        DataplaneFigures.print(out, measured);
        figures.add(measured);
        ours.clear();
        other.clear();
      }
    }
    return new DataplaneFigures(figures);
  }

  /** The program, compiled where there is none that is newer than its source. */
  public static Path compiled(Path root) {
    Path program = root.resolve(".cache/bench-packets");
    Path source = root.resolve("e2e/bench/packets.c");
    try {
      if (!Files.exists(program)
          || Files.getLastModifiedTime(program).compareTo(Files.getLastModifiedTime(source)) < 0) {
        Files.createDirectories(program.getParent());
        Run.ok("gcc", "-O2", "-o", program.toString(), source.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return program;
  }

  private static DataplaneFigures.Way compare(
      Path program,
      Way way,
      DataplanePair ours,
      DataplanePair other,
      int rounds,
      String kernel,
      String yardstick) {
    List<Sample> mine = new ArrayList<>();
    List<Sample> theirs = new ArrayList<>();
    Process oursServer = server(program, ours);
    try {
      Process otherServer = server(program, other);
      try {
        for (DataplanePair pair : List.of(ours, other)) {
          sample(program, pair); // neighbours, caches, the JIT: not counted
        }
        for (int round = 0; round < rounds; round++) {
          if (round % 2 == 0) {
            mine.add(sample(program, ours));
            theirs.add(sample(program, other));
          } else {
            theirs.add(sample(program, other));
            mine.add(sample(program, ours));
          }
        }
      } finally {
        otherServer.destroyForcibly();
      }
    } finally {
      oursServer.destroyForcibly();
    }
    List<Double> throughput = new ArrayList<>();
    List<Double> roundTrip = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      throughput.add(mine.get(i).gigabits() / theirs.get(i).gigabits());
      roundTrip.add(mine.get(i).micros() / theirs.get(i).micros());
    }
    return new DataplaneFigures.Way(
        way.toString(),
        kernel,
        yardstick,
        median(mine.stream().map(Sample::gigabits).toList()),
        median(theirs.stream().map(Sample::gigabits).toList()),
        median(throughput),
        median(mine.stream().map(Sample::micros).toList()),
        median(theirs.stream().map(Sample::micros).toList()),
        median(roundTrip));
  }

  private static Process server(Path program, DataplanePair pair) {
    Waiting.until(
        "a way between the pods",
        LIMIT,
        Progress.NONE,
        () ->
            Run.of(
                            Run.inNamespace(
                                pair.clientPod(),
                                List.of("ping", "-n", "-c1", "-W1", pair.serverAddress())))
                        .status()
                    == 0
                ? List.of()
                : List.of(pair.clientPod() + " hears nothing"));
    try {
      Process server =
          new ProcessBuilder(
                  Run.inNamespace(
                      pair.serverPod(),
                      List.of(program.toString(), "server", pair.serverAddress())))
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

  private static Sample sample(Path program, DataplanePair pair) {
    String address = pair.serverAddress();
    String client = pair.clientPod();
    double gigabits =
        Double.parseDouble(Run.in(client, program.toString(), "stream", address, SECONDS).strip());
    String echo = Run.in(client, program.toString(), "echo", address, ECHOES).strip();
    return new Sample(gigabits, Double.parseDouble(echo.split(" ", 2)[0]));
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
