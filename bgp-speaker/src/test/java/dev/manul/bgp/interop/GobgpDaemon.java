package dev.manul.bgp.interop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.bgp.interop.PeerPlan.Extension;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** GoBGP. Its routes of its own are given to it after its start, as nothing else is possible. */
final class GobgpDaemon extends PeerDaemon {
  private PeerPlan announced;

  GobgpDaemon(Lab lab, Lab.Host host, Installation installation) {
    super(lab, host, installation);
  }

  @Override
  String version() {
    return ask("gobgpd", "--version").strip().replace("gobgpd version ", "");
  }

  @Override
  void start(PeerPlan plan, boolean restarted) throws IOException {
    lab.file(file("toml"), configuration(plan));
    List<String> command =
        new ArrayList<>(List.of("gobgpd", "-f", lab.path(file("toml")).toString(), "--log-plain"));
    if (restarted) {
      command.add("--graceful-restart");
    }
    var _ = launch(file("log"), command);
    lab.eventually("GoBGP answers", () -> ask("gobgp", "global").contains("Router-ID"));
    plan.routes().forEach(r -> route("add", plan, r));
    announced = plan;
  }

  private static String configuration(PeerPlan plan) {
    StringBuilder text = new StringBuilder();
    text.append("[global.config]\n as = ").append(plan.asNumber());
    text.append("\n router-id = \"").append(plan.host().v4()).append("\"\n");
    for (PeerPlan.Neighbor neighbor : plan.neighbors()) {
      text.append("[[neighbors]]\n[neighbors.config]\n neighbor-address = \"");
      text.append(neighbor.address()).append("\"\n peer-as = ").append(neighbor.asNumber());
      neighbor.password().ifPresent(p -> text.append("\n auth-password = \"" + p + "\""));
      text.append("\n[neighbors.timers.config]\n connect-retry = 1\n hold-time = 9\n");
      text.append(" keepalive-interval = 3\n idle-hold-time-after-reset = 1\n");
      text.append("[neighbors.transport.config]\n local-address = \"");
      text.append(plan.local(neighbor)).append("\"\n");
      // GoBGP 4 dials on beside a session that is up, which looks like a restart (RFC 4724 section
      // 4.2).
      text.append(" passive-mode = true\n");
      boolean longLived = neighbor.has(Extension.LONG_LIVED_RESTART);
      if (plan.gracefulRestart()) {
        text.append("[neighbors.graceful-restart.config]\n enabled = true\n");
        text.append(longLived ? " long-lived-enabled = true\n" : "");
        text.append(" restart-time = ").append(longLived ? PeerPlan.RESTART_SECONDS : 60);
        text.append('\n');
      }
      if (neighbor.client()) {
        text.append("[neighbors.route-reflector.config]\n route-reflector-client = true\n");
        text.append(" route-reflector-cluster-id = \"").append(plan.host().v4()).append("\"\n");
      }
      for (String family : neighbor.families()) {
        text.append("[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\n afi-safi-name = \"");
        text.append(family).append("-unicast\"\n");
        if (plan.gracefulRestart()) {
          text.append("[neighbors.afi-safis.mp-graceful-restart.config]\n enabled = true\n");
        }
        if (longLived) {
          text.append(
              "[neighbors.afi-safis.long-lived-graceful-restart.config]\n enabled = true\n");
          text.append(" restart-time = ").append(PeerPlan.LONG_LIVED_SECONDS).append('\n');
        }
        if (neighbor.has(Extension.ADD_PATH)) {
          text.append("[neighbors.afi-safis.add-paths.config]\n receive = true\n send-max = 8\n");
        }
      }
    }
    return text.toString();
  }

  private void route(String verb, PeerPlan plan, PeerPlan.Route route) {
    List<String> command = new ArrayList<>(List.of("gobgp", "global", "rib", verb));
    command.addAll(List.of("-a", route.isV6() ? "ipv6" : "ipv4", route.prefix()));
    command.addAll(List.of("nexthop", plan.nextHop(route), "origin", "igp"));
    if (!route.communities().isEmpty()) {
      command.addAll(List.of("community", String.join(",", route.communities())));
    }
    if (!route.largeCommunities().isEmpty()) {
      command.addAll(List.of("large-community", String.join(",", route.largeCommunities())));
    }
    var _ = ask(command);
  }

  @Override
  void announceOnly(PeerPlan plan) {
    announced.routes().stream()
        .filter(r -> !plan.routes().contains(r))
        .forEach(r -> route("del", plan, r));
    plan.routes().stream()
        .filter(r -> !announced.routes().contains(r))
        .forEach(r -> route("add", plan, r));
    announced = plan;
  }

  @Override
  void askForRoutes(String neighbor) {
    var _ = ask("gobgp", "neighbor", neighbor, "softresetin");
  }

  @Override
  Optional<String> neverAsks() {
    return Optional.of("it announces the capability, but its soft reset asks nobody");
  }

  @Override
  List<SeenRoute> routes(String prefix) {
    List<SeenRoute> found = new ArrayList<>();
    String family = prefix.contains(":") ? "ipv6" : "ipv4";
    JsonNode answer = json("gobgp", "global", "rib", "-a", family, prefix, "-j");
    for (JsonNode paths : answer) {
      for (JsonNode path : paths) {
        // GoBGP 4 has another name for it; own routes have none, or an address that is nil.
        String from = path.path("neighbor-ip").asText() + path.path("peer-address").asText();
        if (from.matches("[0-9a-f.:]+")) {
          found.add(route(path));
        }
      }
    }
    return found;
  }

  private static SeenRoute route(JsonNode path) {
    String asPath = "";
    String nextHop = "";
    Set<String> communities = new LinkedHashSet<>();
    Set<String> large = new LinkedHashSet<>();
    String originator = "";
    List<String> clusters = new ArrayList<>();
    for (JsonNode attribute : path.path("attrs")) {
      JsonNode value = attribute.path("value");
      switch (attribute.path("type").asInt()) {
        case 2 -> {
          List<String> numbers = new ArrayList<>();
          attribute
              .path("as_paths")
              .forEach(s -> s.path("asns").forEach(n -> numbers.add(n.asText())));
          asPath = String.join(" ", numbers);
        }
        case 3, 14 -> nextHop = attribute.path("nexthop").asText();
        case 8 ->
            attribute
                .path("communities")
                .forEach(c -> communities.add((c.asLong() >>> 16) + ":" + (c.asLong() & 0xffff)));
        case 9 -> originator = value.asText();
        case 10 -> clusters.addAll(texts(value));
        case 32 ->
            value.forEach(
                c ->
                    large.add(
                        c.path("ASN").asText()
                            + ":"
                            + c.path("LocalData1").asText()
                            + ":"
                            + c.path("LocalData2").asText()));
        default -> {}
      }
    }
    return new SeenRoute(
        asPath,
        nextHop,
        communities,
        large,
        originator,
        clusters,
        "",
        path.path("stale").asBoolean());
  }
}
