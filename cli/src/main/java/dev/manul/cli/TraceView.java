package dev.manul.cli;

import dev.manul.model.AddressFamily;
import dev.manul.model.NodeTrace;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A trace for people and for programs. */
record TraceView(Trace trace, AddressFamily family) {

  /** The verdict, then every hop. */
  String text() {
    StringBuilder text = new StringBuilder(verdict()).append('\n');
    text.append(
        "%s -> %s, %s%n".formatted(end(trace.source()), end(trace.destination()), trace.flow()));
    trace.mtu().ifPresent(mtu -> text.append("longest packet: %d octets%n".formatted(mtu)));
    String before = "";
    for (TracedHop hop : trace.hops()) {
      String heading = heading(hop);
      if (!heading.equals(before)) {
        text.append('\n').append(heading).append('\n');
        before = heading;
      }
      text.append(
          "  %-7s %-17s %s%n"
              .formatted(
                  hop.is(NodeTrace.BROKEN) ? "BROKEN" : hop.status(), hop.name(), hop.summary()));
    }
    if (!trace.unseen().isEmpty()) {
      text.append("\nNot seen\n");
      trace.unseen().forEach(line -> text.append("  ").append(line).append('\n'));
    }
    return text.toString();
  }

  private static String heading(TracedHop hop) {
    if (hop.isProbe()) {
      return "Tried";
    }
    return (hop.isThere() ? "There" : "Back") + ", on node " + hop.node();
  }

  private String verdict() {
    Optional<TracedHop> broken = trace.broken();
    return switch (trace.verdict()) {
      case REACHES -> "Reaches";
      case UNDECIDED -> "Nothing is broken that could be seen, which was not the whole way";
      case BROKEN ->
          broken.orElseThrow().isProbe()
              ? "Broken where it could not be seen: " + broken.get().summary()
              : "Broken at %s on node %s%s: %s"
                  .formatted(
                      broken.get().name(),
                      broken.get().node(),
                      broken.get().isThere() ? "" : ", on the way back",
                      broken.get().summary());
    };
  }

  private String end(FlowEnd end) {
    String address = address(end);
    String at = end.node().isEmpty() ? "" : ", node " + end.node();
    return end.name().equals(address)
        ? address + (at.isEmpty() ? "" : " (" + at.substring(2) + ")")
        : end.name() + " (" + address + at + ")";
  }

  private String address(FlowEnd end) {
    return end.address(family).map(Object::toString).orElse("");
  }

  Map<String, Object> tree() {
    return Json.object(
        "verdict",
        trace.verdict().name().toLowerCase(Locale.ROOT),
        "broken",
        trace.broken().map(TracedHop::tree).orElse(null),
        "from",
        tree(trace.source()),
        "to",
        tree(trace.destination()),
        "flow",
        trace.flow(),
        "mtu",
        trace.mtu().isPresent() ? trace.mtu().getAsInt() : null,
        "hops",
        trace.hops().stream().map(TracedHop::tree).toList(),
        "unseen",
        List.copyOf(trace.unseen()));
  }

  private Map<String, Object> tree(FlowEnd end) {
    return Json.object("name", end.name(), "address", address(end), "node", end.node());
  }
}
