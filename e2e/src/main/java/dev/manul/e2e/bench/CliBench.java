package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.lab.Run;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long a command takes from its start to its end, as hyperfine measures it: each some times
 * without a look at the clock, and then many times, in turns with the others, so that a machine
 * that is busy for a while is so for all of them.
 */
public final class CliBench {
  private static final int WARMUPS = 5;
  private static final double NANOS_PER_MILLI = 1e6;

  private static final String POOL =
      """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: default-ipv4-ippool}
      spec: {cidr: 192.168.0.0/16, ipipMode: Always, natOutgoing: true}
      """;

  private CliBench() {}

  /**
   * What was measured of a command, in milliseconds of wall time.
   *
   * @param runs each, in order
   */
  public record Timing(
      String command, double mean, double deviation, double min, double max, List<Double> runs) {

    static Timing of(String command, List<Double> runs) {
      double mean = runs.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
      double squares = runs.stream().mapToDouble(run -> (run - mean) * (run - mean)).sum();
      return new Timing(
          command,
          mean,
          Math.sqrt(squares / Math.max(1, runs.size() - 1)),
          runs.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
          runs.stream().mapToDouble(Double::doubleValue).max().orElseThrow(),
          List.copyOf(runs));
    }
  }

  /** The figures of all commands. */
  public record Figures(int warmups, List<Timing> timings) {}

  /**
   * Measures.
   *
   * @param root the project's, with what ./dev build makes
   * @param runs how often each command is measured
   */
  public static Figures run(Path root, int runs, PrintStream out) {
    Path store = temporary();
    String manulctl = root.resolve("dist/bin/manulctl").toString();
    Map<String, String> variables = Map.of("MANUL_DATASTORE_PATH", store.toString());
    try {
      Files.writeString(store.resolve("pool.yaml"), POOL);
      String _ =
          Run.ok(
              manulctl,
              "--datastore=" + store,
              "apply",
              "-f",
              store.resolve("pool.yaml").toString());
      Map<String, List<String>> commands = new LinkedHashMap<>();
      commands.put("manulctl get ippools", List.of(manulctl, "get", "ippools"));
      commands.put("manulctl version --client", List.of(manulctl, "version", "--client"));
      KubeBinaries.present(System.getenv())
          .ifPresent(
              binaries ->
                  commands.put(
                      "kubectl version --client",
                      List.of(binaries.program("kubectl").toString(), "version", "--client=true")));
      Map<String, List<Double>> measured = new LinkedHashMap<>();
      commands.keySet().forEach(name -> measured.put(name, new ArrayList<>()));
      for (int round = -WARMUPS; round < runs; round++) {
        for (Map.Entry<String, List<String>> command : commands.entrySet()) {
          double millis = once(command.getValue(), variables);
          if (round >= 0) {
            measured.get(command.getKey()).add(millis);
          }
        }
      }
      List<Timing> timings = new ArrayList<>();
      measured.forEach((name, times) -> timings.add(Timing.of(name, times)));
      print(timings, runs, out);
      return new Figures(WARMUPS, timings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      delete(store);
    }
  }

  private static double once(List<String> command, Map<String, String> variables) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD);
    builder.environment().keySet().removeAll(List.of("KUBECONFIG", "DATASTORE_TYPE"));
    builder.environment().putAll(variables);
    try {
      long start = System.nanoTime();
      int code = builder.start().waitFor();
      double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
      if (code != 0) {
        throw new LabException("%s has ended with exit code %s", String.join(" ", command), code);
      }
      return millis;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while %s ran", String.join(" ", command));
    }
  }

  private static void print(List<Timing> timings, int runs, PrintStream out) {
    out.printf(
        "%-28s %8s %8s %8s %8s%n", runs + " runs, milliseconds", "mean", "\u00b1", "min", "max");
    for (Timing timing : timings) {
      out.printf(
          "%-28s %8.1f %8.1f %8.1f %8.1f%n",
          timing.command(), timing.mean(), timing.deviation(), timing.min(), timing.max());
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("manul-bench-cli");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    String _ = Run.ok("rm", "-rf", directory.toString());
  }
}
