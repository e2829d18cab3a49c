package dev.manul.e2e.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.e2e.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a lab keeps its files.
 *
 * <pre>
 *   lab.json               which topology, which agents, which pods
 *   datastore/             the cluster's state, which all agents share
 *   nodes/NODE/run/        the agent's control socket
 *   nodes/NODE/state/      what it keeps over a restart
 *   nodes/NODE/agent.log
 *   nodes/NODE/enter       runs a command on the machine
 * </pre>
 */
final class LabDirectory {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;

  LabDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * What {@code lab.json} holds.
   *
   * @param topology the topology file's path
   * @param agents the agents' process ids, by node
   * @param pods all pods
   */
  record State(String topology, Map<String, Agent> agents, List<Pod> pods) {}

  /**
   * An agent's process.
   *
   * @param pid its process id
   * @param readyMillis from its start until it called itself ready, or -1 while it has not
   */
  record Agent(long pid, long readyMillis) {}

  Path datastore() {
    return directory.resolve("datastore");
  }

  Path runDirectory(String node) {
    return directory.resolve("nodes").resolve(node).resolve("run");
  }

  Path controlSocket(String node) {
    return runDirectory(node).resolve("agent.sock");
  }

  Path stateDirectory(String node) {
    return directory.resolve("nodes").resolve(node).resolve("state");
  }

  Path log(String node) {
    return directory.resolve("nodes").resolve(node).resolve("agent.log");
  }

  Path entrance(String machine) {
    return directory.resolve("nodes").resolve(machine).resolve("enter");
  }

  void writeEntrance(String machine, String script) {
    try {
      Path file = entrance(machine);
      Files.createDirectories(file.getParent());
      Files.writeString(file, script);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void create(Topology topology) {
    try {
      Files.createDirectories(datastore());
      for (Topology.Machine node : topology.nodes()) {
        Files.createDirectories(runDirectory(node.name()));
        Files.createDirectories(stateDirectory(node.name()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void write(State state) {
    try {
      Path part = directory.resolve("lab.json.part");
      JSON.writerWithDefaultPrettyPrinter().writeValue(part.toFile(), state);
      Files.move(part, stateFile(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<State> read() {
    if (!Files.exists(stateFile())) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(stateFile().toFile(), State.class));
    } catch (IOException e) {
      throw new LabException("%s: %s", stateFile(), e.getMessage());
    }
  }

  private Path stateFile() {
    return directory.resolve("lab.json");
  }

  /** Removes everything. */
  void delete() {
    Run.ok("rm", "-rf", directory.toString());
  }
}
