package dev.manul.e2e.kind;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Run;
import dev.manul.model.AgentStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who has a kubeconfig, kubectl and manulctl, and is on none of the cluster's nodes. */
final class Administrator {
  private static final Pattern REACHED = Pattern.compile("(\\d+) paths \\(.*\\): (\\d+) reached");
  private static final Pattern SAVED = Pattern.compile("(?m)^Diags saved to (.*)$");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Cluster cluster;

  Administrator(Cluster cluster) {
    this.cluster = cluster;
  }

  private Run manulctl(List<String> words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "KUBECTL=" + cluster.kubectl(),
                cluster.root().resolve("dist/bin/manulctl").toString(),
                "--kubeconfig=" + cluster.kubeconfig()));
    command.addAll(words);
    return Run.of(command);
  }

  /** What a node's agent has carried in UDP and dropped, or why it does not say so. */
  String carried(Cluster.Node node) {
    String output = status(node).output();
    try {
      return JSON.readValue(output, AgentStatus.class).carried().toString();
    } catch (JsonProcessingException e) {
      return output.strip();
    }
  }

  /** What a node's agent says of itself, in JSON, or why it does not. */
  private Run status(Cluster.Node node) {
    return manulctl(List.of("node", "status", "--node=" + node.name(), "-o", "json"));
  }

  /** Asks each node's agent how it is. */
  KindReport.Check asksAgents(List<Cluster.Node> nodes) {
    List<String> failures = new ArrayList<>();
    for (Cluster.Node node : nodes) {
      Run run = status(node);
      if (run.status() != 0 || !run.output().contains("\"" + node.name() + "\"")) {
        failures.add(node.name() + ": " + run.output().strip());
      }
    }
    return new KindReport.Check(
        "manulctl outside > agent", nodes.size(), nodes.size() - failures.size(), failures);
  }

  /** Has the agents try every path between the pods. */
  KindReport.Check triesPaths(List<Cluster.Pod> pods) {
    int paths = pods.size() * (pods.size() - 1);
    Run run = manulctl(List.of("connectivity", "test", "--namespace=" + Cluster.NAMESPACE));
    Matcher said = REACHED.matcher(run.output());
    boolean all = run.status() == 0 && said.find() && Integer.parseInt(said.group(1)) == paths;
    return new KindReport.Check(
        "manulctl connectivity test",
        paths,
        all ? Integer.parseInt(said.group(2)) : 0,
        all ? List.of() : List.of(run.output().strip()));
  }

  /** Traces the way between two pods, of which both nodes' agents have to tell their part. */
  KindReport.Check traces(List<Cluster.Pod> pods) {
    String prefix = Cluster.NAMESPACE + "/";
    Run run =
        manulctl(List.of("trace", prefix + pods.getFirst().name(), prefix + pods.getLast().name()));
    return new KindReport.Check(
        "manulctl trace",
        1,
        run.status() == 0 ? 1 : 0,
        run.status() == 0 ? List.of() : List.of(run.output().strip()));
  }

  /** Collects what somebody far away would want, each node's own part included. */
  KindReport.Check collects(List<Cluster.Node> nodes) {
    Run run = manulctl(List.of("cluster", "diags"));
    Matcher saved = SAVED.matcher(run.output());
    if (run.status() != 0 || !saved.find()) {
      return new KindReport.Check(
          "manulctl cluster diags", nodes.size(), 0, List.of(run.output().strip()));
    }
    Path archive = Path.of(saved.group(1));
    List<String> names = Run.of(List.of("tar", "-tzf", archive.toString())).orThrow().lines();
    try {
      Files.delete(archive);
    } catch (IOException e) {
      throw new LabException("%s cannot be deleted: %s", archive, e.getMessage());
    }
    List<String> missing = new ArrayList<>();
    for (Cluster.Node node : nodes) {
      String part = "/nodes/" + node.name() + "/";
      if (names.stream().noneMatch(name -> name.endsWith(part + "diags.tar.gz"))
          || names.stream().noneMatch(name -> name.endsWith(part + "agent.log"))) {
        missing.add(part);
      }
    }
    if (!missing.isEmpty()) {
      missing.add(run.output().strip());
    }
    return new KindReport.Check(
        "manulctl cluster diags",
        nodes.size(),
        Math.max(0, nodes.size() - Math.max(0, missing.size() - 1)),
        missing);
  }
}
