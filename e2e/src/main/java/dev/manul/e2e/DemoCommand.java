package dev.manul.e2e;

import dev.manul.e2e.demo.Demo;
import dev.manul.e2e.demo.DemoReport;
import dev.manul.e2e.kube.ApiStore;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.SteadyPings;
import dev.manul.e2e.lab.Topology;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code demo}: the main job from an empty machine to a verdict. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Show and judge the main job: modes on the wire, switches and a restart under load.")
final class DemoCommand implements Callable<Integer> {

  private static final String FILE = "file";
  private static final String KUBERNETES = "kubernetes";

  @Mixin final ReportFile json = new ReportFile();

  @Option(names = "--keep", description = "Leave the lab up.")
  boolean keep;

  @Option(names = "--topology", paramLabel = "FILE", description = "Another topology file.")
  Path topology;

  @Option(
      names = "--datastore",
      paramLabel = "WHERE",
      defaultValue = "file",
      description =
          "Where the cluster's state is: file, or kubernetes for a real API server"
              + " (default: ${DEFAULT-VALUE}).")
  String datastore;

  private final Place place = Place.fromEnvironment(System.getenv());
  private final Steps steps = new Steps(System.out);
  private Path pings;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!datastore.equals(FILE) && !datastore.equals(KUBERNETES)) {
      throw new LabException("--datastore %s: it is file or kubernetes", datastore);
    }
    if (keep && datastore.equals(KUBERNETES)) {
      throw new LabException("--keep: an API server ends with the demo; only file can be kept");
    }
    Path file = LabCommand.topologyFile(place, topology);
    pings = SteadyPings.program(place.root()); // for a guest, whose root cannot be written to, too
    return place.needsGuest() ? inGuest(file) : here(file);
  }

  private int inGuest(Path file) throws IOException, InterruptedException {
    long start = System.nanoTime();
    System.out.println("This kernel has no ipip: the lab runs inside user-mode Linux.");
    boolean api = datastore.equals(KUBERNETES);
    if (api) {
      var _ = KubeBinaries.provided(); // what the guest would write is gone with it
    }
    place.startGuest(api ? Place.MEMORY_WITH_API : Place.MEMORY);
    System.out.printf("The guest is up (%.1f s).%n", (System.nanoTime() - start) / 1e9);
    List<String> arguments =
        new ArrayList<>(List.of("demo", "--datastore", datastore, "--topology", file.toString()));
    if (keep) {
      arguments.add("--keep");
    }
    try {
      return json.fromGuest(place, arguments);
    } finally {
      if (!keep) {
        place.guest().stop();
      }
    }
  }

  private int here(Path file) {
    if (datastore.equals(FILE)) {
      return judge(file, directory -> Lab.up(directory, place.programs(), file, steps));
    }
    try (var store = new ApiStore(KubeBinaries.provided())) {
      try {
        return judge(file, directory -> Lab.up(directory, place.programs(), file, store, steps));
      } catch (LabException e) {
        System.out.printf("%n-- log of kube-apiserver%n%s%n", store.logEnd());
        throw e;
      }
    }
  }

  private int judge(Path file, Function<Path, Lab> lab) {
    try {
      DemoReport report;
      try {
        String heading =
            "Lab %s, in mode Always, datastore %s".formatted(file.getFileName(), datastore);
        Lab up = steps.step("lab", heading, () -> lab.apply(Place.labDirectory()));
        report = new Demo(up, pings, steps).run();
      } catch (LabException e) {
        showLogs(file);
        throw e;
      }
      return json.conclude(report);
    } finally {
      if (!keep && !Place.inGuest()) {
        Lab.down(Place.labDirectory());
      }
    }
  }

  /** The ends of the agents' logs, for whoever must find out why the demo could not go on. */
  private void showLogs(Path file) {
    Lab.open(Place.labDirectory(), place.programs())
        .filter(lab -> lab.topology().file().equals(file))
        .ifPresent(
            lab -> {
              for (Topology.Machine node : lab.topology().nodes()) {
                System.out.printf("%n-- log of %s%n%s%n", node.name(), lab.logEnd(node.name()));
              }
            });
  }
}
