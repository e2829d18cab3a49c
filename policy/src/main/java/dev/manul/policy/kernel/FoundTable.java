package dev.manul.policy.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a table holds that concerns us, as {@code iptables-save} told it.
 *
 * @param chains our chains, each with the hashes of its rules; "" for a rule without our mark
 * @param others the chains that are not ours
 */
public record FoundTable(Map<String, List<String>> chains, Map<String, Other> others) {

  private static final Pattern OUR_COMMENT =
      Pattern.compile("--comment \"?" + RuleText.MARK + "([A-Za-z0-9_-]+)");

  public static final FoundTable NOTHING = new FoundTable(Map.of(), Map.of());

  /**
   * A chain that is not ours.
   *
   * @param policy what becomes of packets at its end: ACCEPT, DROP, or "-" when it returns
   * @param size how many rules it has
   * @param ours our rules in it, in their order
   */
  public record Other(String policy, int size, List<Foreign> ours) {}

  /**
   * A rule of ours in a chain that is not ours.
   *
   * @param position from 0
   * @param spec the rule as iptables words it, which is how it is named when it is to be deleted:
   *     its position may be another's by then
   */
  public record Foreign(int position, String hash, String spec) {}

  public FoundTable {
    chains = Map.copyOf(chains);
    others = Map.copyOf(others);
  }

  /** Reads what {@code iptables-save -t TABLE} printed. */
  public static FoundTable parse(String saved) {
    Map<String, List<String>> chains = new LinkedHashMap<>();
    Map<String, Other> others = new LinkedHashMap<>();
    saved
        .lines()
        .forEach(
            line -> {
              if (line.startsWith(":")) {
                String[] words = line.substring(1).split(" ", 3);
                if (isOurs(words[0])) {
                  chains.put(words[0], new ArrayList<>());
                } else {
                  others.put(words[0], new Other(words[1], 0, new ArrayList<>()));
                }
              } else if (line.startsWith("-A ")) {
                rule(line.substring(3), chains, others);
              }
            });
    return new FoundTable(chains, others);
  }

  private static void rule(
      String rule, Map<String, List<String>> chains, Map<String, Other> others) {
    int space = rule.indexOf(' ');
    String chain = rule.substring(0, space < 0 ? rule.length() : space);
    Matcher comment = OUR_COMMENT.matcher(rule);
    String hash = rule.contains(RuleText.MARK) && comment.find() ? comment.group(1) : "";
    List<String> hashes = chains.get(chain);
    if (hashes != null) {
      hashes.add(hash);
      return;
    }
    others.computeIfPresent(
        chain,
        (_, other) -> {
          if (!hash.isEmpty()) {
            other.ours().add(new Foreign(other.size(), hash, rule.substring(space + 1)));
          }
          return new Other(other.policy(), other.size() + 1, other.ours());
        });
  }

  private static boolean isOurs(String chain) {
    return chain.startsWith(Chain.PREFIX);
  }

  /** The policy of a chain of the kernel's; ACCEPT, the kernel's own, when it is not there. */
  public String policy(String chain) {
    Other other = others.get(chain);
    return other == null ? "ACCEPT" : other.policy();
  }

  /**
   * What there is right after {@code written} was written over {@code this}. In chains that are not
   * ours one rule stands for all of the others'.
   */
  public FoundTable after(Table written) {
    Map<String, List<String>> chainsAfter = new LinkedHashMap<>();
    written.chains().forEach(chain -> chainsAfter.put(chain.name(), chain.hashes()));
    Map<String, Other> othersAfter = new LinkedHashMap<>();
    others.forEach((name, other) -> othersAfter.put(name, new Other(other.policy(), 1, List.of())));
    for (Hook hook : written.hooks()) {
      List<Foreign> ours = new ArrayList<>();
      hook.first().forEach(rule -> ours.add(foreign(hook, ours.size(), rule)));
      hook.last().forEach(rule -> ours.add(foreign(hook, ours.size() + 1, rule)));
      othersAfter.put(
          hook.chain(), new Other(policy(hook.chain()), ours.size() + 1, List.copyOf(ours)));
    }
    return new FoundTable(chainsAfter, othersAfter);
  }

  private static Foreign foreign(Hook hook, int position, RuleText rule) {
    return new Foreign(position, rule.hash(hook.chain()), rule.marked(hook.chain()));
  }
}
