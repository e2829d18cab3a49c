package dev.manul.e2e.kind;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.e2e.LabException;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.lab.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * The cluster that {@code e2e/kind/cluster up} made, by the programs a user would take.
 *
 * @param root the project's root
 * @param kubectl the program
 * @param kubeconfig how it reaches the cluster
 */
record Cluster(Path root, Path kubectl, Path kubeconfig) {

  /** The namespace of the pods that are tested with. */
  static final String NAMESPACE = "manul-test";

  /** The host behind the router that knows nothing of pods. */
  static final String OUTSIDE = "192.0.2.1";

  private static final String OUTSIDE_NAMESPACE = "manul-kind-outside";
  private static final String ROUTER_NAMESPACE = "manul-kind-gw0";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A node of the cluster, which is a container of docker. */
  record Node(String name, String address, boolean ready, boolean networkAvailable) {}

  /** A pod that is tested with. */
  record Pod(String name, String node, String address, boolean ready) {}

  static Cluster open(KubeBinaries binaries) {
    Path kubeconfig = binaries.root().resolve(".cache/kind/kubeconfig");
    if (!Files.isReadable(kubeconfig)) {
      throw new LabException("%s: no such file; ./dev kind up makes a cluster", kubeconfig);
    }
    return new Cluster(binaries.root(), binaries.program("kubectl"), kubeconfig);
  }

  /** The command that runs kubectl. */
  List<String> kubectlCommand(List<String> arguments) {
    List<String> command =
        new ArrayList<>(List.of(kubectl.toString(), "--kubeconfig", kubeconfig.toString()));
    command.addAll(arguments);
    return command;
  }

  Run kubectl(String... arguments) {
    return Run.of(kubectlCommand(List.of(arguments)));
  }

  JsonNode get(String... arguments) {
    List<String> words = new ArrayList<>(List.of("get", "-o", "json"));
    words.addAll(List.of(arguments));
    String output = Run.of(kubectlCommand(words)).orThrow().output();
    try {
      return JSON.readTree(output);
    } catch (JsonProcessingException e) {
      throw new LabException("kubectl get %s: %s", arguments[0], e.getOriginalMessage());
    }
  }

  /** The command that runs a command in a pod. */
  List<String> podCommand(String pod, List<String> command) {
    List<String> words = new ArrayList<>(List.of("-n", NAMESPACE, "exec", pod, "--"));
    words.addAll(command);
    return kubectlCommand(words);
  }

  Run inPod(String pod, String... command) {
    return Run.of(podCommand(pod, List.of(command)));
  }

  Run onNode(String node, String... command) {
    List<String> words = new ArrayList<>(List.of("docker", "exec", node));
    words.addAll(List.of(command));
    return Run.of(words);
  }

  Run outside(String... command) {
    return Run.of(Run.inNamespace(OUTSIDE_NAMESPACE, List.of(command)));
  }

  Run onRouter(String... command) {
    return Run.of(Run.inNamespace(ROUTER_NAMESPACE, List.of(command)));
  }

  List<Node> nodes() {
    return items(get("nodes")).stream()
        .map(
            item ->
                new Node(
                    item.at("/metadata/name").asText(),
                    address(item),
                    condition(item, "Ready").equals("True"),
                    !condition(item, "NetworkUnavailable").equals("True")))
        .toList();
  }

  List<Pod> pods() {
    return items(get("-n", NAMESPACE, "pods", "-l", "app=web")).stream()
        .filter(item -> item.at("/metadata/deletionTimestamp").isMissingNode())
        .map(
            item ->
                new Pod(
                    item.at("/metadata/name").asText(),
                    item.at("/spec/nodeName").asText(),
                    item.at("/status/podIP").asText(),
                    condition(item, "Ready").equals("True")))
        .sorted(Comparator.comparing(Pod::name))
        .toList();
  }

  static List<JsonNode> items(JsonNode list) {
    return StreamSupport.stream(list.path("items").spliterator(), false).toList();
  }

  private static String address(JsonNode node) {
    for (JsonNode address : node.at("/status/addresses")) {
      if (address.path("type").asText().equals("InternalIP")) {
        return address.path("address").asText();
      }
    }
    return "";
  }

  /** A condition's status, or "" where there is none of the type. */
  private static String condition(JsonNode item, String type) {
    for (JsonNode condition : item.at("/status/conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("status").asText();
      }
    }
    return "";
  }
}
