package dev.manul.agent.trace;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows a packet through the chain FORWARD as {@code iptables -S FORWARD} lists it. Rules that
 * ask for more than interfaces, addresses, protocol and connection state are not decided here. Our
 * own chains pass what policy allows, which is looked at elsewhere, and our last rule accepts it.
 * Pure.
 */
final class ForwardChain {

  /** What marks a rule of ours. */
  private static final String OUR_MARK = "manul:";

  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private ForwardChain() {}

  /**
   * The first packet of a connection, or an answer.
   *
   * @param in the name of the link it comes by; "" when not known
   * @param out the name of the link it leaves by; "" when not known
   * @param state as connection tracking has it: {@code NEW} or {@code ESTABLISHED}
   */
  record Packet(
      Address source, Address destination, String in, String out, int protocol, String state) {}

  /** What becomes of it. */
  enum Verdict {
    PASSED,
    DROPPED,
    /** A rule that decides might match. */
    UNCERTAIN
  }

  /**
   * The end of the chain.
   *
   * @param text the rule, for people
   */
  record Outcome(Verdict verdict, String text) {}

  private enum Match {
    YES,
    NO,
    MAYBE
  }

  /** Follows the rules in their order. */
  static Outcome follow(List<String> rules, Packet packet) {
    String policy = "ACCEPT";
    Doubts doubts = new Doubts("", "");
    for (String rule : rules) {
      List<String> words = words(rule);
      if (words.size() >= 3 && words.getFirst().equals("-P")) {
        policy = words.get(2);
        continue;
      }
      String target = after(words, "-j", after(words, "-g", ""));
      boolean drops = target.equals("DROP") || target.equals("REJECT");
      if (!drops && !target.equals("ACCEPT")) {
        continue; // a chain of ours, one of others that is not followed, or no verdict
      }
      if (!drops && rule.contains(OUR_MARK)) {
        return doubts.passed("nothing stands before what policy allows");
      }
      switch (match(words, packet)) {
        case YES -> {
          return drops ? doubts.dropped("dropped by " + rule) : doubts.passed("passed by " + rule);
        }
        case MAYBE -> doubts = doubts.with(drops, rule);
        case NO -> {}
      }
    }
    return policy.equals("ACCEPT")
        ? doubts.passed("the chain's policy is ACCEPT")
        : doubts.dropped("dropped by the chain's policy " + policy);
  }

  /** The first rules that may have decided already, each way; "" where there is none. */
  private record Doubts(String dropping, String accepting) {
    Doubts with(boolean drops, String rule) {
      return drops
          ? new Doubts(dropping.isEmpty() ? rule : dropping, accepting)
          : new Doubts(dropping, accepting.isEmpty() ? rule : accepting);
    }

    Outcome passed(String text) {
      return dropping.isEmpty() ? new Outcome(Verdict.PASSED, text) : uncertain(dropping);
    }

    Outcome dropped(String text) {
      return accepting.isEmpty() ? new Outcome(Verdict.DROPPED, text) : uncertain(accepting);
    }

    private static Outcome uncertain(String rule) {
      return new Outcome(Verdict.UNCERTAIN, "it depends on more than is known here: " + rule);
    }
  }

  private static List<String> words(String rule) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(rule);
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return words;
  }

  private static String after(List<String> words, String option, String absent) {
    int at = words.indexOf(option);
    return at >= 0 && at + 1 < words.size() ? words.get(at + 1) : absent;
  }

  private static Match match(List<String> words, Packet packet) {
    Match match = Match.YES;
    boolean not = false;
    int next = 2; // behind -A and the chain's name
    while (next < words.size()) {
      String word = words.get(next++);
      if (word.equals("!")) {
        not = true;
        continue;
      }
      if (word.equals("-j") || word.equals("-g")) {
        return match; // what follows is the target's own
      }
      String value = next < words.size() ? words.get(next++) : "";
      Match one =
          switch (word) {
            case "-i" -> link(value, packet.in());
            case "-o" -> link(value, packet.out());
            case "-s" -> within(value, packet.source());
            case "-d" -> within(value, packet.destination());
            case "-p" -> protocol(value, packet.protocol());
            case "-m" ->
                switch (value) {
                  case "comment", "conntrack", "state", "tcp", "udp", "icmp", "icmp6" -> Match.YES;
                  default -> Match.MAYBE;
                };
            case "--comment" -> Match.YES;
            case "--ctstate", "--state" ->
                List.of(value.split(",", -1)).contains(packet.state()) ? Match.YES : Match.NO;
            default -> Match.MAYBE;
          };
      match = and(match, not ? opposite(one) : one);
      not = false;
    }
    return match;
  }

  private static Match and(Match a, Match b) {
    if (a == Match.NO || b == Match.NO) {
      return Match.NO;
    }
    return a == Match.MAYBE || b == Match.MAYBE ? Match.MAYBE : Match.YES;
  }

  private static Match opposite(Match match) {
    return switch (match) {
      case YES -> Match.NO;
      case NO -> Match.YES;
      case MAYBE -> Match.MAYBE;
    };
  }

  private static Match link(String wanted, String name) {
    if (name.isEmpty()) {
      return Match.MAYBE;
    }
    boolean same =
        wanted.endsWith("+")
            ? name.startsWith(wanted.substring(0, wanted.length() - 1))
            : name.equals(wanted);
    return same ? Match.YES : Match.NO;
  }

  private static Match within(String net, Address address) {
    try {
      Prefix prefix = net.contains("/") ? Prefix.parse(net) : Address.parse(net).toPrefix();
      return prefix.family() == address.family() && prefix.contains(address) ? Match.YES : Match.NO;
    } catch (IllegalArgumentException e) {
      return Match.MAYBE;
    }
  }

  private static Match protocol(String name, int number) {
    int named =
        switch (name) {
          case "tcp" -> 6;
          case "udp" -> 17;
          case "icmp" -> 1;
          case "ipv6-icmp", "icmpv6" -> 58;
          case "sctp" -> 132;
          case "all" -> number;
          default -> name.matches("\\d{1,3}") ? Integer.parseInt(name) : -1;
        };
    if (named < 0) {
      return Match.MAYBE;
    }
    return named == number ? Match.YES : Match.NO;
  }
}
