package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPPool;
import dev.manul.model.Node;
import dev.manul.model.NodeTrace;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Asks the agents of both ends for their part of a way. */
final class Tracer {
  private final Agents.Found agents;
  private final Map<String, Node> nodes;
  private final List<IPPool> pools;
  private final boolean probe;

  private Tracer(Agents.Found agents, Map<String, Node> nodes, List<IPPool> pools, boolean probe) {
    this.agents = agents;
    this.nodes = nodes;
    this.pools = pools;
    this.probe = probe;
  }

  /**
   * A tracer.
   *
   * @param probe whether the way is tried as well
   */
  static Tracer of(Datastore datastore, Agents.Found agents, boolean probe) {
    Map<String, Node> nodes = new LinkedHashMap<>();
    datastore
        .list(Node.KIND, Selection.ALL)
        .items()
        .forEach(node -> nodes.put(node.metadata().name(), node));
    return new Tracer(agents, nodes, datastore.list(IPPool.KIND, Selection.ALL).items(), probe);
  }

  /** Traces a flow. */
  Trace trace(FlowEnd source, FlowEnd destination, FlowOptions.Chosen flow) {
    AddressFamily family = FlowEnd.commonFamily(source, destination);
    Address from = source.address(family).orElseThrow();
    Address to = destination.address(family).orElseThrow();
    Set<String> where = new LinkedHashSet<>();
    for (FlowEnd end : List.of(source, destination)) {
      if (!end.node().isEmpty()) {
        where.add(end.node());
      }
    }
    if (where.isEmpty()) {
      throw CommandFailure.failed(
          "neither " + source.name() + " nor " + destination.name() + " is a pod of the cluster");
    }
    String query = query(source, destination, flow);
    Map<String, List<TracedHop>> answers = new LinkedHashMap<>();
    List<String> unseen = new ArrayList<>();
    for (String node : where) {
      boolean sends = node.equals(source.node());
      Optional<String> silence =
          ask(node, query + "&probe=" + (probe && sends ? "also" : "no"), answers);
      silence.ifPresent(
          why -> {
            unseen.add("node " + node + ": " + why);
            answers.put(node, withoutAgent(node, sends, from, to, source, destination));
          });
    }
    return Trace.of(source, destination, flow.text(), answers, unseen);
  }

  /**
   * What came of a probe alone.
   *
   * @param status of {@link NodeTrace}
   */
  record Tried(String status, String summary) {}

  /** Has the agent of the source's node, which must be one that answers, try the way. */
  Tried attempt(FlowEnd source, FlowEnd destination, FlowOptions.Chosen flow) {
    Map<String, List<TracedHop>> answers = new LinkedHashMap<>();
    Optional<String> silence =
        ask(source.node(), query(source, destination, flow) + "&probe=only", answers);
    return answers.getOrDefault(source.node(), List.of()).stream()
        .filter(TracedHop::isProbe)
        .findFirst()
        .map(hop -> new Tried(hop.status(), hop.summary()))
        .orElseGet(
            () ->
                new Tried(
                    NodeTrace.UNSEEN,
                    silence.orElse("the agent does not know the pod's network namespace")));
  }

  private static String query(FlowEnd source, FlowEnd destination, FlowOptions.Chosen flow) {
    AddressFamily family = FlowEnd.commonFamily(source, destination);
    return "/v1/trace?source="
        + encoded(source.address(family).orElseThrow().text())
        + "&destination="
        + encoded(destination.address(family).orElseThrow().text())
        + "&sourceNode="
        + encoded(source.node())
        + "&destinationNode="
        + encoded(destination.node())
        + "&protocol="
        + encoded(flow.protocol())
        + flow.port().map(port -> "&port=" + port).orElse("");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Empty when the agent has answered; else why not. */
  private Optional<String> ask(String node, String query, Map<String, List<TracedHop>> answers) {
    AgentClient agent = agents.byNode().get(node);
    if (agent == null) {
      String silent = String.join("; ", agents.silent());
      return Optional.of(
          nodes.containsKey(node) && LocalLook.isHere(nodes.get(node)) && !silent.isEmpty()
              ? silent
              : "its agent answers on its own machine only; run the same command there, bring its"
                  + " socket here and name it with --agent, or ask through the Kubernetes API"
                  + (silent.isEmpty() ? "" : " (" + silent + ")"));
    }
    try {
      Map<?, ?> answer = BgpQuestion.tree(agent.get(query));
      answers.put(
          node,
          BgpQuestion.objects(answer, "hops").stream()
              .map(hop -> TracedHop.of(node, hop))
              .toList());
      return Optional.empty();
    } catch (CommandFailure failed) {
      return Optional.of(failed.getMessage());
    }
  }

  /** What this program sees itself, where the silent node is the one it runs on. */
  private List<TracedHop> withoutAgent(
      String node, boolean sends, Address from, Address to, FlowEnd source, FlowEnd destination) {
    Node self = nodes.get(node);
    if (self == null || !LocalLook.isHere(self)) {
      return List.of();
    }
    Node other = nodes.get(sends ? destination.node() : source.node());
    return new LocalLook(node, self, Optional.ofNullable(other), pools)
        .hops(sends, sends ? to : from);
  }
}
