package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel has counted for a rule of a chain of ours.
 *
 * @param hash what the rule is known by
 * @param target where it leads, such as {@code DROP} or the name of a chain; "" for nowhere
 */
public record RuleCounters(String hash, String target, long packets, long bytes) {

  private static final Pattern RULE =
      Pattern.compile("^\\[(\\d+):(\\d+)] -A (" + Chain.PREFIX + "\\S+) (.*)$");
  private static final Pattern LISTED = Pattern.compile(" -c (\\d+) (\\d+)");
  private static final Pattern HASH = Pattern.compile(RuleText.MARK + "([A-Za-z0-9_-]+)");
  private static final Pattern TARGET = Pattern.compile("-[jg] (\\S+)");

  /**
   * Reads the counters of our chains in a table, in the order of their rules.
   *
   * @throws RulesException when they cannot be read
   */
  public static Map<String, List<RuleCounters>> read(
      Programs programs, Backend backend, AddressFamily family, TableName table) {
    String saved =
        programs.ok(List.of(backend.saveProgram(family), "-c", "-t", table.toString()), "");
    Map<String, List<RuleCounters>> chains = new HashMap<>();
    saved
        .lines()
        .forEach(
            line -> {
              Matcher rule = RULE.matcher(line);
              if (rule.matches()) {
                Matcher hash = HASH.matcher(rule.group(4));
                Matcher target = TARGET.matcher(rule.group(4));
                chains
                    .computeIfAbsent(rule.group(3), _ -> new ArrayList<>())
                    .add(
                        new RuleCounters(
                            hash.find() ? hash.group(1) : "",
                            target.find() ? target.group(1) : "",
                            Long.parseLong(rule.group(1)),
                            Long.parseLong(rule.group(2))));
              }
            });
    return chains;
  }

  /**
   * Reads the counters of one chain of ours, in the order of its rules; at less cost than {@link
   * #read} where there are many chains.
   *
   * @throws RulesException when there is no such chain
   */
  public static List<RuleCounters> readChain(
      Programs programs, Backend backend, AddressFamily family, TableName table, String chain) {
    String listed =
        programs.ok(
            List.of(backend.program(family), "-w", "5", "-t", table.toString(), "-v", "-S", chain),
            "");
    List<RuleCounters> rules = new ArrayList<>();
    listed
        .lines()
        .forEach(
            line -> {
              Matcher count = LISTED.matcher(line);
              if (count.find()) {
                Matcher hash = HASH.matcher(line);
                Matcher target = TARGET.matcher(line);
                rules.add(
                    new RuleCounters(
                        hash.find() ? hash.group(1) : "",
                        target.find() ? target.group(1) : "",
                        Long.parseLong(count.group(1)),
                        Long.parseLong(count.group(2))));
              }
            });
    return rules;
  }
}
