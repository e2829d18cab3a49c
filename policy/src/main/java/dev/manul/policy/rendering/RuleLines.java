package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.ActiveRule;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.IcmpMatch;
import dev.manul.policy.meaning.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Makes lines of iptables of one rule of a policy.
 *
 * <p>What one line can ask is asked in one. A rule with one list of alternatives becomes a line for
 * each. A rule with several such lists, or with many prefixes that must not be, is worked out with
 * two bits of the packet's mark: one says that all conditions so far hold, the other that one of
 * the alternatives of the condition at hand does.
 */
final class RuleLines {

  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ICMPV6 = 58;
  private static final int SCTP = 132;

  private final AddressFamily family;
  private final Marks marks;
  private final Function<Action, String> target;
  private final List<RuleText> lines = new ArrayList<>();

  private RuleLines(AddressFamily family, Marks marks, Function<Action, String> target) {
    this.family = family;
    this.marks = marks;
    this.target = target;
  }

  /**
   * The lines of a policy's rules.
   *
   * @param target what a line does for an action, as {@code -j DROP}; "" for nothing at all, and
   *     then there is no line
   */
  static List<RuleText> of(
      List<ActiveRule> rules, AddressFamily family, Marks marks, Function<Action, String> target) {
    var lines = new RuleLines(family, marks, target);
    rules.forEach(lines::add);
    return lines.lines;
  }

  private void add(ActiveRule active) {
    Rule rule = active.rule();
    String to = target.apply(rule.action());
    if (to.isEmpty() || rule.family().map(only -> only != family).orElse(false)) {
      return;
    }
    if (rule.protocol().isPresent()) {
      int protocol = rule.protocol().getAsInt();
      boolean other = protocol == (family == AddressFamily.IPV4 ? ICMPV6 : ICMP);
      if (!other) {
        add(active, "-p " + protocol, to);
      }
    } else if (PeerMatch.asksPorts(active.source(), rule.source())
        || PeerMatch.asksPorts(active.destination(), rule.destination())) {
      for (int protocol : new int[] {TCP, UDP, SCTP}) {
        if (rule.notProtocol().orElse(0) != protocol) {
          add(active, "-p " + protocol, to);
        }
      }
    } else {
      add(active, rule.notProtocol().isPresent() ? "! -p " + protocol(rule) : "", to);
    }
  }

  private static int protocol(Rule rule) {
    return rule.notProtocol().getAsInt();
  }

  private void add(ActiveRule active, String protocol, String to) {
    Rule rule = active.rule();
    var match = new PeerMatch(family);
    if (!protocol.isEmpty()) {
      match.inline.add(protocol);
    }
    if (!protocol.startsWith("!")) { // one protocol cannot be and not be
      rule.notProtocol().ifPresent(_ -> match.checkNotProtocol(protocol, protocol(rule)));
    }
    rule.icmp().ifPresent(icmp -> icmp(match, protocol, icmp, false));
    rule.notIcmp().ifPresent(icmp -> icmp(match, protocol, icmp, true));
    match.add(rule.source(), active.source(), true);
    match.add(rule.destination(), active.destination(), false);
    if (match.impossible) {
      return;
    }
    String condition = String.join(" ", match.inline);
    if (match.never.isEmpty() && match.alternatives.isEmpty()) {
      line(condition, to);
    } else if (match.never.isEmpty()
        && match.alternatives.size() == 1
        && rule.action() != Action.LOG) {
      // Alternatives may overlap, and then a packet would be logged twice.
      match.alternatives.getFirst().forEach(one -> line(joined(condition, one), to));
    } else {
      marked(match, protocol, condition, to);
    }
  }

  private void marked(PeerMatch match, String protocol, String condition, String to) {
    List<List<String>> blocks = match.alternatives;
    if (blocks.isEmpty()) {
      line("", Marks.setAndClear(marks.all(), marks.any()));
    } else {
      line("", Marks.clear(marks.all() | marks.any()));
      blocks.getFirst().forEach(one -> line(joined(protocol, one), Marks.set(marks.all())));
    }
    for (int i = 1; i < blocks.size(); i++) {
      if (i > 1) {
        line("", Marks.clear(marks.any()));
      }
      blocks.get(i).forEach(one -> line(joined(protocol, one), Marks.set(marks.any())));
      line(Marks.areNot(marks.any()), Marks.clear(marks.all()));
    }
    match.never.forEach(one -> line(one, Marks.clear(marks.all())));
    line(joined(condition, Marks.are(marks.all())), to);
  }

  private void icmp(PeerMatch match, String protocol, IcmpMatch icmp, boolean not) {
    String own = "-p " + (family == AddressFamily.IPV4 ? ICMP : ICMPV6);
    if (!protocol.isEmpty() && !protocol.equals(own)) {
      match.impossible |= !not;
      return;
    }
    String message = message(icmp);
    if (protocol.isEmpty()) {
      if (not) {
        match.never.add(own + message);
      } else {
        match.inline.add(own + message);
      }
    } else if (!message.isEmpty()) {
      match.inline.add((not ? message.replace(" --", " ! --") : message).strip());
    } else {
      match.impossible |= not; // no message is none
    }
  }

  private String message(IcmpMatch icmp) {
    if (icmp.type().isEmpty()) {
      return "";
    }
    String type =
        icmp.type().getAsInt() + (icmp.code().isPresent() ? "/" + icmp.code().getAsInt() : "");
    return family == AddressFamily.IPV4
        ? " -m icmp --icmp-type " + type
        : " -m icmp6 --icmpv6-type " + type;
  }

  private void line(String condition, String to) {
    lines.add(new RuleText(joined(condition, to)));
  }

  private static String joined(String first, String second) {
    return first.isEmpty() ? second : second.isEmpty() ? first : first + " " + second;
  }
}
