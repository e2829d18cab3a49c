package dev.manul.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * kubectl, for what goes through the API and is no resource: logs, and programs in containers.
 *
 * @param command the program and whatever makes it speak to the same cluster
 * @param variables of its environment
 */
record Kubectl(List<String> command, Map<String, String> variables) {
  /** Where agents run, and the label of their pods. */
  static final String NAMESPACE = "kube-system";

  static final String LABEL = "k8s-app";
  static final String AGENT = "manul-node";

  Kubectl {
    command = List.copyOf(command);
    variables = Map.copyOf(variables);
  }

  static Kubectl of(Root root, StoreChoice.Cluster cluster) {
    List<String> command = new ArrayList<>();
    command.add(root.terminal().setting(null, "KUBECTL", "kubectl"));
    cluster.kubeconfig().ifPresent(config -> command.add("--kubeconfig=" + config));
    cluster.context().ifPresent(context -> command.add("--context=" + context));
    String config = root.connection().getOrDefault("KUBECONFIG", "");
    return new Kubectl(command, config.isEmpty() ? Map.of() : Map.of("KUBECONFIG", config));
  }

  /** Whether there is such a program. */
  boolean isThere() {
    String program = command.getFirst();
    return program.contains("/")
        ? Files.isExecutable(Path.of(program))
        : Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** The command line with these words. */
  List<String> with(List<String> words) {
    List<String> all = new ArrayList<>(command);
    all.addAll(words);
    return all;
  }
}
