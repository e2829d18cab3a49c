package dev.manul.policy.rendering;

import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.meaning.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Chains that find the chain of an interface: a tree by the characters of its name, so that a
 * packet is compared with few of them. Interfaces that are not known are closed.
 */
final class DispatchTree {

  /** So many interfaces are looked at one by one. */
  private static final int MOST_LEAVES = 6;

  private final Map<String, List<RuleText>> chains = new TreeMap<>();
  private final Direction direction;
  private final UnaryOperator<String> chainOf;

  private DispatchTree(Direction direction, UnaryOperator<String> chainOf) {
    this.direction = direction;
    this.chainOf = chainOf;
  }

  /**
   * The chains of a tree.
   *
   * @param root the name of the chain where it begins
   * @param devices the interfaces
   * @param chainOf the name of an interface's chain
   */
  static Map<String, List<RuleText>> of(
      String root,
      Direction direction,
      NavigableSet<String> devices,
      UnaryOperator<String> chainOf) {
    var tree = new DispatchTree(direction, chainOf);
    tree.node(root, devices, 0);
    return tree.chains;
  }

  private void node(String name, NavigableSet<String> devices, int length) {
    List<RuleText> lines = new ArrayList<>();
    if (devices.size() <= MOST_LEAVES) {
      devices.forEach(device -> lines.add(leaf(device)));
    } else {
      int common = common(devices, length);
      Map<String, NavigableSet<String>> groups = new TreeMap<>();
      for (String device : devices) {
        String group = device.substring(0, Math.min(device.length(), common + 1));
        groups.computeIfAbsent(group, _ -> new TreeSet<>()).add(device);
      }
      for (var group : groups.entrySet()) {
        if (group.getValue().size() == 1) {
          lines.add(leaf(group.getValue().first()));
        } else {
          String branch = ChainNames.branch(group.getKey(), direction);
          lines.add(new RuleText("%s %s+ -g %s".formatted(option(), group.getKey(), branch)));
          node(branch, group.getValue(), common + 1);
        }
      }
    }
    lines.add(new RuleText("-j DROP"));
    chains.put(name, lines);
  }

  private RuleText leaf(String device) {
    return new RuleText("%s %s -g %s".formatted(option(), device, chainOf.apply(device)));
  }

  /** From the pod's side: what comes in by the interface is from the pod. */
  private String option() {
    return direction == Direction.EGRESS ? "-i" : "-o";
  }

  private static int common(NavigableSet<String> devices, int from) {
    String first = devices.first();
    String last = devices.last();
    int common = from;
    while (common < Math.min(first.length(), last.length())
        && first.charAt(common) == last.charAt(common)) {
      common++;
    }
    return common;
  }
}
