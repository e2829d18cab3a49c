package dev.manul.e2e.bench;

import dev.manul.e2e.lab.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * All that a kernel has in a network namespace that the way of a packet depends on: links, their
 * settings, addresses, routes, neighbours, forwarding entries, queues, rules.
 *
 * @param lines a line each, without what is counted or numbered
 */
record NodeState(Set<String> lines) {

  /** Each prints what one program knows; a program that is not there has nothing to say. */
  private static final List<String> QUESTIONS =
      List.of(
          "ip -d -o link show",
          "ip -o address show",
          "ip -d route show table all",
          "ip -6 -d route show table all",
          "ip -s neighbour show nud permanent",
          "ip rule show",
          "bridge fdb show",
          "tc qdisc show",
          "iptables-legacy-save",
          "iptables-nft-save",
          "ipset list -name",
          "grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv4/neigh",
          "grep -r . /proc/sys/net/ipv4/ip_forward /proc/sys/net/core/default_qdisc",
          "for d in /sys/class/net/*; do ethtool -k ${d##*/} | sed \"s|^|${d##*/} |\"; done");

  NodeState {
    lines = Set.copyOf(lines);
  }

  static NodeState of(String namespace) {
    Set<String> lines = new TreeSet<>();
    for (String question : QUESTIONS) {
      Run answer =
          Run.of(Run.inNamespace(namespace, List.of("sh", "-c", "(" + question + ") 2>/dev/null")));
      answer.lines().stream()
          .filter(line -> !line.startsWith("#"))
          .map(NodeState::plain)
          .forEach(lines::add);
    }
    return new NodeState(lines);
  }

  private static String plain(String line) {
    return line.strip()
        .replaceAll("^\\d+: ", "")
        .replaceAll("\\\\ +", " ")
        .replaceAll("\\[\\d+:\\d+]", "")
        .replaceAll(" link-netns \\S+", "")
        .replaceAll(" used \\d+/\\d+/\\d+", "")
        .replaceAll(" +", " ");
  }

  /** What only this has, and what only the other has, a line each. */
  List<String> differences(NodeState other) {
    List<String> all = new ArrayList<>();
    new TreeSet<>(lines)
        .stream().filter(line -> !other.lines.contains(line)).forEach(line -> all.add("+ " + line));
    new TreeSet<>(other.lines)
        .stream().filter(line -> !lines.contains(line)).forEach(line -> all.add("- " + line));
    return all;
  }
}
