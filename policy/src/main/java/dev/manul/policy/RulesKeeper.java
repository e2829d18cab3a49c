package dev.manul.policy;

import dev.manul.model.AddressFamily;
import dev.manul.policy.NatOptions.Forwarding;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.kernel.BackendChoice;
import dev.manul.policy.kernel.IpSet;
import dev.manul.policy.kernel.IpSetDriver;
import dev.manul.policy.kernel.Programs;
import dev.manul.policy.kernel.RulesException;
import dev.manul.policy.kernel.Ruleset;
import dev.manul.policy.kernel.Table;
import dev.manul.policy.kernel.TableDriver;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when the kernel is read and written, and in what order, without a thread or a clock of
 * its own. One thread at a time may use it.
 */
final class RulesKeeper {

  private static final Logger log = LoggerFactory.getLogger(RulesKeeper.class);

  private static final long FIRST_RETRY_NANOS = 100_000_000L;
  private static final long LONGEST_RETRY_NANOS = 30_000_000_000L;

  private final Programs programs;
  private final NatOptions options;
  private final LongSupplier nanoTime;
  private final InstantSource clock;
  private final DoubleSupplier random;
  private final IpSetDriver sets;
  private final Map<AddressFamily, TableDriver> tables = new EnumMap<>(AddressFamily.class);

  private Backend backend;
  private NatRules.Input input;
  private boolean inputIsNew;
  private long writes;
  private long repaired;
  private int attempts;
  private long dueNanos;
  private Instant lastFullCheck;
  private List<String> failing = List.of();

  /**
   * A keeper.
   *
   * @param random from 0 to 1; spreads the readings of a cluster's nodes
   */
  RulesKeeper(
      Programs programs,
      NatOptions options,
      LongSupplier nanoTime,
      InstantSource clock,
      DoubleSupplier random) {
    this.programs = programs;
    this.options = options;
    this.nanoTime = nanoTime;
    this.clock = clock;
    this.random = random;
    this.sets = new IpSetDriver(programs);
  }

  /** What the rules are to come from; nothing is read or written before the first. */
  void input(NatRules.Input now) {
    if (!now.equals(input)) {
      input = now;
      inputIsNew = true;
    }
  }

  /** How long nothing has to be done unless there is a new input; at most a day. */
  long untilNextNanos() {
    return input == null ? 86_400_000_000_000L : Math.max(0, dueNanos - nanoTime.getAsLong());
  }

  NatStatus status() {
    return new NatStatus(
        Optional.ofNullable(backend),
        input != null && !inputIsNew && failing.isEmpty(),
        writes,
        repaired,
        Optional.ofNullable(lastFullCheck),
        failing);
  }

  /** Does what is due. */
  void settle() {
    boolean due = untilNextNanos() == 0;
    if (input == null || !(due || inputIsNew)) {
      return;
    }
    boolean reads = due || backend == null;
    boolean repairs = reads && !inputIsNew && failing.isEmpty() && lastFullCheck != null;
    long writesBefore = writes;
    inputIsNew = false;
    List<String> failed = new ArrayList<>();
    attempt(failed, () -> pass(reads, failed));
    if (repairs && writes > writesBefore) {
      repaired += writes - writesBefore;
      log.warn("event=rules_repaired writes={}", writes - writesBefore);
    }
    finish(reads, failed);
  }

  private void finish(boolean reads, List<String> failed) {
    if (!failed.equals(failing)) {
      failed.forEach(line -> log.warn("event=rules_failing cause=\"{}\"", line));
      if (failed.isEmpty()) {
        log.info("event=rules_no_longer_failing");
      }
      failing = List.copyOf(failed);
    }
    long now = nanoTime.getAsLong();
    if (!failed.isEmpty()) {
      dueNanos = now + Math.min(LONGEST_RETRY_NANOS, FIRST_RETRY_NANOS << Math.min(attempts, 20));
      attempts++;
      return;
    }
    attempts = 0;
    if (reads) {
      lastFullCheck = clock.instant();
      double share = (1 + random.getAsDouble()) / 2;
      dueNanos = now + (long) (options.longestCheck().toNanos() * share);
    }
  }

