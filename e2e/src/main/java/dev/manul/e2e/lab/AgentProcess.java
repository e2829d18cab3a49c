package dev.manul.e2e.lab;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Starts and looks at the process of a node's agent. */
final class AgentProcess {

  private static final double KIB_PER_MIB = 1024.0;

  private AgentProcess() {}

  /** What a node's agent, and manulctl beside it, find in their environment. */
  static Map<String, String> environment(
      LabDirectory directory, ClusterStore store, Topology.Machine node) {
    Map<String, String> environment = new TreeMap<>(node.environment());
    environment.put("NODENAME", node.name());
    environment.putAll(store.environment());
    environment.put("MANUL_RUN_DIR", directory.runDirectory(node.name()).toString());
    environment.put("MANUL_STATE_DIR", directory.stateDirectory(node.name()).toString());
    return environment;
  }

  /** Starts the agent of a node, in a session of its own so that it outlives this process. */
  static ProcessHandle start(
      LabDirectory directory, ClusterStore store, Topology.Machine node, Path program) {
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(Run.inNamespace(node.namespace(), List.of(program.toString())));
    var builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(Redirect.appendTo(directory.log(node.name()).toFile()))
            .redirectErrorStream(true);
    builder.environment().putAll(environment(directory, store, node));
    try {
      return builder.start().toHandle();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The resident memory of a process, in MiB; 0 when it is gone. */
  static double residentMiB(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .mapToDouble(kib -> Long.parseLong(kib) / KIB_PER_MIB)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
