package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.kube.ApiStore;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.lab.Convergence;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.PoolMode;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Topology;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * What an agent costs on this machine's own kernel: how soon it is ready, and its resident memory
 * with a session, routes and pods.
 *
 * <p>Two agents on one wire; the second is killed and started again, alone, for each sample of the
 * time.
 */
public final class AgentBench {

  private static final int SAMPLES = 5;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private AgentBench() {}

  /**
   * The figures.
   *
   * @param readyMs from a process's start to its first ready status, each sample
   * @param rssMiB resident memory, once when converged and once after each restart
   */
  public record Figures(List<Long> readyMs, List<Double> rssMiB) {

    public Figures {
      readyMs = readyMs.stream().sorted().toList();
      rssMiB = rssMiB.stream().sorted().toList();
    }

    public long medianReadyMs() {
      return readyMs.get(readyMs.size() / 2);
    }

    public double maxRssMiB() {
      return rssMiB.getLast();
    }
  }

  /** Measures with the cluster's state in files, in a lab of its own that it takes down again. */
  public static Figures onFiles(Path root, Path labDirectory, PrintStream out) {
    return run(
        root,
        labDirectory,
        (programs, topology) -> Lab.up(labDirectory, programs, topology, Progress.NONE),
        out);
  }

  /** The same with the state in a real API server, which is next to the agent not measured. */
  public static Figures onKubernetes(Path root, Path labDirectory, PrintStream out) {
    try (var store = new ApiStore(KubeBinaries.provided())) {
      return run(
          root,
          labDirectory,
          (programs, topology) -> Lab.up(labDirectory, programs, topology, store, Progress.NONE),
          out);
    }
  }

  private static Figures run(
      Path root, Path labDirectory, BiFunction<Path, Path, Lab> up, PrintStream out) {
    if (Lab.open(labDirectory, root.resolve("dist/bin")).isPresent()) {
      throw new LabException("%s: another benchmark of the agent is running", labDirectory);
    }
    List<Long> ready = new ArrayList<>();
    List<Double> resident = new ArrayList<>();
    try {
      Lab lab =
          up.apply(root.resolve("dist/bin"), root.resolve("e2e/topologies/one-subnet.clab.yaml"));
      var convergence = new Convergence(lab);
      convergence.await(PoolMode.NEVER, LIMIT, Progress.NONE);
      lab.topology().nodes().forEach(node -> resident.add(lab.residentMiB(node.name())));
      Topology.Machine node = lab.topology().nodes().getLast();
      for (int i = 0; i < SAMPLES; i++) {
        lab.killAgent(node.name());
        ready.add(lab.restartAgent(node.name(), Progress.NONE).toMillis());
        convergence.await(PoolMode.NEVER, LIMIT, Progress.NONE);
        resident.add(lab.residentMiB(node.name()));
      }
    } finally {
      Lab.down(labDirectory);
    }
    var figures = new Figures(ready, resident);
    out.printf("%-32s %8s %8s %8s%n", "manul-agent", "min", "median", "max");
    out.printf(
        "%-32s %8d %8d %8d%n",
        "ready after, ms",
        figures.readyMs().getFirst(),
        figures.medianReadyMs(),
        figures.readyMs().getLast());
    out.printf(
        "%-32s %8.1f %8.1f %8.1f%n",
        "resident memory, MiB",
        figures.rssMiB().getFirst(),
        figures.rssMiB().get(figures.rssMiB().size() / 2),
        figures.maxRssMiB());
    return figures;
  }
}
