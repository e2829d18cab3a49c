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
record FoundTable(Map<String, List<String>> chains, Map<String, Other> others) {

  private static final Pattern OUR_COMMENT =
      Pattern.compile("--comment \"?" + RuleText.MARK + "([A-Za-z0-9_-]+)");

  /**
   * A chain that is not ours.
   *
   * @param size how many rules it has
   * @param ours our rules in it, in their order
   */
  record Other(int size, List<Foreign> ours) {}

  /**
   * A rule of ours in a chain that is not ours.
   *
   * @param position from 0
   * @param spec the rule as iptables words it, which is how it is named when it is to be deleted:
   *     its position may be another's by then
   */
  record Foreign(int position, String hash, String spec) {}

  FoundTable {
    chains = Map.copyOf(chains);
    others = Map.copyOf(others);
  }

  /** Reads what {@code iptables-save -t TABLE} printed. */
  static FoundTable parse(String saved) {
    Map<String, List<String>> chains = new LinkedHashMap<>();
    Map<String, Other> others = new LinkedHashMap<>();
    saved
        .lines()
        .forEach(
            line -> {
              if (line.startsWith(":")) {
                String name = line.substring(1, line.indexOf(' '));
                if (isOurs(name)) {
                  chains.put(name, new ArrayList<>());
                } else {
                  others.put(name, new Other(0, new ArrayList<>()));
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
          return new Other(other.size() + 1, other.ours());
        });
  }

  private static boolean isOurs(String chain) {
    return chain.startsWith(Chain.PREFIX);
  }
}
