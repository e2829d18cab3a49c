package dev.manul.e2e.demo;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.Pod;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pods of every ordered pair of nodes pinging each other at a steady rate, a fixed number of times.
 *
 * <p>fping does it, one process for each sending pod; it counts what is sent and answered by
 * itself, and waits for late answers after the last echo request.
 */
final class PingLoad {

  /** Between two requests of a pair. */
  private static final int PERIOD_MILLIS = 20;

  /** An answer later than this is a lost one. */
  private static final int PATIENCE_MILLIS = 3000;

  private static final Pattern RESULT =
      Pattern.compile("^(\\S+)\\s+: xmt/rcv/%loss = (\\d+)/(\\d+)/");

  private final long start = System.nanoTime();
  private final List<Process> processes = new ArrayList<>();

  /**
   * What a load came to.
   *
   * @param packetsPerSecond the rate of all pairs together, while sending
   */
  record Count(long sent, long lost, double packetsPerSecond, List<String> losses) {}

  private PingLoad() {}

  /**
   * Starts the load.
   *
   * @param perPair how many requests each ordered pair of nodes sends
   */
  static PingLoad start(Lab lab, int perPair) {
    var load = new PingLoad();
    for (Topology.Machine node : lab.topology().nodes()) {
      Pod from = lab.pod(node.name(), 0);
      List<String> fping =
          new ArrayList<>(
              List.of(
                  "fping",
                  "-q",
                  "-c",
                  Integer.toString(perPair),
                  "-p",
                  Integer.toString(PERIOD_MILLIS),
                  "-i",
                  "1",
                  "-t",
                  Integer.toString(PATIENCE_MILLIS)));
      for (Topology.Machine other : lab.topology().nodes()) {
        if (!other.name().equals(node.name())) {
          fping.add(lab.pod(other.name(), 0).address());
        }
      }
      try {
        load.processes.add(
            new ProcessBuilder(Run.inNamespace(from.networkNamespace(), fping))
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

  /** Waits for the load's end and counts. */
  Count count() {
    long sent = 0;
    long received = 0;
    List<String> losses = new ArrayList<>();
    for (Process process : processes) {
      String output;
      try {
        output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      int before = losses.size();
      boolean counted = false;
      for (String line : output.lines().toList()) {
        Matcher result = RESULT.matcher(line);
        if (result.find()) {
          counted = true;
          sent += Long.parseLong(result.group(2));
          received += Long.parseLong(result.group(3));
          if (!result.group(2).equals(result.group(3))) {
            losses.add(line);
          }
        } else if (!line.isBlank() && losses.size() < before + 3) {
          losses.add(line);
        }
      }
      if (!counted) {
        throw new LabException("fping counted nothing: %s", output.strip());
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Count(sent, sent - received, sent / seconds, losses);
  }
}
