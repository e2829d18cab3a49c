package dev.manul.e2e.lab;

import dev.manul.e2e.LabException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The hardware of a lab: network namespaces, bridges and cables.
 *
 * <p>The bridges live in a namespace of their own, where the machine's own packet filter does not
 * reach the frames that cross them.
 */
final class Fabric {

  /** Of the names of all network namespaces that labs make. */
  static final String PREFIX = "mlab-";

  private static final String BRIDGES = PREFIX + "fabric";

  private final Topology topology;

  Fabric(Topology topology) {
    this.topology = topology;
  }

  /** Builds it all, and runs the machines' commands. */
  void build() {
    addNamespace(BRIDGES);
    topology.machines().forEach(machine -> addNamespace(machine.namespace()));
    List<String> bridges = new ArrayList<>();
    for (String bridge : topology.bridges()) {
      bridges.add("link add " + bridge + " type bridge");
      bridges.add("link set " + bridge + " up");
    }
    Run.ip(BRIDGES, bridges);
    topology.links().forEach(this::plug);
    topology.machines().forEach(Fabric::configure);
  }

  /** The network namespaces of a topology's machines and bridges. */
  static List<String> namespaces(Topology topology) {
    List<String> namespaces = new ArrayList<>(List.of(BRIDGES));
    topology.machines().forEach(machine -> namespaces.add(machine.namespace()));
    return namespaces;
  }

  static void addNamespace(String namespace) {
    Run.ok("ip", "netns", "add", namespace);
    Run.ip(namespace, List.of("link set lo up"));
  }

  private void plug(Topology.Cable cable) {
    boolean leftIsBridge = topology.bridges().contains(cable.left().node());
    Topology.Port machine = leftIsBridge ? cable.right() : cable.left();
    Topology.Port other = leftIsBridge ? cable.left() : cable.right();
    boolean toBridge = topology.bridges().contains(other.node());
    String near = topology.machine(machine.node()).namespace();
    String far = toBridge ? BRIDGES : topology.machine(other.node()).namespace();
    Run.ip(
        near,
        List.of(
            "link add %s type veth peer name %s netns %s"
                .formatted(machine.networkInterface(), other.networkInterface(), far),
            "link set %s up".formatted(machine.networkInterface())));
    List<String> farEnd = new ArrayList<>();
    if (toBridge) {
      farEnd.add("link set %s master %s".formatted(other.networkInterface(), other.node()));
    }
    farEnd.add("link set %s up".formatted(other.networkInterface()));
    Run.ip(far, farEnd);
  }

  private static void configure(Topology.Machine machine) {
    machine
        .sysctls()
        .forEach((name, value) -> Run.in(machine.namespace(), "sysctl", "-qw", name + "=" + value));
  }

  /** Runs the commands of the topology file, each machine's in order. */
  void runCommands() {
    for (Topology.Machine machine : topology.machines()) {
      for (String command : machine.commands()) {
        Run run = Run.of(command(machine, List.of(command.split(" +", -1))));
        if (run.status() != 0) {
          throw new LabException(
              "%s: node %s: '%s' ended with status %d: %s",
              topology.file(), machine.name(), command, run.status(), run.output().strip());
        }
      }
    }
  }

  /**
   * The command that runs {@code words} on a machine: in its network namespace and, where it has
   * binds, with those mounted for that command alone.
   */
  List<String> command(Topology.Machine machine, List<String> words) {
    Map<String, String> mounts = new LinkedHashMap<>();
    for (Topology.Bind bind : machine.binds()) {
      Path source = topology.file().toAbsolutePath().resolveSibling(bind.source());
      if (source.toFile().exists()) {
        mounts.put(bind.target(), source.toString());
      }
    }
    if (mounts.isEmpty()) {
      return Run.inNamespace(machine.namespace(), words);
    }
    List<String> wrapped =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "while [ \"$1\" != -- ]; do mkdir -p \"$2\"; mount --bind \"$1\" \"$2\" || exit 1;"
                    + " shift 2; done; shift; exec \"$@\"",
                "sh"));
    mounts.forEach(
        (target, source) -> {
          wrapped.add(source);
          wrapped.add(target);
        });
    wrapped.add("--");
    wrapped.addAll(words);
    return Run.inNamespace(machine.namespace(), wrapped);
  }
}
