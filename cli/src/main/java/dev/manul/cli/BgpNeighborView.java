package dev.manul.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A neighbour for people: a line a fact, what goes together under one heading. */
final class BgpNeighborView {
  private static final int NAME_WIDTH = 20;
  private static final int LONGEST_HEX = 120;

  private final Map<?, ?> neighbor;
  private final Times times;
  private final StringBuilder out = new StringBuilder();

  BgpNeighborView(Map<?, ?> neighbor, Times times) {
    this.neighbor = neighbor;
    this.times = times;
  }

  String text() {
    String description = of("description");
    out.append("Peer ").append(of("address")).append(", AS ").append(of("asNumber"));
    out.append(description.isEmpty() ? "\n" : " (" + description + ")\n");
    line("state", of("state") + " since " + since(neighbor));
    line("last error", error());
    line("held down until", of("idleUntil"));
    line("shut down", neighbor.containsKey("shutdown") ? "\"" + of("shutdown") + "\"" : "");
    line("their shutdown text", of("lastShutdown"));
    line("local", of("localAddress") + " AS " + of("localAsNumber"));
    line("remote id", of("remoteId"));
    line("host name", of("hostName"));
    line("timers", timers());
    line("families", String.join(", ", BgpQuestion.texts(neighbor, "families")));
    line(
        "routes",
        of("prefixesReceived")
            + " received, "
            + of("prefixesAccepted")
            + " accepted, "
            + of("prefixesAdvertised")
            + " advertised"
            + (BgpQuestion.truth(neighbor, "restarting") ? "; kept while it restarts" : "")
            + (BgpQuestion.truth(neighbor, "endOfRib") ? "; all received" : ""));
    line("messages", of("messagesIn") + " in, " + of("messagesOut") + " out");
    if (neighbor.containsKey("updatesIn")) { // of an older speaker there are none
      line("UPDATEs", of("updatesIn") + " in, " + of("updatesOut") + " out");
    }
    line("flaps", of("flaps"));
    features();
    capabilities();
    bfd();
    faults();
    return out.toString();
  }

  private String of(String name) {
    return BgpQuestion.text(neighbor, name);
  }

  private String since(Map<?, ?> tree) {
    String time = BgpQuestion.text(tree, "since");
    return times.ago(time) + " (" + time + ")";
  }

  private String error() {
    String error = Main.oneLine(of("lastError"));
    String at = of("lastErrorAt");
    return error.isEmpty() || at.isEmpty() ? error : error + ", " + times.ago(at) + " ago";
  }

  private String timers() {
    return of("holdTime").equals("0")
        ? ""
        : "hold " + of("holdTime") + " s, keepalive " + of("keepaliveTime") + " s";
  }

  /** A fact; none when there is nothing to say. */
  private void line(String name, String value) {
    if (!value.isBlank()) {
      out.append("  ").append(name);
      out.repeat(' ', Math.max(1, NAME_WIDTH - name.length())).append(value.strip()).append('\n');
    }
  }

  private void features() {
    if (!(neighbor.get("features") instanceof Map<?, ?> features)) {
      return;
    }
    List<String> agreed = new ArrayList<>();
    features.forEach(
        (name, value) -> {
          if (Boolean.TRUE.equals(value)) {
            agreed.add(name.toString());
          } else if (value instanceof List<?> items) {
            agreed.add(
                name + " " + String.join(",", items.stream().map(Object::toString).toList()));
          } else if (!(value instanceof Boolean)) {
            agreed.add(name + " " + value);
          }
        });
    line("agreed on", String.join(", ", agreed));
  }

  private void capabilities() {
    List<String> sent = BgpQuestion.texts(neighbor, "capabilitiesSent");
    List<String> received = BgpQuestion.texts(neighbor, "capabilitiesReceived");
    if (sent.isEmpty() && received.isEmpty()) {
      return;
    }
    out.append("  capabilities\n");
    sent.forEach(
        c ->
            out.append("    ")
                .append(received.contains(c) ? "both  " : "we    ")
                .append(c)
                .append('\n'));
    received.stream()
        .filter(c -> !sent.contains(c))
        .forEach(c -> out.append("    they  ").append(c).append('\n'));
  }

  private void bfd() {
    if (!(neighbor.get("bfd") instanceof Map<?, ?> bfd)) {
      return;
    }
    out.append("  BFD\n");
    String diagnostic = BgpQuestion.text(bfd, "diagnostic");
    line("  state", BgpQuestion.text(bfd, "state") + " since " + since(bfd));
    line("  last reason", diagnostic.equals("no diagnostic") ? "" : diagnostic);
    line("  problem", BgpQuestion.text(bfd, "problem"));
    line(
        "  timers",
        "sends every "
            + millis(bfd, "transmitMicros")
            + ", gives up after "
            + millis(bfd, "detectionMicros"));
    line("  hops", BgpQuestion.truth(bfd, "multihop") ? "several" : "one");
    line("  flaps", BgpQuestion.text(bfd, "flaps"));
  }

  private static String millis(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof Number micros ? micros.longValue() / 1000 + " ms" : "?";
  }

  private void faults() {
    List<Map<?, ?>> faults = BgpQuestion.objects(neighbor, "faults");
    if (of("malformed").equals("0") && faults.isEmpty()) {
      return;
    }
    out.append("  malformed messages\n");
    for (Map<?, ?> fault : faults) {
      String attribute = BgpQuestion.text(fault, "attribute");
      line(
          "  " + BgpQuestion.text(fault, "count"),
          BgpQuestion.text(fault, "kind")
              + (attribute.isEmpty() ? "" : ", attribute type " + attribute));
    }
    if (neighbor.get("lastMalformed") instanceof Map<?, ?> last) {
      String hex = BgpQuestion.text(last, "message");
      line(
          "  last",
          BgpQuestion.text(last, "reason") + ", " + times.ago(BgpQuestion.text(last, "at")));
      line("  octets", hex.length() <= LONGEST_HEX ? hex : hex.substring(0, LONGEST_HEX) + "…");
    }
  }
}
