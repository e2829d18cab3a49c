package dev.manul.policy.translation;

import dev.manul.policy.meaning.PortRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Ports that are alternatives of one another, gathered by their protocol. */
final class PortGroups {

  /**
   * Ports of one protocol; none: all of them.
   *
   * @param protocol empty for any, which has no ports
   */
  record Group(OptionalInt protocol, List<PortRange> ranges, List<String> names) {}

  private static final class Gathered {
    private final List<PortRange> ranges = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private boolean all;
  }

  private final Map<Integer, Gathered> byProtocol = new LinkedHashMap<>();

  private Gathered of(int protocol) {
    return byProtocol.computeIfAbsent(protocol, p -> new Gathered());
  }

  void all(int protocol) {
    of(protocol).all = true;
  }

  void range(int protocol, int first, int last) {
    of(protocol).ranges.add(new PortRange(first, last));
  }

  void name(int protocol, String name) {
    of(protocol).names.add(name);
  }

  /** A name of ports of any protocol. */
  void name(String name) {
    CalicoRules.PROTOCOLS_WITH_PORTS.forEach(protocol -> name(protocol, name));
  }

  /** The groups; when nothing was said, one of everything. */
  List<Group> groups() {
    if (byProtocol.isEmpty()) {
      return List.of(new Group(OptionalInt.empty(), List.of(), List.of()));
    }
    List<Group> groups = new ArrayList<>();
    byProtocol.forEach(
        (protocol, gathered) ->
            groups.add(
                new Group(
                    OptionalInt.of(protocol),
                    gathered.all ? List.of() : gathered.ranges,
                    gathered.all ? List.of() : gathered.names)));
    return groups;
  }
}
