package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the tables of one family and one packet filter what they ought to be, by the programs of
 * iptables. Remembers what it has read and written, so that a change costs one process.
 */
public final class TableDriver {

  /** Seconds that a program waits for another to give the lock back. */
  private static final String LOCK_WAIT = "30";

  private final Programs programs;
  private final Backend backend;
  private final AddressFamily family;
  private final Map<String, FoundTable> known = new HashMap<>();

  public TableDriver(Programs programs, Backend backend, AddressFamily family) {
    this.programs = programs;
    this.backend = backend;
    this.family = family;
  }

  /** What a table holds; read from the kernel unless it is known. */
  public FoundTable found(String table) {
    FoundTable found = known.get(table);
    if (found == null) {
      found = FoundTable.parse(programs.ok(List.of(backend.saveProgram(family), "-t", table), ""));
      known.put(table, found);
    }
    return found;
  }

  /** The kernel is read again before the next write, for others may have changed it. */
  public void forget() {
    known.clear();
  }

  /**
   * Makes a table what it ought to be, in one step that no packet sees a half of.
   *
   * @return whether anything had to be written
   */
  public boolean apply(Table desired) {
    FoundTable found = found(desired.name());
    List<String> lines = TableDiff.between(found, desired);
    if (lines.isEmpty()) {
      return false;
    }
    known.remove(desired.name()); // until it is known that the write was done
    String _ =
        programs.ok(
            List.of(backend.restoreProgram(family), "--noflush", "-w", LOCK_WAIT),
            "*%s%n%s%nCOMMIT%n".formatted(desired.name(), String.join("\n", lines)));
    known.put(desired.name(), found.after(desired));
    return true;
  }
}
