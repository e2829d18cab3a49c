package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.UsageReport;
import dev.manul.model.AgentStatus;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPPeer;
import dev.manul.model.Condition;
import dev.manul.model.GlobalNetworkPolicy;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.KubernetesNetworkPolicy;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl status}: the cluster at a glance. */
@Command(
    name = "status",
    header = "Shows the cluster at a glance: nodes, pools, BGP, endpoints, policies, this agent.",
    footer = {
      "",
      "A node is well when its agent has reported and no condition says otherwise. Exits with 1 when",
      "a node is not, or this node's agent is not ready. With --watch that is so of the last showing;",
      "with -o json each showing is one line then.",
      "",
      "Examples:",
      "  manulctl status -o json | jq .nodes",
      "  manulctl status --watch --interval 5"
    })
final class StatusCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final Root root;

  @Mixin final PsOrJson output = new PsOrJson();

  @Option(names = "--watch", description = "Show it again whenever something has changed.")
  boolean watch;

  @Mixin final Repeat repeat = new Repeat();

  private final List<String> problems = new ArrayList<>();

  StatusCommand(Root root) {
    this.root = root;
  }

  /** A node that is not well, and why. */
  private record Trouble(String node, String reason) {}

  /** What is said of the cluster. */
  private record Glance(
      int nodes,
      List<Trouble> troubles,
      List<UsageReport.PoolUsage> pools,
      BGPConfiguration.Spec bgp,
      int peers,
      int endpoints,
      Map<String, Object> policies,
      Optional<AgentStatus> agent) {}

  @Override
  public Integer call() {
    Format format = output.format();
    repeat.check();
    if (!watch) {
      Glance glance = look();
      return show(glance, format == Format.JSON ? Json.text(tree(glance)) : text(glance));
    }
    String before = "";
    int code = ExitCode.OK;
    int shown = 0;
    do {
      Glance glance = look();
      String now = format == Format.JSON ? Json.compact(tree(glance)) + "\n" : text(glance);
      if (!now.equals(before)) {
        String between = format == Format.JSON ? "" : Repeat.between(shown == 0);
        code = show(glance, between + now);
        shown++;
        before = now;
      }
    } while (repeat.goesOn(shown) && repeat.pause());
    return code;
  }

  private Glance look() {
    problems.clear();
    try (Datastore datastore = Stores.existing(root)) {
      return look(datastore);
    }
  }

  private int show(Glance glance, String text) {
    Terminal terminal = root.terminal();
    terminal.out().print(text);
    terminal.out().flush();
    problems.forEach(terminal.err()::println);
    boolean ready = glance.agent().map(AgentStatus::ready).orElse(true);
    return problems.isEmpty() && glance.troubles().isEmpty() && ready
        ? ExitCode.OK
        : ExitCode.FAILED;
  }

  private Glance look(Datastore datastore) {
    List<Node> nodes = list(datastore, Node.KIND);
    List<Trouble> troubles = new ArrayList<>();
    for (Node node : nodes) {
      trouble(node).ifPresent(why -> troubles.add(new Trouble(node.metadata().name(), why)));
    }
    return new Glance(
        nodes.size(),
        troubles,
        new Ipam(datastore, root.terminal().clock()).usage().pools(),
        datastore
            .get(BGPConfiguration.KIND, Key.of(BGPConfiguration.DEFAULT_NAME))
            .map(BGPConfiguration::spec)
            .orElse(BGPConfiguration.Spec.DEFAULT),
        list(datastore, BGPPeer.KIND).size(),
        list(datastore, WorkloadEndpoint.KIND).size(),
        Json.object(
            "NetworkPolicy",
            list(datastore, NetworkPolicy.KIND).size(),
            "GlobalNetworkPolicy",
            list(datastore, GlobalNetworkPolicy.KIND).size(),
            "KubernetesNetworkPolicy",
            list(datastore, KubernetesNetworkPolicy.KIND).size()),
        agent());
  }

  private <R extends Resource> List<R> list(Datastore datastore, Kind<R> kind) {
    Listing<R> listing = datastore.list(kind, Selection.ALL);
    listing.problems().forEach(problem -> problems.add(Main.oneLine(problem)));
    return listing.items();
  }

  private static Optional<String> trouble(Node node) {
    boolean reported = false;
    for (Condition condition : node.status().conditions()) {
      reported |= condition.type().equals("BlocksReachable");
      boolean well =
          switch (condition.type()) {
            case "BlocksReachable", "EncapsulationAvailable", "Ready" ->
                condition.status().equals("True");
            case "NetworkUnavailable" -> !condition.status().equals("True");
            default -> true;
          };
      if (!well) {
        String why = condition.message().isEmpty() ? condition.reason() : condition.message();
        return Optional.of(condition.type() + " is " + condition.status() + ": " + why);
      }
    }
    return reported ? Optional.empty() : Optional.of("its agent has not reported yet");
  }

  /** This node's agent; empty where none answers, as on an administrator's machine. */
  private Optional<AgentStatus> agent() {
    try {
      return Optional.of(AgentReader.read(new AgentClient(root.agentSocket(), LIMIT)));
    } catch (CommandFailure away) {
      return Optional.empty();
    }
  }

  private String text(Glance glance) {
    StringBuilder text = new StringBuilder();
    int well = glance.nodes() - glance.troubles().size();
    line(text, "Nodes:", glance.nodes() + ", " + well + " of them well");
    glance.troubles().forEach(one -> line(text, "", one.node() + ": " + one.reason()));
    line(text, "Pools:", String.valueOf(glance.pools().size()));
    for (UsageReport.PoolUsage pool : glance.pools()) {
      String use = pool.inUse() + " of " + pool.total() + " addresses in use";
      String off = pool.disabled() ? ", disabled" : "";
      line(text, "", pool.name() + " " + pool.cidr() + ": " + use + off);
    }
    String mesh = glance.bgp().nodeToNodeMeshEnabled() ? "node-to-node mesh" : "no mesh";
    line(
        text,
        "BGP:",
        "AS " + glance.bgp().asNumber() + ", " + mesh + ", " + glance.peers() + " BGPPeer");
    line(text, "Endpoints:", String.valueOf(glance.endpoints()));
    List<String> policies = new ArrayList<>();
    glance.policies().forEach((kind, count) -> policies.add(count + " " + kind));
    line(text, "Policies:", String.join(", ", policies));
    line(
        text,
        "This node:",
        glance.agent().map(StatusCommand::said).orElse("no agent on " + root.agentSocket()));
    return text.toString();
  }

  private static String said(AgentStatus agent) {
    String ready = agent.ready() ? "ready" : "not ready (see manulctl node status)";
    String said = agent.node() + ", " + agent.version() + ", " + ready;
    if (agent.sessions() != null) {
      said += "; " + up(agent) + " of " + agent.sessions().size() + " BGP sessions up";
    }
    if (agent.routes() != null) {
      said +=
          "; "
              + agent.routes().installed()
              + " of "
              + agent.routes().desired()
              + " routes installed";
    }
    return said;
  }

  private static long up(AgentStatus agent) {
    return agent.sessions().stream().filter(session -> session.state().equals("up")).count();
  }

  private static void line(StringBuilder text, String heading, String words) {
    text.append("%-11s %s\n".formatted(heading, words));
  }

  private static Map<String, Object> tree(Glance glance) {
    return Json.object(
        "nodes",
        Json.object(
            "count",
            glance.nodes(),
            "troubles",
            glance.troubles().stream()
                .map(one -> Json.object("node", one.node(), "reason", one.reason()))
                .toList()),
        "pools",
        glance.pools().stream()
            .map(
                pool ->
                    Json.object(
                        "name",
                        pool.name(),
                        "cidr",
                        pool.cidr(),
                        "disabled",
                        pool.disabled(),
                        "total",
                        pool.total(),
                        "inUse",
                        pool.inUse()))
            .toList(),
        "bgp",
        Json.object(
            "asNumber",
            glance.bgp().asNumber(),
            "nodeToNodeMeshEnabled",
            glance.bgp().nodeToNodeMeshEnabled(),
            "peers",
            glance.peers()),
        "endpoints",
        glance.endpoints(),
        "policies",
        glance.policies(),
        "agent",
        glance
            .agent()
            .map(
                agent ->
                    Json.object(
                        "node", agent.node(), "version", agent.version(), "ready", agent.ready()))
            .orElse(null));
  }
}
