package dev.manul.policy.kernel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What has to be written into chains that are not ours, so that our rules there are as they ought
 * to be, and how all that is ours is removed; pure. Commands are those between {@code *TABLE} and
 * {@code COMMIT} for {@code iptables-restore --noflush}.
 */
final class TableDiff {

  private final FoundTable found;
  private final List<String> lines = new ArrayList<>();

  private TableDiff(FoundTable found) {
    this.found = found;
  }

  /** The commands that make our rules in others' chains what they ought to be; none if they are. */
  static List<String> hooks(FoundTable found, List<Hook> desired) {
    var diff = new TableDiff(found);
    diff.hooks(desired);
    return diff.lines;
  }

  /** The commands that remove all that is ours; none if there is nothing. */
  static List<String> removal(FoundTable found) {
    var diff = new TableDiff(found);
    diff.hooks(List.of());
    diff.chains();
    return diff.lines;
  }

  private void hooks(List<Hook> desired) {
    Set<String> hooked = new HashSet<>();
    for (Hook hook : desired) {
      hooked.add(hook.chain());
      if (isInPlace(hook)) {
        continue;
      }
      deleteOurs(hook.chain());
      for (int i = 0; i < hook.first().size(); i++) {
        lines.add(
            "-I %s %d %s".formatted(hook.chain(), i + 1, hook.first().get(i).marked(hook.chain())));
      }
      hook.last()
          .forEach(rule -> lines.add("-A " + hook.chain() + " " + rule.marked(hook.chain())));
    }
    found.others().keySet().stream()
        .filter(chain -> !hooked.contains(chain))
        .sorted()
        .forEach(this::deleteOurs);
  }

  private boolean isInPlace(Hook hook) {
    FoundTable.Other chain = found.others().get(hook.chain());
    if (chain == null || chain.ours().size() != hook.first().size() + hook.last().size()) {
      return false;
    }
    for (int i = 0; i < chain.ours().size(); i++) {
      FoundTable.Foreign rule = chain.ours().get(i);
      boolean first = i < hook.first().size();
      RuleText wanted = first ? hook.first().get(i) : hook.last().get(i - hook.first().size());
      int position = first ? i : chain.size() - chain.ours().size() + i;
      if (rule.position() != position || !rule.hash().equals(wanted.hash(hook.chain()))) {
        return false;
      }
    }
    return true;
  }

  private void deleteOurs(String chain) {
    FoundTable.Other other = found.others().get(chain);
    if (other != null) {
      other.ours().forEach(rule -> lines.add("-D " + chain + " " + rule.spec()));
    }
  }

  /** All are emptied before any is deleted, for they may jump to one another. */
  private void chains() {
    List<String> names = found.chains().keySet().stream().sorted().toList();
    names.forEach(chain -> lines.add(":" + chain + " - [0:0]"));
    names.forEach(chain -> lines.add("-X " + chain));
  }
}
