package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl connectivity test}: every path between pods, and where those that fail break. */
@Command(
    name = "test",
    header = "Tries every path between pods, and names the broken hop of those that fail.",
    description = {
      "A path is tried from within the pod that it begins at, by the agent of that pod's node, so",
      "that only agents which can be asked from here count: this node's, those of --agent, and in a",
      "cluster those of all nodes, by kubectl exec. Paths that begin elsewhere are listed as not",
      "tried. Without --create the pods that are there are used, of all namespaces",
      "unless -n is given. With it, containers of its own are attached by the CNI server of each",
      "agent that can be asked, in network namespaces made for that, and removed at the end."
    },
    footer = {
      "",
      "Exit codes: 0 all reached, 1 failed, 2 wrong usage, 3 not reachable,",
      "5 nothing failed, but not every path could be tried, 6 a path fails.",
      "",
      "Examples:",
      "  manulctl connectivity test -n prod --to-port 8080",
      "  manulctl connectivity test --create 2 --agent /run/node-b -o json"
    })
final class ConnectivityTestCommand implements Callable<Integer> {
  private final Root root;

  @Option(
      names = "--create",
      paramLabel = "NUMBER",
      description =
          "Attach so many containers to each node whose agent can be asked, for this test.")
  int create;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How long paths may take to work that do not at first (default 10).")
  int patience;

  @Mixin final FlowOptions flow = new FlowOptions();
  @Mixin final Namespaces namespaces;
  @Mixin final Agents agents;
  @Mixin final Agents.Patience patienceOfAgents = new Agents.Patience();

  @Mixin final PsOrJson output = new PsOrJson();

  ConnectivityTestCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
    this.agents = new Agents(root);
  }

  @Override
  public Integer call() {
    Format format = output.format();
    if (create < 0 || create > 100) {
      throw CommandFailure.usage("--create must be within 0 to 100, not " + create);
    }
    if (patience < 0) {
      throw CommandFailure.usage("--wait must be 0 or more seconds, not " + patience);
    }
    FlowOptions.Chosen chosen = flow.chosen();
    boolean cluster = StoreChoice.of(root) instanceof StoreChoice.Cluster;
    if (create > 0 && cluster) {
      throw CommandFailure.usage(
          "--create is for a datastore of files; on Kubernetes start pods with kubectl, and run this"
              + " without --create");
    }
    Agents.Found found = agents.find(patienceOfAgents.limit());
    if (found.byNode().isEmpty()) {
      throw CommandFailure.unreachable("no agent can be asked: " + found.silent().getFirst());
    }
    found.silent().forEach(this::progress);
    try (Datastore datastore = Stores.existing(root);
        TestContainers containers = new TestContainers(namespaces.of(Pod.KIND), this::progress)) {
      List<FlowEnd> ends = create > 0 ? containers.attach(found, create) : pods(datastore, cluster);
      PathMatrix matrix =
          new PathMatrix(
              Tracer.of(datastore, found, false), found.byNode().keySet(), chosen, this::progress);
      PathMatrix.Report report = matrix.run(ends, Duration.ofSeconds(patience));
      root.terminal().out().print(format == Format.JSON ? Json.text(report.tree()) : report.text());
      return report.exitCode();
    }
  }

  private List<FlowEnd> pods(Datastore datastore, boolean cluster) {
    List<FlowEnd> ends = new ArrayList<>();
    String prefix = namespaces.given() ? namespaces.of(Pod.KIND) + "/" : "";
    FlowEnd.list(datastore, cluster)
        .filter(end -> end.name().startsWith(prefix) && !end.addresses().isEmpty())
        .sorted(Comparator.comparing(FlowEnd::name))
        .forEach(ends::add);
    if (ends.size() < 2) {
      throw CommandFailure.failed(
          "there are fewer than two pods to test with; on a node with files --create makes some");
    }
    return ends;
  }

  private void progress(String line) {
    root.terminal().err().println(line);
  }
}
