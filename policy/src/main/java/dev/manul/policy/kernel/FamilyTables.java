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

  /** So many new chains are written in one step. */
  private static final int MOST_AT_ONCE = 500;

  private final Programs programs;
  private final RestoreProgram restore;
  private final Backend backend;
  private final AddressFamily family;
  private final Map<TableName, State> states = new EnumMap<>(TableName.class);
  private final Map<String, String> closed = new TreeMap<>();
  private long writes;

  /** What was written last. */
  private List<String> input = List.of();

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

  /**
   * What a chain is to hold.
   *
   * @param lines that fill it
   * @param targets chains of ours that it leads to
   * @param number says what is in it
   */
  private record Content(List<String> lines, Set<String> targets, long number) {
    static Content of(String name, List<RuleText> rules) {
      List<String> hashes = rules.stream().map(rule -> rule.hash(name)).toList();
      List<String> lines = new ArrayList<>(rules.size());
      Set<String> targets = new HashSet<>();
      for (int i = 0; i < rules.size(); i++) {
        lines.add("-A " + name + " " + rules.get(i).markedAs(hashes.get(i)));
        rules.get(i).target().filter(to -> to.startsWith(Chain.PREFIX)).ifPresent(targets::add);
      }
      return new Content(lines, targets, content(hashes));
    }
  }

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
    long writesBefore = writes;
    while (true) {
      try {
        List<Plan> plans = new ArrayList<>();
        for (TableName table : TableName.values()) {
          plan(table, desired).ifPresent(plans::add);
        }
        if (!plans.isEmpty()) {
          List<String> lines = new ArrayList<>();
          plans.forEach(plan -> lines.addAll(transaction(plan.table(), plan.lines())));
          write(lines);
          plans.forEach(this::written);
        }
        return writes > writesBefore;
      } catch (RestoreProgram.Refused e) {
        Optional<String> chain = chain(input, e.line);
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

  private static List<String> transaction(TableName table, List<String> lines) {
    List<String> all = new ArrayList<>(lines.size() + 2);
    all.add("*" + table);
    all.addAll(lines);
    all.add("COMMIT");
    return all;
  }

  private void write(List<String> lines) {
    input = lines;
    var text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    restore.run(text.toString());
    writes++;
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
    List<String> deleted = new ArrayList<>();
    Map<String, Optional<Long>> contents = new HashMap<>();
    Map<String, Content> changed = new TreeMap<>();
    Map<String, Content> fresh = new TreeMap<>();
    for (String name : new TreeSet<>(state.touched)) {
      Optional<List<RuleText>> rules = desired.chain(family, table, name);
      if (rules.isPresent() && closed.containsKey(name)) {
        rules = Optional.of(List.of(new RuleText("-j DROP")));
      }
      Long before = state.contents.get(name);
      if (rules.isPresent()) {
        Content content = Content.of(name, rules.get());
        if (before == null) {
          fresh.put(name, content);
        } else if (before != content.number()) {
          changed.put(name, content);
        }
      } else if (before != null) {
        declared.add(declaration(name));
        deleted.add("-X " + name);
        contents.put(name, Optional.empty());
      }
    }
    if (backend == Backend.NFT) {
      early(table, state, fresh);
    }
    changed.putAll(fresh);
    if (changed.isEmpty() && declared.isEmpty() && hooks.isEmpty()) {
      state.touched.clear();
      state.read = true;
      return Optional.empty();
    }
    changed.keySet().forEach(name -> declared.add(declaration(name)));
    List<String> lines = new ArrayList<>(declared);
    changed.forEach(
        (name, content) -> {
          lines.addAll(content.lines());
          contents.put(name, Optional.of(content.number()));
        });
    lines.addAll(hooks);
    lines.addAll(deleted);
    return Optional.of(new Plan(table, lines, contents));
  }

  private static String declaration(String chain) {
    return ":" + chain + " - [0:0]";
  }

  /**
   * Writes chains that are not there yet, and that nothing leads to before the others are written,
   * some at a time; those that lead to others after these. The program of nf_tables looks through a
   * list of all chains of a transaction for each of its rules.
   *
   * @param fresh loses those that were written
   */
  private void early(TableName table, State state, Map<String, Content> fresh) {
    boolean more = fresh.size() > MOST_AT_ONCE;
    while (more) {
      List<String> ready =
          fresh.entrySet().stream()
              .filter(entry -> state.contents.keySet().containsAll(entry.getValue().targets()))
              .map(Map.Entry::getKey)
              .toList();
      for (int from = 0; from < ready.size(); from += MOST_AT_ONCE) {
        List<String> names = ready.subList(from, Math.min(ready.size(), from + MOST_AT_ONCE));
        List<String> lines = new ArrayList<>();
        names.forEach(name -> lines.add(declaration(name)));
        names.forEach(name -> lines.addAll(fresh.get(name).lines()));
        write(transaction(table, lines));
        names.forEach(name -> state.contents.put(name, fresh.remove(name).number()));
      }
      more = !ready.isEmpty() && fresh.size() > MOST_AT_ONCE;
    }
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
