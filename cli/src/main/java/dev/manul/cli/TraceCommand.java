package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code manulctl trace}: the way between two pods, hop by hop. */
@Command(
    name = "trace",
    header = "Follows the way between two pods hop by hop and names the hop that is broken.",
    description = {
      "Each agent answers for its own node: this node's agent for its part, those of --agent for",
      "theirs, and in a cluster those of both pods' nodes, by kubectl exec. What nobody could be",
      "asked about is said. Unless --no-probe is given, the way is also tried: by an echo request, or",
      "a connection to --to-port, from within the first pod."
    },
    footer = {
      "",
      "Exit codes: 0 reaches, 1 failed, 2 wrong usage, 3 not reachable,",
      "5 nothing broken, but not the whole way was seen, 6 a hop is broken.",
      "",
      "Examples:",
      "  manulctl trace default/client default/web --to-port 80",
      "  manulctl trace client web -n prod --agent /tmp/node-b.sock -o json | jq .broken"
    })
final class TraceCommand implements Callable<Integer> {
  private final Root root;

  @Parameters(
      index = "0",
      paramLabel = "POD|IP",
      description = "The pod that sends, NAMESPACE/NAME or NAME, or its address.")
  String from;

  @Parameters(
      index = "1",
      paramLabel = "POD|IP",
      description = "The pod or address that it sends to; of a service one of its pods.")
  String to;

  @Mixin final FlowOptions flow = new FlowOptions();
  @Mixin final Namespaces namespaces;
  @Mixin final Agents agents;
  @Mixin final Agents.Patience patienceOfAgents = new Agents.Patience();

  @Option(names = "--no-probe", description = "Only look; send nothing.")
  boolean noProbe;

  @Mixin final PsOrJson output = new PsOrJson();

  TraceCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
    this.agents = new Agents(root);
  }

  @Override
  public Integer call() {
    Format format = output.format();
    FlowOptions.Chosen chosen = flow.chosen();
    Duration limit = patienceOfAgents.limit();
    boolean pods = StoreChoice.of(root) instanceof StoreChoice.Cluster;
    Trace trace;
    FlowEnd source;
    FlowEnd destination;
    try (Datastore datastore = Stores.existing(root)) {
      String namespace = namespaces.of(Pod.KIND);
      source = FlowEnd.find(datastore, pods, from, namespace);
      destination = FlowEnd.find(datastore, pods, to, namespace);
      Set<String> nodes = Set.copyOf(List.of(source.node(), destination.node()));
      trace =
          Tracer.of(datastore, agents.find(limit, nodes), !noProbe)
              .trace(source, destination, chosen);
    }
    TraceView view = new TraceView(trace, FlowEnd.commonFamily(source, destination));
    root.terminal().out().print(format == Format.JSON ? Json.text(view.tree()) : view.text());
    return trace.exitCode();
  }
}
