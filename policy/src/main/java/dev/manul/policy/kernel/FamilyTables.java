package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import dev.manul.netlink.NetworkNamespace;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes the tables of one family and one packet filter what they ought to be. A change rewrites the
 * chains that it touches, and nothing else is looked at: of the other chains only a number is kept
 * that says what was in them.
 *
 * <p>All that is written for a table takes effect in one step; a chain is emptied and filled again
 * inside it. One thread owns it.
 */
public final class FamilyTables implements AutoCloseable {

  private final Programs programs;
  private final RestoreProgram restore;
  private final Backend backend;
  private final AddressFamily family;
  private final Map<TableName, State> states = new EnumMap<>(TableName.class);
  private final Map<String, String> closed = new TreeMap<>();
  private long writes;

  /** What is known of a table. */
  private static final class State {
    /** Whether the kernel was read, and what was written since is known. */
    boolean read;

    /** A number for what is in each chain of ours. */
    final Map<String, Long> contents = new HashMap<>();

    final Set<String> touched = new HashSet<>();
  }

  /** What is to be written to a table, and what is so afterwards. */
  private record Plan(TableName table, List<String> lines, Map<String, Optional<Long>> contents) {}

  public FamilyTables(NetworkNamespace namespace, Backend backend, AddressFamily family) {
    this.programs = new HostPrograms(namespace);
    this.restore = new RestoreProgram(namespace, backend.restoreProgram(family));
    this.backend = backend;
    this.family = family;
    for (TableName table : TableName.values()) {
      states.put(table, new State());
    }
  }

  /** Chains that may have become different. */
  public void touch(TableName table, Set<String> chains) {
    states.get(table).touched.addAll(chains);
  }

  /**
   * The kernel is read before the next write: others may have changed it, or a write has failed.
   */
  public void doubt() {
    states.values().forEach(state -> state.read = false);
    closed.clear();
  }

  /** Whether {@link #apply} has something to look at. */
  public boolean isTouched() {
    return states.values().stream().anyMatch(state -> !state.read || !state.touched.isEmpty());
  }

  /** How often something was written. */
  public long writes() {
    return writes;
  }

  /** Chains that the kernel has refused and that are closed instead, with its reason. */
  public Map<String, String> closed() {
    return Map.copyOf(closed);
  }

  /**
   * Makes the tables what they ought to be.
   *
   * @return whether anything had to be written
   * @throws RulesException when that was not possible; the next time begins with reading
   */
  public boolean apply(DesiredRules desired) {
    while (true) {
      List<Plan> plans = new ArrayList<>();
      for (TableName table : TableName.values()) {
        plan(table, desired).ifPresent(plans::add);
      }
      if (plans.isEmpty()) {
        return false;
      }
      var input = new StringBuilder();
      List<String> all = new ArrayList<>();
      for (Plan plan : plans) {
        all.add("*" + plan.table());
        all.addAll(plan.lines());
        all.add("COMMIT");
      }
      all.forEach(line -> input.append(line).append('\n'));
      try {
        restore.run(input.toString());
        writes++;
        plans.forEach(this::written);
        return true;
      } catch (RestoreProgram.Refused e) {
        Optional<String> chain = chain(all, e.line);
        boolean news = chain.isPresent() && closed.putIfAbsent(chain.get(), e.getMessage()) == null;
        states.values().forEach(state -> state.read = false);
        if (!news) {
          throw new RulesException(e.getMessage(), e);
        }
      } catch (RulesException e) {
        states.values().forEach(state -> state.read = false);
        throw e;
      }
    }
  }

  /** The chain that a line fills, if it is one that can do without its rules. */
  private static Optional<String> chain(List<String> lines, long number) {
    if (number < 1 || number > lines.size()) {
      return Optional.empty();
    }
    String[] words = lines.get((int) number - 1).split(" ", 3);
    return words[0].equals("-A") && words[1].startsWith(Chain.PREFIX)
        ? Optional.of(words[1])
        : Optional.empty();
  }

  private void written(Plan plan) {
    State state = states.get(plan.table());
    plan.contents()
        .forEach(
            (chain, content) ->
                content.ifPresentOrElse(
                    number -> state.contents.put(chain, number),
                    () -> state.contents.remove(chain)));
    state.touched.clear();
    state.read = true;
  }

  private Optional<Plan> plan(TableName table, DesiredRules desired) {
    State state = states.get(table);
    List<String> hooks = List.of();
    if (!state.read) {
      FoundTable found =
          FoundTable.parse(
              programs.ok(List.of(backend.saveProgram(family), "-t", table.toString()), ""));
      state.contents.clear();
      found.chains().forEach((name, hashes) -> state.contents.put(name, content(hashes)));
      state.touched.addAll(found.chains().keySet());
      state.touched.addAll(desired.chains(family, table));
      hooks = TableDiff.hooks(found, desired.hooks(family, table));
    }
    return plan(table, state, desired, hooks);
  }

  private Optional<Plan> plan(
      TableName table, State state, DesiredRules desired, List<String> hooks) {
    List<String> declared = new ArrayList<>();
    List<String> filled = new ArrayList<>();
    List<String> deleted = new ArrayList<>();
    Map<String, Optional<Long>> contents = new HashMap<>();
    for (String name : new TreeSet<>(state.touched)) {
      Optional<List<RuleText>> rules = desired.chain(family, table, name);
      if (rules.isPresent() && closed.containsKey(name)) {
        rules = Optional.of(List.of(new RuleText("-j DROP")));
      }
      Long before = state.contents.get(name);
      if (rules.isEmpty()) {
        if (before != null) {
          declared.add(":" + name + " - [0:0]");
          deleted.add("-X " + name);
          contents.put(name, Optional.empty());
        }
        continue;
      }
      List<String> hashes = rules.get().stream().map(rule -> rule.hash(name)).toList();
      long content = content(hashes);
      if (before != null && before == content) {
        continue;
      }
      declared.add(":" + name + " - [0:0]");
      for (int i = 0; i < hashes.size(); i++) {
        filled.add("-A " + name + " " + rules.get().get(i).markedAs(hashes.get(i)));
      }
      contents.put(name, Optional.of(content));
    }
    if (declared.isEmpty() && hooks.isEmpty()) {
      state.touched.clear();
      state.read = true;
      return Optional.empty();
    }
    List<String> lines = new ArrayList<>(declared);
    lines.addAll(filled);
    lines.addAll(hooks);
    lines.addAll(deleted);
    return Optional.of(new Plan(table, lines, contents));
  }

  /** 64 bits for the rules of a chain in their order, mixed as SplitMix64 does. */
  private static long content(List<String> hashes) {
    long mixed = hashes.size();
    for (String hash : hashes) {
      for (int i = 0; i < hash.length(); i++) {
        mixed = mixed * 0x100000001b3L ^ hash.charAt(i);
      }
      mixed ^= mixed >>> 30;
      mixed *= 0xbf58476d1ce4e5b9L;
      mixed ^= mixed >>> 27;
    }
    return mixed;
  }

  /** Ends the program that writes. */
  @Override
  public void close() {
    restore.close();
  }
}
