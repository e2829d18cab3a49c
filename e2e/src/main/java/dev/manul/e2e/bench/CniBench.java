package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.cni.PodNode;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.lab.NativeProgram;
import dev.manul.e2e.lab.Run;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How fast pods are wired and unwired: Manul (the program on the host and a real agent on a file
 * datastore), Debian's bridge and ptp with host-local, and the bare C program e2e/bench/pod.c, in
 * turns on one node.
 *
 * <p>All are run by e2e/bench/plugins.c, as a runtime would, in the same namespaces for pods, which
 * are there beforehand and outlive the run: making and ending one takes the kernel longer than all
 * the rest, and none of the contenders does it.
 */
public final class CniBench {

  private static final String NODE = "mlab-cnibench";
  static final String POD = "mlab-cnipod";
  static final int ROUNDS = 8;
  static final int WARM_UP = 2;
  static final int SEQUENTIAL = 20;

  /**
   * So many bursts of Manul's before all: the others are programs that start anew each time, and it
   * is one that runs for weeks. What its first pods take is shown apart.
   */
  static final int WARM_UP_BURSTS = 20;

  static final int PARALLEL = 8;
  static final int BURST = 40;
  static final String MANUL =
      """
      {"cniVersion": "1.0.0", "name": "k8s-pod-network", "type": "manul",
       "ipam": {"type": "manul-ipam"}}
      """;

  private final PodNode node;
  private final Path directory;
  private final Path driver;
  private int next = 1;

  private CniBench(PodNode node, Path directory, Path driver) {
    this.node = node;
    this.directory = directory;
    this.driver = driver;
  }

  /** A contender and its samples so far. */
  private static final class Plugin {
    private final String name;
    private final String id;
    private final Path program;
    private final Path configuration;
    private final List<Long> adds = new ArrayList<>();
    private final List<Long> deletions = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();

    Plugin(String name, String id, Path program, Path configuration) {
      this.name = name;
      this.id = id;
      this.program = program;
      this.configuration = configuration;
    }

    CniFigures.Contender figures() {
      return new CniFigures.Contender(name, adds, deletions, rates);
    }
  }

  /** Measures, on nodes of its own that it takes down again. */
  public static CniFigures run(Path root, PrintStream out) {
    try {
      Path directory = Files.createTempDirectory("manul-cni-bench");
      try {
        namespaces("add");
        Path driver = NativeProgram.compiled(root, "bench/plugins");
        CniFigures figures = onFiles(root, directory, driver);
        figures.print(out);
        Optional<KubeBinaries> binaries = KubeBinaries.present(System.getenv());
        if (binaries.isEmpty()) {
          out.println(
              "on an API server: not measured, because Kubernetes' programs are not here;"
                  + " e2e/kube/provide-binaries gets them");
          return figures;
        }
        CniOnApi.Figures onApi =
            CniOnApi.run(binaries.get(), root, directory.resolve("api"), driver);
        onApi.print(out);
        return figures.withApi(onApi);
      } finally {
        namespaces("delete");
        delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CniFigures onFiles(Path root, Path directory, Path driver) throws IOException {
    try (PodNode node = PodNode.up(NODE, directory, root.resolve("dist"), "10.86.0.0/16", 26)) {
      node.startAgent();
      node.awaitReady();
      return new CniBench(node, directory, driver)
          .measured(NativeProgram.compiled(root, "bench/pod"));
    }
  }

  private static void namespaces(String verb) {
    String lines =
        IntStream.range(0, BURST)
            .mapToObj(i -> "netns " + verb + " " + POD + i + "\n")
            .collect(Collectors.joining());
    Run.of(List.of("ip", "-force", "-batch", "-"), lines);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private CniFigures measured(Path pod) throws IOException {
    Path debian = Path.of("/usr/lib/cni");
    var manul = new Plugin("manul", "manul", node.program(), configuration("manul", MANUL));
    var bridge =
        new Plugin(
            "bridge + host-local",
            "bridge",
            debian.resolve("bridge"),
            configuration("bridge", hostLocal("bridge", "10.88.0.0/16")));
    var ptp =
        new Plugin(
            "ptp + host-local",
            "ptp",
            debian.resolve("ptp"),
            configuration("ptp", hostLocal("ptp", "10.89.0.0/16")));
    var bare = new Plugin("bare netlink program", "bare", pod, configuration("bare", "{}"));
    List<Plugin> turns = new ArrayList<>(List.of(manul, bridge, ptp, bare));
    sequence(manul, true);
    List<Long> first = List.copyOf(manul.adds);
    manul.adds.clear();
    manul.deletions.clear();
    for (int i = 0; i < WARM_UP_BURSTS; i++) {
      burst(manul, false);
    }
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      boolean counts = round >= 0;
      for (Plugin plugin : turns) {
        sequence(plugin, counts);
      }
      for (Plugin plugin : turns) {
        burst(plugin, counts);
      }
      Collections.rotate(turns, 1);
    }
    return CniFigures.of(first, manul.figures(), bridge.figures(), ptp.figures(), bare.figures());
  }

  private String hostLocal(String plugin, String subnet) {
    return """
        {"cniVersion": "1.0.0", "name": "%1$s", "type": "%1$s", "bridge": "benchbr0",
         "isGateway": true,
         "ipam": {"type": "host-local", "ranges": [[{"subnet": "%2$s"}]],
                  "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "%3$s"}}
        """
        .formatted(plugin, subnet, directory.resolve("host-local"));
  }

  private Path configuration(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name + ".json"), text);
  }

  private void sequence(Plugin plugin, boolean counts) {
    int first = next;
    next += SEQUENTIAL;
    List<Long> adds = operations("ADD", 1, plugin, first, SEQUENTIAL);
    List<Long> deletions = operations("DEL", 1, plugin, first, SEQUENTIAL);
    if (counts) {
      plugin.adds.addAll(adds.subList(0, SEQUENTIAL));
      plugin.deletions.addAll(deletions.subList(0, SEQUENTIAL));
    }
  }

  private void burst(Plugin plugin, boolean counts) {
    int first = next;
    next += BURST;
    List<Long> adds = operations("ADD", PARALLEL, plugin, first, BURST);
    var _ = operations("DEL", PARALLEL, plugin, first, BURST);
    if (counts) {
      plugin.rates.add(CniFigures.rate(BURST, adds.getLast()));
    }
  }

  private List<Long> operations(String command, int parallel, Plugin plugin, int first, int count) {
    return operations(
        node,
        driver,
        command,
        parallel,
        plugin.id,
        first,
        count,
        plugin.program,
        plugin.configuration);
  }

  /** The microseconds of each, then those of all together. */
  static List<Long> operations(
      PodNode node,
      Path driver,
      String command,
      int parallel,
      String id,
      int first,
      int count,
      Path program,
      Path configuration) {
    List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + node.namespace(), "env"));
    node.environment().forEach((name, value) -> words.add(name + "=" + value));
    words.addAll(
        List.of(
            "CNI_PATH=/usr/lib/cni",
            driver.toString(),
            command,
            Integer.toString(parallel),
            id,
            Integer.toString(first),
            Integer.toString(count),
            "/run/netns/" + POD,
            program.toString(),
            configuration.toString()));
    List<Long> micros = Run.of(words).orThrow().lines().stream().map(Long::parseLong).toList();
    if (micros.size() != count + 1) {
      throw new LabException("cni bench: %d of %d %s", micros.size() - 1, count, command);
    }
    return micros;
  }
}
