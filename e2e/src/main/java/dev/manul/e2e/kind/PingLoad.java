package dev.manul.e2e.kind;

import dev.manul.e2e.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every pod pings every other 100 times a second until told to stop.
 *
 * <p>fping does it, in rounds of a fixed number of requests, so that it waits for late answers and
 * never counts one as lost that was only on its way when it was stopped.
 */
final class PingLoad {

  private static final String STOP = "/tmp/stop-pings";
  private static final int ROUND = 500;

  /** One round more than {@code ROUND} says is under way at the end at most. */
  private static final String LOOP =
      "rm -f %s; while [ ! -e %s ]; do fping -q -c %d -p 10 -i 1 -t 3000 %s; done; true";

  private static final Pattern RESULT =
      Pattern.compile("^(\\S+)\\s+: xmt/rcv/%loss = (\\d+)/(\\d+)/");

  private final Cluster cluster;
  private final List<Cluster.Pod> pods;
  private final List<Process> processes = new ArrayList<>();
  private final long start = System.nanoTime();

  /** What a load came to. */
  record Count(long sent, long lost, double packetsPerSecond, List<String> losses) {}

  private PingLoad(Cluster cluster, List<Cluster.Pod> pods) {
    this.cluster = cluster;
    this.pods = pods;
  }

  static PingLoad start(Cluster cluster, List<Cluster.Pod> pods) {
    var load = new PingLoad(cluster, pods);
    for (Cluster.Pod from : pods) {
      List<String> others =
          pods.stream().filter(pod -> !pod.equals(from)).map(Cluster.Pod::address).toList();
      String loop = LOOP.formatted(STOP, STOP, ROUND, String.join(" ", others));
      try {
        load.processes.add(
            new ProcessBuilder(cluster.podCommand(from.name(), List.of("sh", "-c", loop)))
                .redirectErrorStream(true)
                .start());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return load;
  }

  boolean isSending() {
    return processes.stream().allMatch(Process::isAlive);
  }

  /** Lets the rounds under way end, and counts. */
  Count stop() {
    pods.forEach(pod -> cluster.inPod(pod.name(), "touch", STOP).orThrow());
    long sent = 0;
    long received = 0;
    List<String> losses = new ArrayList<>();
    for (int i = 0; i < processes.size(); i++) {
      String from = pods.get(i).name();
      String output = read(processes.get(i));
      boolean counted = false;
      for (String line : output.lines().toList()) {
        Matcher result = RESULT.matcher(line);
        if (result.find()) {
          counted = true;
          sent += Long.parseLong(result.group(2));
          received += Long.parseLong(result.group(3));
          if (!result.group(2).equals(result.group(3))) {
            losses.add(from + " > " + line);
          }
        }
      }
      if (!counted) {
        throw new LabException("fping in %s counted nothing: %s", from, output.strip());
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
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
