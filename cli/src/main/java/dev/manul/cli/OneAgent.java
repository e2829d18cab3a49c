package dev.manul.cli;

import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Option;

/** The one agent that a command asks: this node's, or another of the cluster's. */
final class OneAgent {
  private final Root root;

  @Option(
      names = "--node",
      paramLabel = "NODE",
      description = "Asks the agent of this node of the cluster, through the Kubernetes API.")
  String node;

  OneAgent(Root root) {
    this.root = root;
  }

  AgentClient client(Duration limit) {
    return new AgentClient(line(), limit);
  }

  private AgentLine line() {
    if (node == null) {
      return new SocketLine(root.agentSocket());
    }
    if (!(StoreChoice.of(root) instanceof StoreChoice.Cluster cluster)) {
      throw CommandFailure.usage(
          "--node asks through the Kubernetes API, and the datastore is one of files; run the command"
              + " on node "
              + node);
    }
    if (!Kubectl.of(root, cluster).isThere()) {
      throw CommandFailure.unreachable("kubectl is not there, by which an agent's pod is asked");
    }
    Map<String, RelayLine> lines = AgentPods.lines(root, cluster);
    if (!lines.containsKey(node)) {
      throw CommandFailure.unreachable("no agent's pod runs on node " + node);
    }
    return lines.get(node);
  }
}
