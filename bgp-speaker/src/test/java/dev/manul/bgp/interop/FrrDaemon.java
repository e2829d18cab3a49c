package dev.manul.bgp.interop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.bgp.interop.PeerPlan.Extension;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** FRR's bgpd, with the zebra it wants for next hops. */
final class FrrDaemon extends PeerDaemon {
  private Process zebra;
  private PeerPlan announced;

  FrrDaemon(Lab lab, Lab.Host host, Installation installation) {
    super(lab, host, installation);
  }

  @Override
  String version() {
    return ask("/usr/lib/frr/bgpd", "--version")
        .lines()
        .findFirst()
        .orElse("")
        .replace("bgpd version ", "");
  }

  @Override
  void start(PeerPlan plan, boolean restarted) throws IOException {
    announced = plan;
    lab.file("zebra.conf", "hostname frr\nlog stdout\n");
    lab.file("bgpd.conf", configuration(plan));
    Lab.run("chown -R frr:frr " + lab.directory()); // they drop root, and make sockets there
    if (zebra == null) {
      zebra = lab.start(host, "zebra.log", installation.command(command("zebra")));
      lab.eventually("zebra listens", () -> Files.exists(lab.path("zserv.api")));
    }
    List<String> bgpd = new ArrayList<>(command("bgpd"));
    bgpd.add("-n"); // the kernel's routes are left alone
    var _ = launch(file("log"), bgpd);
    lab.eventually("bgpd answers", () -> vtysh("show bgp summary json").contains("routerId"));
  }

  private List<String> command(String name) {
    return List.of(
        "/usr/lib/frr/" + name,
        "-f",
        lab.path(name + ".conf").toString(),
        "-i",
        lab.path(name + ".pid").toString(),
        "-z",
        lab.path("zserv.api").toString(),
        "--vty_socket",
        lab.directory().toString(),
        "-P",
        "0",
        "--log",
        "stdout");
  }

  private static String configuration(PeerPlan plan) {
    StringBuilder text = new StringBuilder("frr defaults traditional\nhostname frr\nlog stdout\n");
    text.append("router bgp ").append(plan.asNumber()).append('\n');
    text.append(" bgp router-id ").append(plan.host().v4()).append('\n');
    text.append(" no bgp ebgp-requires-policy\n no bgp network import-check\n");
    if (plan.gracefulRestart()) {
      text.append(" bgp graceful-restart\n bgp graceful-restart preserve-fw-state\n");
    }
    if (plan.has(Extension.LONG_LIVED_RESTART)) {
      text.append(" bgp graceful-restart restart-time ").append(PeerPlan.RESTART_SECONDS);
      text.append("\n bgp long-lived-graceful-restart stale-time ");
      text.append(PeerPlan.LONG_LIVED_SECONDS).append('\n');
    }
    for (PeerPlan.Neighbor neighbor : plan.neighbors()) {
      text.append(neighbor(plan, neighbor));
    }
    for (String family : List.of("ipv4", "ipv6")) {
      boolean six = family.equals("ipv6");
      text.append(" address-family ").append(family).append(" unicast\n");
      for (PeerPlan.Route route : plan.routes()) {
        if (route.isV6() == six) {
          text.append("  network ").append(route.prefix());
          text.append(" route-map ").append(tag(route)).append('\n');
        }
      }
      for (PeerPlan.Neighbor neighbor : plan.neighbors()) {
        String name = "  neighbor " + neighbor.address() + " ";
        text.append(neighbor.families().contains(family) ? name : "  no" + name.substring(1));
        text.append("activate\n");
        if (six || !neighbor.has(Extension.EXTENDED_NEXT_HOP)) {
          text.append(name).append("route-map out").append(family).append(" out\n");
        }
        if (neighbor.has(Extension.ADD_PATH)) {
          text.append(name).append("addpath-tx-all-paths\n");
        }
        if (neighbor.client()) {
          text.append(name).append("route-reflector-client\n");
        }
      }
      text.append(" exit-address-family\n");
    }
    return text.append(routeMaps(plan)).toString();
  }

