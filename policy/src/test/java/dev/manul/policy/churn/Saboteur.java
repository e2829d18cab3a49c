package dev.manul.policy.churn;

import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.kernel.HostPrograms;
import dev.manul.policy.kernel.Programs;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Somebody else who runs iptables and ipset on the same node, and flushes, deletes, fills and swaps
 * what is not his. What he makes outside our chains he takes away again.
 */
final class Saboteur implements AutoCloseable {

  private static final List<String> TABLES = List.of("raw", "mangle", "nat", "filter");
  private static final String PASSING = "-m comment --comment passing-by -j RETURN";
  private static final int LONGEST_PAUSE_MILLIS = 120;
  private static final int RULES = 65;

  /** What he does. */
  enum Deed {
    FLUSH_CHAIN,
    FLUSH_ALL_CHAINS,
    REMOVE_ALL,
    DELETE_RULE,
    DELETE_HOOK,
    INSERT_RULE,
    INSERT_BEFORE_HOOK,
    STRAY_CHAIN,
    FLUSH_SET,
    DELETE_MEMBER,
    ADD_MEMBER,
    SWAP_SETS,
    STRAY_SET,
    DESTROY_SET
  }

  private static final List<Deed> TO_SETS =
      List.copyOf(EnumSet.range(Deed.FLUSH_SET, Deed.DESTROY_SET));
  private static final List<Deed> TO_RULES =
      List.copyOf(EnumSet.complementOf(EnumSet.copyOf(TO_SETS)));

  private final HostPrograms programs;
  private final String backend;
  private final Random random;
  private final Map<Deed, Integer> done = new EnumMap<>(Deed.class);
  private final Thread thread;
  private volatile boolean stopping;

  Saboteur(NetworkNamespace namespace, String backend, long seed) {
    this.programs = new HostPrograms(namespace);
    this.backend = backend;
    this.random = new Random(seed);
    this.thread = Thread.ofPlatform().name("saboteur").daemon().start(this::work);
  }

  private void work() {
    while (!stopping) {
      LockSupport.parkNanos(random.nextInt(1, LONGEST_PAUSE_MILLIS) * 1_000_000L);
      if (random.nextInt(100) < RULES) {
        rules(any(List.of("iptables", "iptables", "ip6tables")), any(TABLES));
      } else {
        sets();
      }
    }
  }

  private void rules(String program, String table) {
    List<String> saved =
        run(List.of(program + "-" + backend + "-save", "-t", table), "").out().lines().toList();
    List<String> chains =
        saved.stream()
            .filter(line -> line.startsWith(":manul-"))
            .map(line -> line.substring(1, line.indexOf(' ')))
            .toList();
    List<String> hooks =
        saved.stream()
            .filter(line -> line.startsWith("-A ") && line.contains("\"manul:"))
            .filter(line -> !line.startsWith("-A manul-"))
            .map(line -> "-D" + line.substring(2))
            .toList();
    List<String> filled =
        saved.stream()
            .filter(line -> line.startsWith("-A manul-"))
            .map(line -> line.split(" ", 3)[1])
            .toList();
    Deed deed = any(TO_RULES);
    if (chains.isEmpty() || filled.isEmpty() || hooks.isEmpty()) {
      return; // nothing there to spoil, or not now
    }
    String chain = any(chains);
    String full = any(filled);
    List<String> flushes = chains.stream().map(name -> ":" + name + " - [0:0]").toList();
    switch (deed) {
      case FLUSH_CHAIN -> restore(program, table, deed, List.of(":" + chain + " - [0:0]"));
      case FLUSH_ALL_CHAINS -> restore(program, table, deed, flushes);
      case REMOVE_ALL -> {
        List<String> lines = new ArrayList<>(flushes);
        lines.addAll(hooks);
        chains.forEach(name -> lines.add("-X " + name));
        restore(program, table, deed, lines);
      }
      case DELETE_RULE -> restore(program, table, deed, List.of("-D " + full + " 1"));
      case DELETE_HOOK -> restore(program, table, deed, List.of(any(hooks)));
      case INSERT_RULE -> {
        String target = any(List.of("ACCEPT", "DROP", "RETURN"));
        restore(program, table, deed, List.of("-I " + chain + " 1 -j " + target));
      }
      case INSERT_BEFORE_HOOK -> {
        String hooked = any(hooks).split(" ", 3)[1];
        restore(program, table, deed, List.of("-I " + hooked + " 1 " + PASSING));
        LockSupport.parkNanos(random.nextInt(LONGEST_PAUSE_MILLIS) * 1_000_000L);
        while (!restore(program, table, null, List.of("-D " + hooked + " " + PASSING))) {
          LockSupport.parkNanos(1_000_000); // the lock is somebody's
        }
      }
      case STRAY_CHAIN -> {
        String name = "manul-stray" + random.nextInt(10);
        restore(program, table, deed, List.of(":" + name + " - [0:0]", "-A " + name + " -j DROP"));
      }
      default -> throw new IllegalStateException(deed.toString());
    }
  }

  private void sets() {
    List<String> saved = run(List.of("ipset", "save"), "").out().lines().toList();
    List<String> sets =
        saved.stream()
            .filter(line -> line.matches("create mnl[46]-.*"))
            .map(line -> line.split(" ", 3)[1])
            .toList();
    List<String> members =
        saved.stream()
            .filter(line -> line.matches("add mnl[46]-.*"))
            .map(line -> "del " + line.substring(4))
            .toList();
    if (sets.isEmpty() || members.isEmpty()) {
      return;
    }
    Deed deed = any(TO_SETS);
    String set = any(sets);
    String line =
        switch (deed) {
          case FLUSH_SET -> "flush " + set;
          case DELETE_MEMBER -> any(members);
          case ADD_MEMBER ->
              "add " + set + (set.startsWith("mnl4-") ? " 203.0.113.99" : " 2001:db8:99::99");
          case SWAP_SETS -> "swap " + set + " " + any(sets);
          case STRAY_SET -> "create mnl4-stray" + random.nextInt(10) + " hash:mac";
          case DESTROY_SET -> "destroy " + set;
          default -> throw new IllegalStateException(deed.toString());
        };
    count(deed, run(List.of("ipset", "restore"), line + "\n"));
  }

  private boolean restore(String program, String table, Deed deed, List<String> lines) {
    Programs.Output output =
        run(
            List.of(program + "-" + backend + "-restore", "--noflush", "-w", "5"),
            "*%s%n%s%nCOMMIT%n".formatted(table, String.join("\n", lines)));
    count(deed, output);
    return output.status() == 0;
  }

  private void count(Deed deed, Programs.Output output) {
    if (deed != null && output.status() == 0) {
      var _ = done.merge(deed, 1, Integer::sum);
    }
  }

  private Programs.Output run(List<String> command, String input) {
    return programs.run(command, input);
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** How often he succeeded with what; only after the end. */
  Map<Deed, Integer> done() {
    return done;
  }

  /** Stops him, with nothing half done. */
  @Override
  public void close() {
    stopping = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
