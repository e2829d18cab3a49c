package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import java.util.List;

/** Removes what is ours from a table of iptables, and leaves all else. */
public final class TableSweep {

  private TableSweep() {}

  /**
   * Removes our chains, and our rules from chains that are not ours, in one step.
   *
   * @throws RulesException when something of ours is left
   */
  public static void sweep(
      Programs programs, Backend backend, AddressFamily family, TableName table) {
    String saved = programs.ok(List.of(backend.saveProgram(family), "-t", table.toString()), "");
    List<String> lines = TableDiff.removal(FoundTable.parse(saved));
    if (!lines.isEmpty()) {
      String _ =
          programs.ok(
              List.of(backend.restoreProgram(family), "--noflush", "-w", RestoreProgram.LOCK_WAIT),
              "*%s%n%s%nCOMMIT%n".formatted(table, String.join("\n", lines)));
    }
  }
}
