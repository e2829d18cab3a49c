package dev.manul.bgp.interop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.bgp.interop.PeerPlan.Extension;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** OpenBGPD, its portable version. */
final class OpenbgpdDaemon extends PeerDaemon {
  OpenbgpdDaemon(Lab lab, Lab.Host host, Installation installation) {
    super(lab, host, installation);
  }

  @Override
  String version() {
    return ask("bgpd", "-V").strip().replace("OpenBGPD ", "");
  }

  @Override
  void start(PeerPlan plan, boolean restarted) throws IOException {
    // 7.7 takes the other family's next hop from the first interface, which is the loopback one.
    Lab.run("ip -n " + host.namespace() + " addr flush dev lo");
    Lab.run("ip -n " + host.namespace() + " addr add " + host.v4() + "/32 dev lo");
    Lab.run("ip -n " + host.namespace() + " addr add " + host.v6() + "/128 dev lo");
    Lab.run("mkdir -p /run/openbgpd"); // its processes chroot there
    writeConfiguration(plan);
    var _ =
        launch(file("log"), List.of("bgpd", "-d", "-v", "-f", lab.path(file("conf")).toString()));
    lab.eventually("OpenBGPD answers", () -> bgpctl("show", "summary").contains("Neighbor"));
  }

  /** It refuses a file that others may write to, and one that is not root's. */
  private void writeConfiguration(PeerPlan plan) throws IOException {
    lab.file(file("conf"), configuration(plan));
    Lab.run("chmod 600 " + lab.path(file("conf")));
  }

  private String bgpctl(String... words) {
    List<String> command =
        new ArrayList<>(List.of("bgpctl", "-s", lab.path(file("ctl")).toString()));
    command.addAll(List.of(words));
    return ask(command);
  }

  private String configuration(PeerPlan plan) {
    StringBuilder text = new StringBuilder("AS " + plan.asNumber());
    if (plan.asNumber() > 0xffff) {
      text.append(" 23456");
    }
    text.append("\nrouter-id ").append(plan.host().v4()).append("\nfib-update no\n");
    text.append("connect-retry 1\n");
    text.append("socket \"").append(lab.path(file("ctl"))).append("\"\n");
    text.append("listen on ").append(plan.host().v4()).append('\n');
    text.append("listen on ").append(plan.host().v6()).append('\n');
    for (PeerPlan.Route route : plan.routes()) {
      text.append("network ").append(route.prefix()).append(" set { origin igp");
      if (route.isV6() || !plan.has(Extension.EXTENDED_NEXT_HOP)) {
        text.append(" nexthop ").append(plan.nextHop(route));
      }
      route.communities().forEach(c -> text.append(" community ").append(c));
      route.largeCommunities().forEach(c -> text.append(" large-community ").append(c));
      text.append(" }\n");
    }
    for (PeerPlan.Neighbor neighbor : plan.neighbors()) {
      text.append("neighbor ").append(neighbor.address()).append(" {\n remote-as ");
      text.append(neighbor.asNumber()).append("\n local-address ").append(plan.host().v4());
      text.append("\n local-address ").append(plan.host().v6());
      boolean newer = installation.equals(Installation.NEXT);
      // When a connection of its own is refused, 9.3 may send its OPEN twice over the next one.
      if (newer) {
        text.append("\n passive");
      }
      text.append("\n holdtime 9\n announce refresh yes\n announce enhanced refresh yes\n");
      if (neighbor.has(Extension.ADD_PATH)) {
        text.append(" announce add-path recv yes\n announce add-path send all\n");
      }
      if (neighbor.has(Extension.PEER_ROLE)) {
        text.append(newer ? " role peer\n announce policy yes\n" : " announce policy peer\n");
      }
      if (newer && neighbor.has(Extension.EXTENDED_NEXT_HOP)) {
        text.append(" announce extended nexthop yes\n");
      }
      text.append(" announce restart ").append(plan.gracefulRestart() ? "yes\n" : "no\n");
      for (String family : List.of("ipv4", "ipv6")) {
        text.append(" announce ").append(family.replace("ip", "IP"));
        text.append(neighbor.families().contains(family) ? " unicast\n" : " none\n");
      }
      neighbor
          .password()
          .ifPresent(p -> text.append(" tcp md5sig password \"").append(p).append("\"\n"));
      if (neighbor.client()) {
        text.append(" route-reflector\n");
      }
      text.append("}\n");
    }
    return text.append("allow from any\nallow to any\n").toString();
  }

  @Override
  void announceOnly(PeerPlan plan) throws IOException {
    writeConfiguration(plan);
    var _ = bgpctl("reload");
  }

  @Override
  void askForRoutes(String neighbor) {
    var _ = bgpctl("neighbor", neighbor, "refresh");
  }

  @Override
  List<SeenRoute> routes(String prefix) {
    List<SeenRoute> found = new ArrayList<>();
    JsonNode answer =
        json(
            "bgpctl",
            "-s",
            lab.path(file("ctl")).toString(),
            "-j",
            "show",
            "rib",
            "detail",
            prefix);
    for (JsonNode path : answer.path("rib")) {
      if (path.path("announced").asBoolean() || !path.path("prefix").asText().equals(prefix)) {
        continue;
      }
      String originator = "";
      String onlyToCustomer = "";
      List<String> clusters = new ArrayList<>();
      for (JsonNode attribute : path.path("attributes")) {
        if (attribute.has("originator")) {
          originator = attribute.path("originator").asText();
        }
        if (attribute.path("type").asText().equals("OTC")) {
          onlyToCustomer = attribute.path("as").asText();
        }
        clusters.addAll(texts(attribute.path("cluster_list")));
      }
      found.add(
          new SeenRoute(
              path.path("aspath").asText(),
              path.path("exit_nexthop").asText(),
              texts(path.path("communities")),
              texts(path.path("large_communities")),
              originator,
              clusters,
              onlyToCustomer,
              path.path("stale").asBoolean()));
    }
    return found;
  }
}
