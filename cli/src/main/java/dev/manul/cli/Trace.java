package dev.manul.cli;

import dev.manul.model.NodeTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The whole way between two pods, put together of what their nodes' agents say. Pure.
 *
 * @param source where it begins
 * @param destination where it ends
 * @param flow in words, such as {@code TCP port 80}
 * @param hops there and back, in the order of the way; the probe, if there is one, comes last
 * @param unseen a line for each part of the way that nobody could be asked about
 */
record Trace(
    FlowEnd source, FlowEnd destination, String flow, List<TracedHop> hops, List<String> unseen) {

  Trace {
    hops = List.copyOf(hops);
    unseen = List.copyOf(unseen);
  }

  /** What it comes to. */
  enum Verdict {
    REACHES,
    BROKEN,
    /** Nothing is broken as far as could be seen, and that was not the whole way. */
    UNDECIDED
  }

  /**
   * Puts the answers of nodes together.
   *
   * @param answers by node, in the order source, destination
   */
  static Trace of(
      FlowEnd source,
      FlowEnd destination,
      String flow,
      Map<String, List<TracedHop>> answers,
      List<String> unseen) {
    List<TracedHop> atSource = answers.getOrDefault(source.node(), List.of());
    List<TracedHop> atDestination =
        source.node().equals(destination.node())
            ? List.of()
            : answers.getOrDefault(destination.node(), List.of());
    List<TracedHop> hops = new ArrayList<>();
    add(hops, atSource, true);
    add(hops, atDestination, true);
    tooLong(hops, true).ifPresent(hops::add);
    add(hops, atDestination, false);
    add(hops, atSource, false);
    tooLong(hops, false).ifPresent(hops::add);
    atSource.stream().filter(TracedHop::isProbe).forEach(hops::add);
    return new Trace(source, destination, flow, hops, unseen);
  }

  private static void add(List<TracedHop> into, List<TracedHop> hops, boolean there) {
    hops.stream().filter(hop -> !hop.isProbe() && hop.isThere() == there).forEach(into::add);
  }

  /** What one node sends may be too long for another, which neither of them can see. */
  private static Optional<TracedHop> tooLong(List<TracedHop> hops, boolean there) {
    List<TracedHop> way = hops.stream().filter(hop -> hop.isThere() == there).toList();
    Optional<TracedHop> sender =
        way.stream().filter(hop -> hop.name().equals("host-interface")).findFirst();
    if (sender.isEmpty()
        || sender.get().mtu() == 0
        || way.stream().anyMatch(hop -> hop.name().equals("mtu") && hop.is(NodeTrace.BROKEN))) {
      return Optional.empty();
    }
    int sent = sender.get().mtu();
    return way.stream()
        .filter(hop -> hop.mtu() > 0 && hop.mtu() < sent && !hop.node().equals(sender.get().node()))
        .findFirst()
        .map(
            narrow ->
                new TracedHop(
                    narrow.node(),
                    narrow.direction(),
                    "mtu",
                    NodeTrace.BROKEN,
                    "the pod sends up to %d octets, and %s of node %s takes %d: longer packets are"
                            .formatted(sent, narrow.name(), narrow.node(), narrow.mtu())
                        + " dropped; lower the pods' MTU or raise this",
                    narrow.mtu()));
  }

  /** The first hop at which the packet, or its answer, does not get on; a probe comes last. */
  Optional<TracedHop> broken() {
    return hops.stream().filter(hop -> hop.is(NodeTrace.BROKEN)).findFirst();
  }

  private boolean answered() {
    return hops.stream().anyMatch(hop -> hop.isProbe() && hop.is(NodeTrace.OK));
  }

  Verdict verdict() {
    if (broken().isPresent()) {
      return Verdict.BROKEN;
    }
    return unseen.isEmpty() || answered() ? Verdict.REACHES : Verdict.UNDECIDED;
  }

  int exitCode() {
    return switch (verdict()) {
      case REACHES -> ExitCode.OK;
      case BROKEN -> ExitCode.BROKEN;
      case UNDECIDED -> ExitCode.UNDECIDED;
    };
  }

  /** The longest packet that passes everywhere there, in octets, as far as it was seen. */
  OptionalInt mtu() {
    return hops.stream()
        .filter(hop -> hop.isThere() && hop.mtu() > 0)
        .mapToInt(TracedHop::mtu)
        .min();
  }
}
