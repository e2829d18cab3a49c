package dev.manul.e2e.lab;

import dev.manul.e2e.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Pods of one machine that ping each other at a steady rate, by the one program e2e/lab/pings.c: at
 * a tenth of what as many processes cost that each ping for one pod. What is sent is counted by
 * legs, one after another.
 */
public final class SteadyPings implements AutoCloseable {

  /**
   * An answer later than this is a lost one. Long, as a guest may stand still for a while on a busy
   * host, and what waits to be read is not lost.
   */
  private static final int PATIENCE_SECONDS = 10;

  /**
   * The program goes before all others, because what measures must not wait for what is measured:
   * on a guest's one CPU beside a server that starts, it would be kept from its sockets until one
   * overflows, which looks like a loss on the network.
   */
  private static final List<String> FIRST = List.of("chrt", "--fifo", "1");

  private final Process process;
  private final long start = System.nanoTime();

  /**
   * A pod that pings another.
   *
   * @param from its network namespace
   * @param to the other's address
   */
  public record Pair(String from, String to) {}

  /**
   * What was sent in a leg.
   *
   * @param slowestMillis how long the slowest answer took
   * @param seconds how long the leg was
   */
  public record Leg(long sent, long lost, double slowestMillis, double seconds) {}

  /**
   * What came of it.
   *
   * @param legs in their order
   * @param losses a line for each request that was not answered, the first few
   */
  public record Count(List<Leg> legs, List<String> losses) {

    public Count {
      legs = List.copyOf(legs);
      losses = List.copyOf(losses);
    }

    public long sent() {
      return legs.stream().mapToLong(Leg::sent).sum();
    }

    public long lost() {
      return legs.stream().mapToLong(Leg::lost).sum();
    }

    /** How many requests a second were sent, of all pairs together. */
    public double perSecond() {
      return sent() / legs.stream().mapToDouble(Leg::seconds).sum();
    }

    /** What the program printed. */
    static Count parse(String output) {
      List<Leg> legs = new ArrayList<>();
      List<String> losses = new ArrayList<>();
      boolean whole = false;
      for (String line : output.lines().toList()) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
          case "leg" ->
              legs.add(
                  new Leg(
                      Long.parseLong(words[1]),
                      Long.parseLong(words[2]),
                      Double.parseDouble(words[3]) / 1e3,
                      Double.parseDouble(words[4])));
          case "lost" ->
              losses.add("%s > %s, %s s after the start".formatted(words[2], words[3], words[4]));
          case "end" -> whole = true;
          default -> throw new LabException("pings: %s", output.strip());
        }
      }
      if (!whole) {
        throw new LabException("pings: ended early: %s", output.strip());
      }
      return new Count(legs, losses);
    }
  }

  /** Every pod and each pod of all other nodes, one sender after another in turns. */
  public static List<Pair> betweenNodes(List<Pod> pods) {
    List<Pair> pairs = new ArrayList<>();
    for (int distance = 1; distance < pods.size(); distance++) {
      for (int i = 0; i < pods.size(); i++) {
        Pod from = pods.get(i);
        Pod to = pods.get((i + distance) % pods.size());
        if (!from.node().equals(to.node())) {
          pairs.add(new Pair(from.networkNamespace(), to.address()));
        }
      }
    }
    return pairs;
  }

  private SteadyPings(Process process) {
    this.process = process;
  }

  /** Starts pinging, with leg 0, however busy the processor becomes of it. */
  public static SteadyPings start(Path program, List<Pair> pairs, int perSecond) {
    return start(program, pairs, perSecond, 1);
  }

  /**
   * Starts pinging, with leg 0.
   *
   * @param program see {@link #program}
   * @param perSecond requests a second of all pairs together
   * @param share of a processor's time that it may take at most, above 0 and up to 1; where that is
   *     not enough, fewer requests are sent
   */
  public static SteadyPings start(Path program, List<Pair> pairs, int perSecond, double share) {
    List<String> command = new ArrayList<>(FIRST);
    command.addAll(
        List.of(
            program.toString(),
            Integer.toString(perSecond),
            Double.toString(share),
            Integer.toString(PATIENCE_SECONDS)));
    pairs.forEach(pair -> command.addAll(List.of(pair.from(), pair.to())));
    try {
      return new SteadyPings(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The program that pings, compiled where it must be. */
  public static Path program(Path root) {
    return NativeProgram.compiled(root, "lab/pings");
  }

  /**
   * What is sent from now on belongs to another leg.
   *
   * @param perSecond requests a second of all pairs together, from now on
   */
  public void nextLeg(int perSecond) {
    try {
      process.getOutputStream().write((perSecond + "\n").getBytes(StandardCharsets.US_ASCII));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new LabException("pings: ended early: %s", read().strip());
    }
  }

  /** How long ago it was started. */
  public Duration age() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Sends no more, waits for answers, and counts. */
  public Count stop() {
    close();
    return Count.parse(read());
  }

  private String read() {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // it has ended already
    }
  }
}
