package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.FlowExplanation;
import dev.manul.model.Pod;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl policy explain}: what becomes of a flow, and why. */
@Command(
    name = "explain",
    header = "Says whether a connection is allowed, which rule decides, and what was asked before.",
    description = {
      "Asks this node's agent, which decides about its own pods and host endpoints; of a pod on",
      "another node it says where to ask."
    },
    footer = {
      "",
      "Exit codes: 0 allowed, 1 failed, 2 wrong usage, 3 not reachable, 4 denied,",
      "5 not denied here, but another node decides as well.",
      "",
      "Examples:",
      "  manulctl policy explain --from default/client --to default/web --port 80",
      "  manulctl policy explain -n prod --from web --to 203.0.113.7 --protocol UDP --port 53"
    })
final class PolicyExplainCommand implements Callable<Integer> {
  private final Root root;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "POD|IP",
      description = "The pod, NAMESPACE/NAME or NAME, or the address that begins the connection.")
  String from;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "POD|IP",
      description = "The pod or address that it goes to; of a service one of its pods.")
  String to;

  @Option(
      names = "--port",
      paramLabel = "NUMBER",
      description = "The port it goes to; needed with TCP, UDP and SCTP.")
  Integer port;

  @Option(
      names = "--protocol",
      paramLabel = "PROTOCOL",
      defaultValue = "TCP",
      description = "TCP (default), UDP, SCTP, ICMP or a number.")
  String protocol;

  @Mixin final Namespaces namespaces;
  @Mixin final OneAgent agent;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text (default) or json.")
  String output;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How long to wait for the agent's answer (default 10).")
  int timeout;

  PolicyExplainCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
    this.agent = new OneAgent(root);
  }

  @Override
  public Integer call() {
    check();
    FlowEnd source;
    FlowEnd destination;
    boolean pods = StoreChoice.of(root) instanceof StoreChoice.Cluster;
    try (Datastore datastore = Stores.existing(root)) {
      String namespace = namespaces.of(Pod.KIND);
      source = FlowEnd.find(datastore, pods, from, namespace);
      destination = FlowEnd.find(datastore, pods, to, namespace);
    }
    AddressFamily family = FlowEnd.commonFamily(source, destination);
    String answer =
        agent
            .client(Duration.ofSeconds(timeout))
            .get(
                query(
                    source.address(family).orElseThrow(),
                    destination.address(family).orElseThrow()));
    var view = new PolicyExplainView(tree(answer), source, destination);
    root.terminal().out().print(output.equals("json") ? view.json() : view.text());
    return switch (view.verdict()) {
      case FlowExplanation.ALLOWED -> ExitCode.OK;
      case FlowExplanation.DENIED -> ExitCode.DENIED;
      default -> ExitCode.UNDECIDED;
    };
  }

  private void check() {
    if (timeout <= 0) {
      throw CommandFailure.usage("--timeout must be 1 or more seconds, not " + timeout);
    }
    if (!output.equals("text") && !output.equals("json")) {
      throw CommandFailure.usage("--output must be text or json, not " + output);
    }
    if (port == null && List.of("TCP", "UDP", "SCTP", "6", "17", "132").contains(upper())) {
      throw CommandFailure.usage("--port is needed with " + upper());
    }
  }

  private String upper() {
    return protocol.toUpperCase(Locale.ROOT);
  }

  private String query(Address source, Address destination) {
    return "/v1/policy/explain?source="
        + encoded(source.text())
        + "&destination="
        + encoded(destination.text())
        + "&protocol="
        + encoded(protocol)
        + Optional.ofNullable(port).map(number -> "&port=" + number).orElse("");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static Map<?, ?> tree(String answer) {
    try {
      List<Object> trees = ResourceText.parseTrees(answer, "the agent's answer");
      if (trees.size() == 1 && trees.getFirst() instanceof Map<?, ?> tree) {
        return tree;
      }
    } catch (MalformedTextException e) {
      throw CommandFailure.unreachable(Main.oneLine(e.getMessage()));
    }
    throw CommandFailure.unreachable("the agent's answer is not an explanation");
  }
}