  private static String neighbor(PeerPlan plan, PeerPlan.Neighbor neighbor) {
    String name = " neighbor " + neighbor.address() + " ";
    return name
        + "remote-as "
        + neighbor.asNumber()
        + "\n"
        + name
        + "update-source "
        + plan.local(neighbor)
        + "\n"
        + name
        + "timers 3 9\n"
        + name
        + "timers connect 1\n"
        + name
        + "advertisement-interval 0\n"
        + (neighbor.has(Extension.PEER_ROLE) ? name + "local-role peer\n" : "")
        + (neighbor.has(Extension.EXTENDED_NEXT_HOP) ? name + "capability extended-nexthop\n" : "")
        + neighbor.password().map(p -> name + "password " + p + "\n").orElse("");
  }

  private static String tag(PeerPlan.Route route) {
    return "tag" + route.prefix().replaceAll("[^0-9a-f]", "-");
  }

  /** Attributes of own routes; and next hops, which a session of another family does not tell. */
  private static String routeMaps(PeerPlan plan) {
    StringBuilder text = new StringBuilder();
    for (PeerPlan.Route route : plan.routes()) {
      text.append("route-map ").append(tag(route)).append(" permit 10\n");
      if (!route.communities().isEmpty()) {
        text.append(" set community ").append(String.join(" ", route.communities())).append('\n');
      }
      if (!route.largeCommunities().isEmpty()) {
        text.append(" set large-community ");
        text.append(String.join(" ", route.largeCommunities())).append('\n');
      }
      text.append(route.isV6() ? "ipv6" : "ip").append(" prefix-list own permit ");
      text.append(route.prefix()).append('\n');
    }
    text.append("route-map outipv4 permit 10\n match ip address prefix-list own\n");
    text.append(" set ip next-hop ").append(plan.host().v4()).append('\n');
    text.append("route-map outipv4 permit 20\n");
    text.append("route-map outipv6 permit 10\n match ipv6 address prefix-list own\n");
    text.append(" set ipv6 next-hop global ").append(plan.host().v6()).append('\n');
    text.append("route-map outipv6 permit 20\n");
    return text.toString();
  }

  /** What FRR answers to the last of some commands given one after the other. */
  private String vtysh(String... commands) {
    List<String> all =
        new ArrayList<>(List.of("/usr/bin/vtysh", "--vty_socket", lab.directory().toString()));
    for (String command : commands) {
      all.add("-c");
      all.add(command);
    }
    return ask(all);
  }

  @Override
  void announceOnly(PeerPlan plan) {
    for (PeerPlan.Route route : announced.routes()) {
      if (!plan.routes().contains(route)) {
        var _ =
            vtysh(
                "configure terminal",
                "router bgp " + plan.asNumber(),
                "address-family " + (route.isV6() ? "ipv6" : "ipv4") + " unicast",
                "no network " + route.prefix());
      }
    }
    for (PeerPlan.Route route : plan.routes()) {
      if (!announced.routes().contains(route)) {
        var _ =
            vtysh(
                "configure terminal",
                "router bgp " + plan.asNumber(),
                "address-family " + (route.isV6() ? "ipv6" : "ipv4") + " unicast",
                "network " + route.prefix() + " route-map " + tag(route));
      }
    }
    announced = plan;
  }

  @Override
  void askForRoutes(String neighbor) {
    var _ = vtysh("clear bgp ipv4 unicast " + neighbor + " in");
    var _ = vtysh("clear bgp ipv6 unicast " + neighbor + " in");
  }

  @Override
  List<SeenRoute> routes(String prefix) {
    List<SeenRoute> found = new ArrayList<>();
    JsonNode answer =
        json(
            "/usr/bin/vtysh",
            "--vty_socket",
            lab.directory().toString(),
            "-c",
            "show bgp "
                + (prefix.contains(":") ? "ipv6" : "ipv4")
                + " unicast "
                + prefix
                + " json");
    for (JsonNode path : answer.path("paths")) {
      if (path.path("peer").path("peerId").asText().equals("0.0.0.0")
          || !path.path("valid").asBoolean()) {
        continue;
      }
      found.add(
          new SeenRoute(
              path.path("aspath").path("string").asText().replace("Local", ""),
              path.path("nexthops").path(0).path("ip").asText(),
              words(
                  path.path("community")
                      .path("string")
                      .asText()
                      .replace("llgr-stale", SeenRoute.LONG_LIVED_STALE)),
              words(path.path("largeCommunity").path("string").asText()),
              path.path("originatorId").asText(),
              List.copyOf(texts(path.path("clusterList").path("list"))),
              path.path("otc").asText(),
              path.path("stale").asBoolean()));
    }
    return found;
  }
}
