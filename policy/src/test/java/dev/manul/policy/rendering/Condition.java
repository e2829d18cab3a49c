package dev.manul.policy.rendering;

import dev.manul.model.Prefix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The words of a rule, read strictly: a word that is not known is an error. */
final class Condition {

  /** What is known besides the packet. */
  interface World {
    int mark();

    String state();

    boolean contains(String set, SimulatedPacket packet, boolean source);
  }

  /** One match. */
  @FunctionalInterface
  private interface Match {
    boolean holds(SimulatedPacket packet, World world);
  }

  private static final Map<String, Integer> PROTOCOLS =
      Map.of("tcp", 6, "udp", 17, "sctp", 132, "icmp", 1, "ipv6-icmp", 58);

  private final List<Match> matches = new ArrayList<>();
  private final Set<String> used = new HashSet<>();
  private int protocol = -1;

  /** The words from {@code -j} or {@code -g} on; empty when there are none. */
  final List<String> target;

  Condition(String text) {
    Deque<String> words = new ArrayDeque<>(Arrays.asList(text.split(" +", -1)));
    while (!words.isEmpty() && !words.peek().equals("-j") && !words.peek().equals("-g")) {
      boolean not = words.peek().equals("!");
      if (not) {
        words.remove();
      }
      one(words.remove(), not, words, text);
    }
    target = List.copyOf(words);
  }

  boolean holds(SimulatedPacket packet, World world) {
    for (Match match : matches) {
      if (!match.holds(packet, world)) {
        return false;
      }
    }
    return true;
  }

  private void add(boolean not, Match match) {
    matches.add(not ? (packet, world) -> !match.holds(packet, world) : match);
  }

  private void one(String word, boolean not, Deque<String> words, String text) {
    if (!word.equals("-m") && !used.add(word)) {
      throw new IllegalArgumentException("multiple " + word + " flags not allowed: " + text);
    }
    switch (word) {
      case "-p" -> {
        String name = words.remove();
        int number = PROTOCOLS.containsKey(name) ? PROTOCOLS.get(name) : Integer.parseInt(name);
        protocol = not ? -1 : number;
        add(not, (packet, _) -> packet.protocol() == number);
      }
      case "-s", "-d" -> {
        Prefix prefix = Prefix.parse(words.remove());
        boolean source = word.equals("-s");
        add(not, (packet, _) -> prefix.contains(source ? packet.source() : packet.destination()));
      }
      case "-i", "-o" -> {
        String device = words.remove();
        boolean in = word.equals("-i");
        add(not, (packet, _) -> isDevice(device, in ? packet.in() : packet.out()));
      }
      case "-m" -> module(words.remove(), words, text);
      default -> throw new IllegalArgumentException("\"" + word + "\" in " + text);
    }
  }

  private static boolean isDevice(String pattern, String device) {
    return pattern.endsWith("+")
        ? device.startsWith(pattern.substring(0, pattern.length() - 1))
        : device.equals(pattern);
  }

  private void module(String module, Deque<String> words, String text) {
    if (module.equals("rpfilter")) {
      expect("--validmark", words);
      expect("--invert", words);
      add(true, (packet, _) -> packet.wayBack());
      return;
    }
    boolean not = words.peek().equals("!");
    if (not) {
      words.remove();
    }
    String option = words.remove();
    String value = words.remove();
    switch (module + " " + option) {
      case "mark --mark" -> {
        String[] parts = value.split("/", 2);
        int bits = Long.decode(parts[0]).intValue();
        int mask = Long.decode(parts[1]).intValue();
        add(not, (_, world) -> (world.mark() & mask) == bits);
      }
      case "conntrack --ctstate" -> {
        List<String> states = List.of(value.split(",", -1));
        add(
            not,
            (packet, world) ->
                states.contains(world.state()) || (states.contains("DNAT") && packet.isDnat()));
      }
      case "addrtype --src-type" -> add(not, (packet, _) -> packet.sourceIsLocal());
      case "addrtype --dst-type" -> add(not, (packet, _) -> packet.destinationIsLocal());
      case "multiport --sports", "multiport --dports" -> ports(option, value, not, 15);
      case "tcp --dport", "udp --dport", "sctp --dport", "tcp --sport", "udp --sport" ->
          ports(option + "s", value, not, 1);
      case "icmp --icmp-type", "icmp6 --icmpv6-type" -> icmp(module, value, not);
      case "set --match-set" -> {
        boolean source = words.remove().startsWith("src");
        add(not, (packet, world) -> world.contains(value, packet, source));
      }
      default -> throw new IllegalArgumentException("\"" + module + " " + option + "\" in " + text);
    }
  }

  private static void expect(String word, Deque<String> words) {
    if (!words.remove().equals(word)) {
      throw new IllegalArgumentException("not " + word);
    }
  }

  /** The kernel refuses matches of ports unless a protocol with ports is asked for. */
  private void ports(String option, String value, boolean not, int most) {
    if (protocol != 6 && protocol != 17 && protocol != 132) {
      throw new IllegalArgumentException("ports of protocol " + protocol);
    }
    boolean source = option.equals("--sports");
    String[] ranges = value.split(",", -1);
    int slots = Arrays.stream(ranges).mapToInt(range -> range.contains(":") ? 2 : 1).sum();
    if (slots > most) {
      throw new IllegalArgumentException(slots + " ports");
    }
    add(
        not,
        (packet, _) ->
            Arrays.stream(ranges)
                .anyMatch(
                    range -> isIn(range, source ? packet.sourcePort() : packet.destinationPort())));
  }

  private static boolean isIn(String range, int port) {
    String[] ends = range.split(":", 2);
    return Integer.parseInt(ends[0]) <= port && port <= Integer.parseInt(ends[ends.length - 1]);
  }

  private void icmp(String module, String value, boolean not) {
    if (protocol != (module.equals("icmp") ? 1 : 58)) {
      throw new IllegalArgumentException(module + " of protocol " + protocol);
    }
    String[] parts = value.split("/", 2);
    int type = Integer.parseInt(parts[0]);
    int code = parts.length > 1 ? Integer.parseInt(parts[1]) : -1;
    add(not, (packet, _) -> packet.icmpType() == type && (code < 0 || packet.icmpCode() == code));
  }
}
