package dev.manul.e2e.kind;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pods of a cluster that ping each other at a steady rate until told to stop: as {@link
 * dev.manul.e2e.lab.SteadyPings} do in a lab, with the program that such a pod's image has.
 *
 * <p>fping does it, in rounds of a fixed number of requests, so that it waits for late answers and
 * never counts one as lost that was only on its way when it was stopped. The next round begins
 * before the one before ends: there is no moment without pings.
 */
final class PingLoad {

  private static final Duration ROUND = Duration.ofMillis(2500);
  private static final long NEXT_ROUND_SECONDS = 2;

  /**
   * An answer later than this is a lost one. Long, because it is fping's own clock: a machine that
   * stands still for a while, as a guest may on a busy host, has not lost what waits to be read.
   */
  private static final long PATIENCE_MILLIS = 10_000;

  /** Each round's figures are written at once, so that those of two rounds do not mix. */
  private static final String SCRIPT =
      """
      rounds=0
      while [ ! -e %1$s ]; do
        rounds=$((rounds + 1))
        (result=$(fping -q -c %2$d -p %3$d -i 1 -t %4$d %5$s 2>&1)
        printf '%%s\\n' "$result") &
        sleep %6$d
      done
      wait
      echo "rounds: $rounds"
      """;

  private static final Pattern RESULT =
      Pattern.compile("^(\\S+)\\s+: xmt/rcv/%loss = (\\d+)/(\\d+)/");
  private static final Pattern ROUNDS = Pattern.compile("^rounds: (\\d+)$");
  private static final int MOST_COMPLAINTS = 3;

  private final List<Sender> senders;
  private final String stopFile = "/tmp/manul-stop-pings-" + System.nanoTime();
  private final List<Process> processes = new ArrayList<>();
  private final long start = System.nanoTime();

  /**
   * A pod that pings.
   *
   * @param name its name, for people
   * @param command what has the words after it run in the pod, such as {@code kubectl exec}
   * @param addresses whom it pings
   */
  record Sender(String name, List<String> command, List<String> addresses) {

    public Sender {
      command = List.copyOf(command);
      addresses = List.copyOf(addresses);
    }

    private List<String> running(String... words) {
      List<String> all = new ArrayList<>(command);
      all.addAll(List.of(words));
      return all;
    }
  }

  /**
   * What a load came to.
   *
   * @param packetsPerSecond the rate of all together
   * @param losses a line for each round of a pair with losses, and what fping complained of
   */
  record Count(long sent, long lost, double packetsPerSecond, List<String> losses) {}

  private PingLoad(List<Sender> senders) {
    this.senders = List.copyOf(senders);
  }

  /**
   * Starts a load.
   *
   * @param period between two requests of a pair
   */
  static PingLoad start(List<Sender> senders, Duration period) {
    var load = new PingLoad(senders);
    for (Sender sender : senders) {
      String script =
          SCRIPT.formatted(
              load.stopFile,
              ROUND.dividedBy(period),
              period.toMillis(),
              PATIENCE_MILLIS,
              String.join(" ", sender.addresses()),
              NEXT_ROUND_SECONDS);
      try {
        load.processes.add(
            new ProcessBuilder(sender.running("sh", "-c", script))
                .redirectErrorStream(true)
                .start());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return load;
  }

  /** Whether every sender is still at it. */
  boolean isSending() {
    return processes.stream().allMatch(Process::isAlive);
  }

  /** Lets the rounds under way end, and counts. */
  Count stop() {
    senders.forEach(sender -> Run.of(sender.running("touch", stopFile)).orThrow());
    long sent = 0;
    long received = 0;
    List<String> losses = new ArrayList<>();
    for (int i = 0; i < processes.size(); i++) {
      Sender sender = senders.get(i);
      String output = read(processes.get(i));
      long results = 0;
      long rounds = -1;
      int complaints = 0;
      for (String line : output.lines().toList()) {
        Matcher result = RESULT.matcher(line);
        Matcher ended = ROUNDS.matcher(line);
        if (result.find()) {
          results++;
          long requests = Long.parseLong(result.group(2));
          long answers = Long.parseLong(result.group(3));
          sent += requests;
          received += answers;
          if (requests != answers) {
            losses.add(sender.name() + " > " + line);
          }
        } else if (ended.find()) {
          rounds = Long.parseLong(ended.group(1));
        } else if (!line.isBlank() && complaints++ < MOST_COMPLAINTS) {
          losses.add(sender.name() + ": " + line);
        }
      }
      if (results != rounds * sender.addresses().size()) {
        throw new LabException(
            "fping in %s counted %d results in %d rounds: %s",
            sender.name(), results, rounds, output.strip());
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    senders.forEach(sender -> Run.of(sender.running("rm", "-f", stopFile)).orThrow());
    return new Count(sent, sent - received, sent / seconds, List.copyOf(losses));
  }

  private static String read(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
