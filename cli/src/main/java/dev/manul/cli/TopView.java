package dev.manul.cli;

import dev.manul.model.AgentStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Two looks at agents, as tables and for programs. */
record TopView(List<NodeSample> before, List<NodeSample> now, Times times) {

  private static final String IN = "messagesIn";
  private static final String OUT = "messagesOut";
  private static final String UPDATES_IN = "updatesIn";
  private static final String UPDATES_OUT = "updatesOut";

  /** A table of nodes and one of their sessions. */
  String text() {
    Table nodes =
        new Table(
            List.of("NODE", "READY", "SESSIONS", "ROUTES", "REPAIRED", "UPDATES IN/S", "OUT/S"));
    Table peers =
        new Table(
            List.of("NODE", "PEER", "STATE", "SINCE", "RECEIVED", "ADVERTISED", "IN/S", "OUT/S"));
    for (NodeSample sample : now) {
      AgentStatus.Routes routes = sample.status().routes();
      nodes.add(
          List.of(
              sample.node(),
              sample.status().ready() ? "yes" : "no",
              sample.sessionsUp() + "/" + sample.peers().size(),
              routes == null ? "-" : routes.installed() + "/" + routes.desired(),
              routes == null ? "-" : String.valueOf(routes.repaired()),
              rate(total(sample, UPDATES_IN)),
              rate(total(sample, UPDATES_OUT))));
      for (Map<?, ?> peer : sample.peers()) {
        String address = BgpQuestion.text(peer, "address");
        peers.add(
            List.of(
                sample.node(),
                address,
                BgpQuestion.text(peer, "state"),
                times.ago(BgpQuestion.text(peer, "since")),
                BgpQuestion.text(peer, "prefixesReceived"),
                BgpQuestion.text(peer, "prefixesAdvertised"),
                rate(rate(sample, address, UPDATES_IN)),
                rate(rate(sample, address, UPDATES_OUT))));
      }
    }
    return nodes.text() + peers.text().stripTrailing() + "\n";
  }

  private static String rate(double rate) {
    return String.format(Locale.ROOT, "%.1f", rate);
  }

  private double rate(NodeSample sample, String address, String name) {
    return before.stream()
        .filter(earlier -> earlier.node().equals(sample.node()))
        .mapToDouble(earlier -> sample.rate(earlier, address, name))
        .findFirst()
        .orElse(0);
  }

  private double total(NodeSample sample, String name) {
    return sample.peers().stream()
        .mapToDouble(peer -> rate(sample, BgpQuestion.text(peer, "address"), name))
        .sum();
  }

  Map<String, Object> tree() {
    List<Object> nodes = new ArrayList<>();
    for (NodeSample sample : now) {
      AgentStatus.Routes routes = sample.status().routes();
      nodes.add(
          Json.object(
              "node",
              sample.node(),
              "ready",
              sample.status().ready(),
              "sessions",
              sample.peers().size(),
              "sessionsUp",
              sample.sessionsUp(),
              "routesDesired",
              routes == null ? null : routes.desired(),
              "routesInstalled",
              routes == null ? null : routes.installed(),
              "routesRepaired",
              routes == null ? null : routes.repaired(),
              "messagesInPerSecond",
              rounded(total(sample, IN)),
              "messagesOutPerSecond",
              rounded(total(sample, OUT)),
              "updatesInPerSecond",
              rounded(total(sample, UPDATES_IN)),
              "updatesOutPerSecond",
              rounded(total(sample, UPDATES_OUT)),
              "peers",
              sample.peers().stream().map(peer -> tree(sample, peer)).toList()));
    }
    return Json.object("time", times.clock().instant().toString(), "nodes", nodes);
  }

  private Map<String, Object> tree(NodeSample sample, Map<?, ?> peer) {
    String address = BgpQuestion.text(peer, "address");
    return Json.object(
        "address",
        address,
        "state",
        BgpQuestion.text(peer, "state"),
        "since",
        BgpQuestion.text(peer, "since"),
        "prefixesReceived",
        sample.count(address, "prefixesReceived"),
        "prefixesAdvertised",
        sample.count(address, "prefixesAdvertised"),
        "messagesInPerSecond",
        rounded(rate(sample, address, IN)),
        "messagesOutPerSecond",
        rounded(rate(sample, address, OUT)),
        "updatesInPerSecond",
        rounded(rate(sample, address, UPDATES_IN)),
        "updatesOutPerSecond",
        rounded(rate(sample, address, UPDATES_OUT)));
  }

  private static double rounded(double rate) {
    return Math.round(rate * 10) / 10.0;
  }
}
