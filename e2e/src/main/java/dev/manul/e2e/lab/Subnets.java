package dev.manul.e2e.lab;

import java.util.HashSet;
import java.util.Set;

/** Which nodes share a wire. */
public final class Subnets {

  private Subnets() {}

  /** Whether two nodes are plugged into the same bridge. */
  public static boolean same(Topology topology, String left, String right) {
    Set<String> shared = bridgesOf(topology, left);
    shared.retainAll(bridgesOf(topology, right));
    return !shared.isEmpty();
  }

  private static Set<String> bridgesOf(Topology topology, String node) {
    Set<String> bridges = new HashSet<>();
    for (Topology.Cable cable : topology.links()) {
      if (cable.left().node().equals(node)) {
        bridges.add(cable.right().node());
      } else if (cable.right().node().equals(node)) {
        bridges.add(cable.left().node());
      }
    }
    return bridges;
  }
}
