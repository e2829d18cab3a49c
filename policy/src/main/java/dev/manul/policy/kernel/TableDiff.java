package dev.manul.policy.kernel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What has to be written to make a table what it ought to be; pure. */
public final class TableDiff {

  /** Past this many single edits a chain is written anew. */
  private static final int MOST_EDITS = 200;

  private final FoundTable found;
  private final List<String> lines = new ArrayList<>();

  private TableDiff(FoundTable found) {
    this.found = found;
  }

  /**
   * The commands between {@code *TABLE} and {@code COMMIT} for {@code iptables-restore --noflush};
   * none when all is right.
   */
  static List<String> between(FoundTable found, Table desired) {
    var diff = new TableDiff(found);
    for (Chain chain : desired.chains()) {
      if (!found.chains().containsKey(chain.name())) {
        diff.declare(chain.name());
      }
    }
    desired.chains().forEach(diff::chain);
    diff.hooks(desired);
    diff.unwanted(desired);
    return diff.lines;
  }

  /** Makes a chain, or empties it when it is there. */
  private void declare(String chain) {
    lines.add(":" + chain + " - [0:0]");
  }

  /** Keeps the rules at the beginning and the end that are right and edits those between. */
  private void chain(Chain chain) {
    String name = chain.name();
    List<String> have = found.chains().getOrDefault(name, List.of());
    List<String> want = chain.hashes();
    int head = 0;
    while (head < Math.min(have.size(), want.size()) && have.get(head).equals(want.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < Math.min(have.size(), want.size()) - head
        && have.get(have.size() - 1 - tail).equals(want.get(want.size() - 1 - tail))) {
      tail++;
    }
    if (have.size() + want.size() - 2 * (head + tail) > MOST_EDITS && !have.isEmpty()) {
      declare(name);
      chain.rules().forEach(rule -> lines.add("-A " + name + " " + rule.marked(name)));
      return;
    }
    for (int i = have.size() - tail; i > head; i--) {
      lines.add("-D " + name + " " + i);
    }
    for (int i = head; i < want.size() - tail; i++) {
      String rule = chain.rules().get(i).marked(name);
      lines.add(tail == 0 ? "-A " + name + " " + rule : "-I " + name + " " + (i + 1) + " " + rule);
    }
  }

  private void hooks(Table desired) {
    Set<String> hooked = new HashSet<>();
    for (Hook hook : desired.hooks()) {
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
  private void unwanted(Table desired) {
    Set<String> wanted = new HashSet<>();
    desired.chains().forEach(chain -> wanted.add(chain.name()));
    List<String> unwanted =
        found.chains().entrySet().stream()
            .map(Map.Entry::getKey)
            .filter(chain -> !wanted.contains(chain))
            .sorted()
            .toList();
    unwanted.forEach(this::declare);
    unwanted.forEach(chain -> lines.add("-X " + chain));
  }
}
