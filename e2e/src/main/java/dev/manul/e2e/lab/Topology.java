package dev.manul.e2e.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * What a topology file says, as far as a lab goes by it.
 *
 * @param name the lab's name
 * @param file the file it was read from
 * @param bridges the names of the bridges
 * @param machines all nodes that are not bridges, in the file's order
 * @param links the cables
 */
public record Topology(
    String name, Path file, List<String> bridges, List<Machine> machines, List<Cable> links) {

  /** The group of the nodes that run an agent. */
  static final String NODE_GROUP = "node";

  public Topology {
    bridges = List.copyOf(bridges);
    machines = List.copyOf(machines);
    links = List.copyOf(links);
  }

  /**
   * A network namespace of its own.
   *
   * @param group {@code node} where an agent runs
   * @param labels given to the node's resource
   * @param environment what its agent finds in its environment
   * @param sysctls kernel variables, by dotted name
   * @param binds files or directories of the host that its commands see elsewhere
   * @param commands run one after the other once its links are up
   */
  public record Machine(
      String name,
      String group,
      Map<String, String> labels,
      Map<String, String> environment,
      Map<String, String> sysctls,
      List<Bind> binds,
      List<String> commands) {

    public Machine {
      labels = Map.copyOf(labels);
      environment = Map.copyOf(environment);
      sysctls = Map.copyOf(sysctls);
      binds = List.copyOf(binds);
      commands = List.copyOf(commands);
    }

    public boolean runsAgent() {
      return group.equals(NODE_GROUP);
    }

    /** The network namespace's name. */
    public String namespace() {
      return Fabric.PREFIX + name;
    }
  }

  /** A path of the host, relative to the topology file, and where a machine's commands see it. */
  public record Bind(String source, String target) {}

  /** One end of a cable: a node's name and the interface's name there. */
  public record Port(String node, String networkInterface) {}

  /** A cable between two ports. */
  public record Cable(Port left, Port right) {}

  /** A file that belongs to the topology, in the directory beside it that is named as it is. */
  Path beside(String name) {
    String own = file.getFileName().toString().replace(".clab.yaml", "");
    return file.resolveSibling(own).resolve(name);
  }

  /** The machines with an agent. */
  public List<Machine> nodes() {
    return machines.stream().filter(Machine::runsAgent).toList();
  }

  /** The machine of that name; unknown names are an error that lists the known ones. */
  public Machine machine(String name) {
    return machines.stream()
        .filter(machine -> machine.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new NoSuchElementException(
                    "no node "
                        + name
                        + " in this lab; there are "
                        + String.join(", ", machines.stream().map(Machine::name).toList())));
  }
}