  private void pass(boolean reads, List<String> failed) {
    if (reads) {
      sets.forget();
      chooseBackend();
      tables.values().forEach(TableDriver::forget);
    }
    List<Ruleset> rulesets = new ArrayList<>();
    for (AddressFamily family : AddressFamily.values()) {
      attempt(failed, () -> rulesets.add(ruleset(family)));
    }
    if (rulesets.size() < AddressFamily.values().length) {
      return; // what one family's rules are to be is unknown, and with it which sets are in use
    }
    List<IpSet> wanted = rulesets.stream().flatMap(set -> set.sets().stream()).toList();
    count(sets.add(wanted));
    int failures = failed.size();
    rulesets.forEach(ruleset -> tables(ruleset, failed));
    if (failed.size() == failures) {
      count(sets.remove(wanted));
    }
  }

  private void chooseBackend() {
    BackendChoice choice = options.backend().isPresent() ? null : BackendChoice.detect(programs);
    Backend chosen = choice == null ? options.backend().get() : choice.backend();
    if (chosen != backend) {
      log.info("event=packet_filter_chosen backend={} before={}", chosen, backend);
      backend = chosen;
      for (AddressFamily family : AddressFamily.values()) {
        tables.put(family, new TableDriver(programs, chosen, family));
      }
    }
    if (choice != null) {
      choice.marked().stream().filter(other -> other != chosen).forEach(this::sweep);
    }
  }

  /** Removes what an earlier choice has left in the other filter. */
  private void sweep(Backend other) {
    for (AddressFamily family : AddressFamily.values()) {
      var driver = new TableDriver(programs, other, family);
      for (Table table : Ruleset.empty(family).tables()) {
        try {
          count(driver.apply(table));
        } catch (RulesException e) {
          log.warn("event=sweep_failed backend={} cause=\"{}\"", other, e.getMessage());
        }
      }
    }
  }

  private Ruleset ruleset(AddressFamily family) {
    boolean hasPools =
        input.pools().stream()
            .anyMatch(p -> p.spec().cidr() != null && p.spec().cidr().family() == family);
    boolean accept =
        hasPools
            && options.forwarding() == Forwarding.WHERE_DROPPED
            && tables.get(family).found("filter").policy("FORWARD").equals("DROP");
    return NatRules.of(family, input, options.exclusions(), accept);
  }

  private void tables(Ruleset ruleset, List<String> failed) {
    TableDriver driver = tables.get(ruleset.family());
    for (Table table : ruleset.tables()) {
      if (ruleset.family() == AddressFamily.IPV6 && ruleset.isEmpty()) {
        try {
          count(driver.apply(table));
        } catch (RulesException e) { // a node without IPv6
          log.debug("event=ipv6_rules_unreadable cause=\"{}\"", e.getMessage());
        }
      } else {
        attempt(failed, () -> count(driver.apply(table)));
      }
    }
  }

  private void count(boolean written) {
    if (written) {
      writes++;
    }
  }

  private void attempt(List<String> failed, Runnable step) {
    try {
      step.run();
    } catch (RulesException e) {
      failed.add(e.getMessage());
    } catch (RuntimeException e) { // a mistake of ours: told, and tried again like a failure
      log.error("event=rules_pass_failed", e);
      failed.add(e.toString());
    }
  }

  /** Removes all that is ours from both filters and the sets; gives what could not be done. */
  static List<String> remove(Programs programs) {
    List<String> failed = new ArrayList<>();
    for (Backend backend : Backend.values()) {
      for (AddressFamily family : AddressFamily.values()) {
        var driver = new TableDriver(programs, backend, family);
        for (Table table : Ruleset.empty(family).tables()) {
          try {
            boolean _ = driver.apply(table);
          } catch (RulesException e) { // one of them may well not be in this kernel
            log.debug("event=rules_unreadable cause=\"{}\"", e.getMessage());
          }
        }
      }
    }
    try {
      boolean _ = new IpSetDriver(programs).remove(List.of());
    } catch (RulesException e) { // also when a rule that could not be removed uses a set
      failed.add(e.getMessage());
    }
    return failed;
  }
}
