package dev.manul.bgp.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.bgp.interop.PeerPlan.Extension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * ExaBGP, which has no table: what it has learned is what it has told the program that it runs for
 * every event. It does not listen, either, but connects.
 */
final class ExabgpDaemon extends PeerDaemon {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> program;
  private PeerPlan announced;

  ExabgpDaemon(Lab lab, Lab.Host host, Installation installation, List<String> program) {
    super(lab, host, installation);
    this.program = program;
  }

  private List<String> exabgp(String... words) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "env",
                "exabgp.daemon.user=root",
                "exabgp.api.cli=false",
                "exabgp.log.destination=stdout",
                "exabgp.log.level=INFO"));
    all.addAll(program);
    all.addAll(List.of(words));
    return all;
  }

  @Override
  String version() {
    return (ask(exabgp("--version")) + ask(exabgp("version")))
        .lines()
        .filter(line -> line.startsWith("ExaBGP"))
        .findFirst()
        .orElse("")
        .replaceAll("^ExaBGP *:? *", "");
  }

  @Override
  void start(PeerPlan plan, boolean restarted) throws IOException {
    announced = plan;
    String commands = lab.path(file("commands")).toString();
    String events = lab.path(file("events")).toString();
    lab.file(file("commands"), "");
    lab.file(file("events"), "");
    lab.file(
        file("sh"), "tail -n +1 -f " + commands + " 2>/dev/null &\nexec cat >>" + events + "\n");
    lab.file(file("conf"), configuration(plan));
    var _ = launch(file("log"), exabgp(lab.path(file("conf")).toString()));
  }

  private String configuration(PeerPlan plan) {
    StringBuilder text = new StringBuilder("process events {\n run /bin/sh ");
    text.append(lab.path(file("sh"))).append(";\n encoder json;\n}\n");
    for (PeerPlan.Neighbor neighbor : plan.neighbors()) {
      text.append("neighbor ").append(neighbor.address()).append(" {\n router-id ");
      text.append(plan.host().v4()).append(";\n local-address ").append(plan.local(neighbor));
      text.append(";\n local-as ").append(plan.asNumber());
      text.append(";\n peer-as ").append(neighbor.asNumber()).append(";\n hold-time 9;\n");
      neighbor.password().ifPresent(p -> text.append(" md5-password \"" + p + "\";\n"));
      text.append(" capability { route-refresh enable; asn4 enable; ");
      text.append(neighbor.has(Extension.ADD_PATH) ? "add-path send/receive; " : "");
      text.append(neighbor.has(Extension.EXTENDED_NEXT_HOP) ? "nexthop enable; " : "");
      text.append(plan.gracefulRestart() ? "graceful-restart 60; }\n" : "}\n");
      text.append(" family {");
      neighbor.families().forEach(f -> text.append(" ").append(f).append(" unicast;"));
      text.append(" }\n");
      if (neighbor.has(Extension.EXTENDED_NEXT_HOP)) {
        text.append(" nexthop { ipv4 unicast ipv6; }\n");
      }
      text.append(" api { processes [ events ]; neighbor-changes;");
      text.append(" receive { parsed; update; } }\n static {\n");
      for (PeerPlan.Route route : plan.routes()) {
        if (neighbor.families().contains(route.isV6() ? "ipv6" : "ipv4")) {
          text.append("  ").append(route(plan, route)).append(";\n");
        }
      }
      text.append(" }\n}\n");
    }
    return text.toString();
  }

  private static String route(PeerPlan plan, PeerPlan.Route route) {
    String text = "route " + route.prefix() + " next-hop " + plan.nextHop(route);
    if (!route.communities().isEmpty()) {
      text += " community [ " + String.join(" ", route.communities()) + " ]";
    }
    if (!route.largeCommunities().isEmpty()) {
      text += " large-community [ " + String.join(" ", route.largeCommunities()) + " ]";
    }
    if (route.behind().isPresent()) {
      text += " as-path [ " + plan.asNumber() + " " + route.behind().getAsLong() + " ]";
    }
    if (plan.has(Extension.ADD_PATH)) {
      text += " path-information 0.0.0." + (route.behind().isPresent() ? 2 : 1);
    }
    return text;
  }

  @Override
  boolean passesRoutesOn() {
    return false;
  }

  @Override
  void announceOnly(PeerPlan plan) throws IOException {
    for (PeerPlan.Route route : announced.routes()) {
      if (!plan.routes().contains(route)) {
        command("withdraw " + route(plan, route));
      }
    }
    for (PeerPlan.Route route : plan.routes()) {
      if (!announced.routes().contains(route)) {
        command("announce " + route(plan, route));
      }
    }
    announced = plan;
  }

  private void command(String line) throws IOException {
    Files.writeString(lab.path(file("commands")), line + "\n", StandardOpenOption.APPEND);
  }

  @Override
  void askForRoutes(String neighbor) throws IOException {
    command("announce route-refresh ipv4 unicast");
    command("announce route-refresh ipv6 unicast");
  }

  @Override
  List<SeenRoute> routes(String prefix) {
    Map<String, SeenRoute> seen = new LinkedHashMap<>();
    for (String line : lab.output(file("events")).lines().toList()) {
      JsonNode event;
      try {
        event = JSON.readTree(line);
      } catch (JsonProcessingException e) {
        continue; // answers to commands, or a line half-written
      }
      JsonNode neighbor = event.path("neighbor");
      String from = neighbor.path("address").path("peer").asText();
      if (neighbor.path("state").asText().equals("down")) {
        seen.keySet().removeIf(key -> key.startsWith(from + " "));
      }
      JsonNode update = neighbor.path("message").path("update");
      for (JsonNode withdrawn : update.path("withdraw")) {
        for (JsonNode nlri : withdrawn) {
          if (nlri.path("nlri").asText().equals(prefix)) {
            seen.remove(key(from, nlri));
          }
        }
      }
      for (JsonNode family : update.path("announce")) {
        family
            .properties()
            .forEach(
                hop -> {
                  for (JsonNode nlri : hop.getValue()) {
                    if (nlri.path("nlri").asText().equals(prefix)) {
                      seen.put(key(from, nlri), route(update.path("attribute"), hop.getKey()));
                    }
                  }
                });
      }
    }
    return List.copyOf(seen.values());
  }

  /** A neighbour has one route to a prefix, or one of every path identifier (RFC 7911). */
  private static String key(String neighbor, JsonNode nlri) {
    return neighbor + " " + nlri.path("path-information").asText();
  }

  private static SeenRoute route(JsonNode attributes, String nextHop) {
    StringJoiner path = new StringJoiner(" ");
    numbers(attributes.path("as-path"), path);
    return new SeenRoute(
        path.toString(),
        nextHop,
        communities(attributes.path("community")),
        communities(attributes.path("large-community")),
        attributes.path("originator-id").asText(),
        List.copyOf(texts(attributes.path("cluster-list"))),
        "",
        false);
  }

  private static void numbers(JsonNode node, StringJoiner into) {
    if (node.isNumber()) {
      into.add(node.asText());
    }
    node.forEach(child -> numbers(child, into));
  }

  private static Set<String> communities(JsonNode list) {
    Set<String> texts = new LinkedHashSet<>();
    for (JsonNode each : list) {
      StringJoiner text = new StringJoiner(":");
      each.forEach(number -> text.add(number.asText()));
      texts.add(each.isArray() ? text.toString() : each.asText());
    }
    return texts;
  }
}
