package dev.manul.bgp.interop;

import dev.manul.bgp.interop.PeerPlan.Extension;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** BIRD 2 and BIRD 3. */
final class BirdDaemon extends PeerDaemon {
  private final String sbin;

  /**
   * @param sbin where bird and birdc are
   */
  BirdDaemon(Lab lab, Lab.Host host, Installation installation, String sbin) {
    super(lab, host, installation);
    this.sbin = sbin;
  }

  @Override
  String version() {
    return ask(sbin + "/bird", "--version").strip().replace("BIRD version ", "");
  }

  private boolean bird3() {
    return sbin.startsWith("/bird3");
  }

  @Override
  void start(PeerPlan plan, boolean restarted) throws IOException {
    lab.file(file("conf"), configuration(plan));
    List<String> command =
        new ArrayList<>(
            List.of(
                sbin + "/bird",
                "-f",
                "-c",
                lab.path(file("conf")).toString(),
                "-s",
                lab.path(file("ctl")).toString(),
                "-P",
                lab.path(file("pid")).toString()));
    if (restarted) {
      command.add("-R");
    }
    var _ = launch(file("log"), command);
    lab.eventually("BIRD answers", () -> birdc("show status").contains("Daemon is up"));
  }

  private String birdc(String... command) {
    List<String> all =
        new ArrayList<>(List.of(sbin + "/birdc", "-s", lab.path(file("ctl")).toString()));
    all.addAll(List.of(command));
    return ask(all);
  }

  private String configuration(PeerPlan plan) {
    StringBuilder text = new StringBuilder();
    text.append("router id ").append(host.v4()).append(";\nlog stderr all;\n");
    text.append("graceful restart wait 20;\nprotocol device {}\n");
    for (String family : List.of("ipv4", "ipv6")) {
      text.append("protocol static s").append(family).append(" { ").append(family).append(";\n");
      plan.routes().stream()
          .filter(r -> r.isV6() == family.equals("ipv6"))
          .forEach(r -> text.append(route(r)));
      text.append("}\n");
    }
    for (int i = 0; i < plan.neighbors().size(); i++) {
      text.append(neighbor(plan, plan.neighbors().get(i), "n" + i));
    }
    return text.toString();
  }

  private static String route(PeerPlan.Route route) {
    StringBuilder text = new StringBuilder(" route " + route.prefix() + " blackhole {");
    for (String community : route.communities()) {
      text.append(" bgp_community.add((").append(community.replace(':', ',')).append("));");
    }
    for (String community : route.largeCommunities()) {
      text.append(" bgp_large_community.add((").append(community.replace(':', ',')).append("));");
    }
    return text.append(" };\n").toString();
  }

  private static String neighbor(PeerPlan plan, PeerPlan.Neighbor neighbor, String name) {
    StringBuilder text = new StringBuilder("protocol bgp " + name + " {\n");
    text.append(" local ").append(plan.local(neighbor)).append(" as ").append(plan.asNumber());
    text.append(";\n neighbor ").append(neighbor.address());
    text.append(" as ").append(neighbor.asNumber()).append(";\n direct;\n hold time 9;\n");
    text.append(" connect delay time 1; connect retry time 1; error wait time 1, 2;\n");
    text.append(plan.gracefulRestart() ? " graceful restart on;\n" : " graceful restart off;\n");
    if (neighbor.has(Extension.LONG_LIVED_RESTART)) {
      text.append(" graceful restart time ").append(PeerPlan.RESTART_SECONDS);
      text.append("; long lived graceful restart on; long lived stale time ");
      text.append(PeerPlan.LONG_LIVED_SECONDS).append(";\n");
    }
    if (neighbor.has(Extension.PEER_ROLE)) {
      text.append(" local role peer;\n");
    }
    neighbor.password().ifPresent(p -> text.append(" password \"").append(p).append("\";\n"));
    if (neighbor.client()) {
      text.append(" rr client;\n");
    }
    for (String family : neighbor.families()) {
      boolean four = family.equals("ipv4");
      boolean extended = four && neighbor.has(Extension.EXTENDED_NEXT_HOP);
      String hop = four && !extended ? plan.host().v4() : plan.host().v6();
      text.append(" ").append(family).append(extended ? " { extended next hop;" : " {");
      text.append(neighbor.has(Extension.ADD_PATH) ? " add paths;" : "");
      text.append(" import all; export filter {\n");
      text.append("  if source = RTS_STATIC then { bgp_next_hop = ").append(hop);
      text.append("; accept; }\n  if source = RTS_BGP then accept;\n  reject; }; };\n");
    }
    return text.append("}\n").toString();
  }

  @Override
  void announceOnly(PeerPlan plan) throws IOException {
    lab.file(file("conf"), configuration(plan));
    String answer = birdc("configure");
    if (!answer.contains("Reconfigur")) {
      throw new IOException("birdc configure: " + answer);
    }
  }

  @Override
  void askForRoutes(String neighbor) {
    var _ = bird3() ? birdc("reload", "bgp", "in", "n0") : birdc("reload", "in", "n0");
  }

  /** A route begins with a line that has its protocol in brackets; attributes are indented. */
  private static final Pattern HEAD = Pattern.compile("\\[n[0-9]+ [^\\]]*\\].*");

  @Override
  List<SeenRoute> routes(String prefix) {
    List<SeenRoute> found = new ArrayList<>();
    StringBuilder one = null;
    boolean stale = birdc("show", "protocols", "all").contains("graceful restart active");
    for (String line : birdc("show", "route", prefix, "all").lines().toList()) {
      if (line.contains("[") && !line.startsWith("\t")) {
        add(found, one, stale);
        one = HEAD.matcher(line).find() ? new StringBuilder() : null;
      }
      if (one != null) {
        one.append(line).append('\n');
      }
    }
    add(found, one, stale);
    return found;
  }

  private static void add(List<SeenRoute> found, StringBuilder one, boolean stale) {
    if (one != null) {
      String text = one.toString();
      found.add(
          new SeenRoute(
              attribute(text, "(?:as_)?path"),
              attribute(text, "next_hop").split(" ", 2)[0],
              words(bare(attribute(text, "community"))),
              words(bare(attribute(text, "large_community"))),
              attribute(text, "originator_id"),
              List.copyOf(words(attribute(text, "cluster_list"))),
              attribute(text, "(?:otc|only_to_customer)"),
              stale));
    }
  }

  private static String attribute(String text, String name) {
    Matcher matcher = Pattern.compile("(?mi)^\\s*BGP[._]" + name + ": (.*)$").matcher(text);
    return matcher.find() ? matcher.group(1).strip() : "";
  }

  /** From {@code (64512, 1) (64512, 2)} to {@code 64512:1 64512:2}. */
  private static String bare(String communities) {
    return communities.replaceAll(", *", ":").replaceAll("[()]", "");
  }
}
