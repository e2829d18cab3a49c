package dev.manul.e2e.demo;

import dev.manul.e2e.lab.PoolMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A way through some modes that makes every switch from one to another once and ends where it
 * began: a circuit of Euler's through the complete directed graph of the modes, by Hierholzer's
 * method.
 */
final class ModeTour {

  private ModeTour() {}

  /**
   * The modes in their order, the first of them again at the end.
   *
   * @param modes all that are to be gone through, {@code start} among them
   */
  static List<PoolMode> from(PoolMode start, Set<PoolMode> modes) {
    Map<PoolMode, Set<PoolMode>> unused = new EnumMap<>(PoolMode.class);
    for (PoolMode mode : modes) {
      Set<PoolMode> others = EnumSet.copyOf(modes);
      others.remove(mode);
      unused.put(mode, others);
    }
    Deque<PoolMode> path = new ArrayDeque<>(List.of(start));
    List<PoolMode> circuit = new ArrayList<>();
    while (!path.isEmpty()) {
      Set<PoolMode> ways = unused.get(path.peek());
      if (ways.isEmpty()) {
        circuit.add(path.pop());
      } else {
        PoolMode next = ways.iterator().next();
        ways.remove(next);
        path.push(next);
      }
    }
    Collections.reverse(circuit);
    return circuit;
  }
}
