package dev.manul.policy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.calculation.Changes;
import dev.manul.policy.calculation.PolicyCalculation;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.kernel.BackendChoice;
import dev.manul.policy.kernel.FamilyTables;
import dev.manul.policy.kernel.HostPrograms;
import dev.manul.policy.kernel.IpSet;
import dev.manul.policy.kernel.KernelSets;
import dev.manul.policy.kernel.Programs;
import dev.manul.policy.kernel.RulesException;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.kernel.TableSweep;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.rendering.Rendering;
import dev.manul.policy.rendering.SetNames;
import dev.manul.policy.rendering.Touched;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes facts through calculation and rendering into the kernel, and decides when the kernel is
 * read. One thread at a time may use it.
 */
final class PolicyKeeper implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PolicyKeeper.class);

  private static final long FIRST_RETRY_NANOS = 100_000_000L;
  private static final long LONGEST_RETRY_NANOS = 30_000_000_000L;

  /** How soon sets are destroyed that were still in use, at first. */
  private static final long LINGER_NANOS = 20_000_000L;

  /** After so many attempts it is somebody else who uses a set, and worth telling. */
  private static final int MANY_ATTEMPTS = 10;

  private final LongSupplier nanoTime;
  private final NetworkNamespace namespace;
  private final NetworkPolicyOptions options;
  private final Programs programs;
  private final InstantSource clock = InstantSource.system();
  private final PolicyCalculation calculation = new PolicyCalculation();
  private final Rendering rendering;
  private final AllRules rules;
  private final NamedSets named;
  private final KernelSets sets;
  private final Map<AddressFamily, FamilyTables> tables = new EnumMap<>(AddressFamily.class);
  private final Map<AddressFamily, Set<String>> natSets = new EnumMap<>(AddressFamily.class);
  private final Set<EndpointId> endpoints = new HashSet<>();
  private final Set<PolicyId> policies = new HashSet<>();

  private NatRules.Input nat = new NatRules.Input(Set.of(), Set.of());
  private Backend backend;

  /** Packet filters with rules of ours that go as soon as those in the chosen one are complete. */
  private Set<Backend> left = Set.of();

  private boolean synced;
  private boolean hasNews;
  private long newsNanos;
  private Duration lastChange = Duration.ZERO;
  private long repaired;
  private long writesOfClosed;
  private int attempts;
  private long dueNanos;
  private int lingering;

  /** Sets that were in use at every attempt. */
  private final Set<String> stuck = new HashSet<>();

  private long lingerNanos;
  private Instant lastFullCheck;
  private List<String> failing = List.of();

  PolicyKeeper(NetworkNamespace namespace, NetworkPolicyOptions options) {
    this(namespace, options, System::nanoTime);
  }

  PolicyKeeper(NetworkNamespace namespace, NetworkPolicyOptions options, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.dueNanos = nanoTime.getAsLong();
    this.namespace = namespace;
    this.options = options;
    this.programs = new HostPrograms(namespace);
    this.rendering = new Rendering(options.rules());
    this.rules = new AllRules(rendering);
    this.named = new NamedSets(calculation::members);
    this.sets = new KernelSets(namespace, named);
    if (tunnels()) {
      tunnelPeers(Set.of());
    }
  }

  private boolean tunnels() {
    return options.rules().tunnels();
  }

  /** Takes in facts. */
  void facts(Collection<? extends Fact> facts) {
    if (facts.isEmpty()) {
      return;
    }
    Changes changes = calculation.apply(facts);
    if (changes.isEmpty()) {
      return;
    }
    news();
    endpoints.addAll(changes.endpoints().keySet());
    endpoints.removeAll(changes.endpointsGone());
    policies.addAll(changes.policies().keySet());
    policies.removeAll(changes.policiesGone());
    take(changes, rendering.apply(changes));
  }

  private void take(Changes changes, Touched touched) {
    named.apply(changes, touched, rendering, sets);
    tables.forEach(
        (family, driver) -> {
          touched.chains().get(family).forEach(driver::touch);
          if (touched.hooks()) {
            driver.doubt();
          }
        });
  }

  /** Takes in pools and nodes' own addresses. */
  void nat(NatRules.Input input) {
    if (input.equals(nat) && !natSets.isEmpty()) {
      return;
    }
    nat = input;
    news();
    take(Changes.NONE, rendering.expect(NatRules.families(input)));
    for (AddressFamily family : AddressFamily.values()) {
      NatRules.Wanted wanted = NatRules.of(family, input, options.masquerade());
      Set<String> names = new HashSet<>();
      for (IpSet set : wanted.sets()) {
        names.add(set.name());
        named.fixed(set.name(), set.members().stream().map(Prefix::parse).toList(), sets);
      }
      natSets.getOrDefault(family, Set.of()).stream()
          .filter(name -> !names.contains(name))
          .forEach(name -> named.fixedGone(name, sets));
      natSets.put(family, names);
      AllRules.NatChange change = rules.nat(wanted);
      FamilyTables driver = tables.get(family);
      if (driver != null) {
        driver.touch(TableName.NAT, change.chains());
        if (change.hooks()) {
          driver.doubt();
        }
      }
    }
    if (tunnels()) {
      tunnelPeers(input.nodes());
    }
  }

  private void tunnelPeers(Set<Address> nodes) {
    for (AddressFamily family : AddressFamily.values()) {
      named.fixed(
          SetNames.name(SetNames.TUNNEL_PEERS, family),
          nodes.stream().filter(a -> a.family() == family).map(Address::toPrefix).toList(),
          sets);
    }
  }

  /** All that there is was told once; nothing is written before. */
  void synced() {
    if (!synced) {
      synced = true;
      news();
    }
  }

  boolean isSynced() {
    return synced;
  }

  private void news() {
    if (!hasNews) {
      hasNews = true;
      newsNanos = nanoTime.getAsLong();
    }
  }

  /** How long nothing has to be done unless there is something new; at most a day. */
  long untilNextNanos() {
    if (!synced) {
      return 86_400_000_000_000L;
    }
    long now = nanoTime.getAsLong();
    long left = dueNanos - now;
    return Math.max(0, lingering > 0 ? Math.min(left, lingerNanos - now) : left);
  }

  Set<PolicyId> policies() {
    return Set.copyOf(policies);
  }

  PolicyCalculation calculation() {
    return calculation;
  }

  AllRules rules() {
    return rules;
  }

  Rendering rendering() {
    return rendering;
  }

  /** The endpoints of this node. */
  Set<EndpointId> endpoints() {
    return endpoints;
  }

  NetworkPolicyOptions options() {
    return options;
  }

  Optional<Backend> backend() {
    return Optional.ofNullable(backend);
  }

  /** Whether all that was taken in is in the kernel. */
  boolean settled() {
    return synced && !hasNews && failing.isEmpty();
  }

  PolicyStatus status() {
    return new PolicyStatus(
        Optional.ofNullable(backend),
        settled() && lingering == 0,
        endpoints.size(),
        policies.size(),
        named.names().size(),
        writes(),
        repaired,
        Optional.ofNullable(lastFullCheck),
        lastChange,
        failing,
        calculation.withoutTier());
  }

  private long writes() {
    return writesOfClosed
        + sets.writes()
        + tables.values().stream().mapToLong(FamilyTables::writes).sum();
  }

  /** The kernel is read again soon, for somebody may have changed what is ours. */
  void doubt() {
    dueNanos = nanoTime.getAsLong();
  }

  /**
   * Does what is due.
   *
   * @return whether there was anything
   */
  boolean settle() {
    boolean due = synced && dueNanos - nanoTime.getAsLong() <= 0;
    if (!synced || !(due || hasNews || untilNextNanos() == 0)) {
      return false;
    }
    boolean reads = backend == null || due;
    boolean repairs = reads && !hasNews && failing.isEmpty() && lastFullCheck != null;
    boolean hadNews = hasNews;
    long writesBefore = writes();
    hasNews = false;
    List<String> failed = new ArrayList<>();
    attempt(failed, () -> pass(reads, failed));
    linger(failed);
    if (repairs && writes() > writesBefore) {
      repaired += writes() - writesBefore;
      log.warn("event=policy_repaired writes={}", writes() - writesBefore);
    }
    if (hadNews && failed.isEmpty()) {
      lastChange = Duration.ofNanos(nanoTime.getAsLong() - newsNanos);
    }
    finish(reads, failed);
    return true;
  }

  /** Sets that are still in use are destroyed later, with more and more patience. */
  private void linger(List<String> failed) {
    Set<String> left = sets.lingering();
    if (left.isEmpty()) {
      stuck.clear();
      lingering = 0;
      return;
    }
    long now = nanoTime.getAsLong();
    stuck.retainAll(left);
    if (stuck.isEmpty()) { // others than before
      stuck.addAll(left);
      lingering = 0;
    } else if (lingerNanos - now > 0) {
      return; // a change came in between; that is no attempt
    }
    lingerNanos = now + Math.min(LONGEST_RETRY_NANOS, LINGER_NANOS << Math.min(lingering, 20));
    lingering++;
    if (lingering > MANY_ATTEMPTS) {
      failed.add("set " + stuck.iterator().next() + ": nobody needs it, but some rule uses it");
    }
  }

  private void finish(boolean reads, List<String> failed) {
    List<String> all = new ArrayList<>(failed);
    tables.forEach(
        (family, driver) ->
            driver
                .closed()
                .forEach(
                    (chain, why) -> all.add(family + " chain " + chain + " drops all: " + why)));
    if (!all.equals(failing)) {
      all.forEach(line -> log.warn("event=policy_failing cause=\"{}\"", line));
      if (all.isEmpty()) {
        log.info("event=policy_no_longer_failing");
      }
      failing = List.copyOf(all);
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
      double share = (1 + ThreadLocalRandom.current().nextDouble()) / 2;
      dueNanos = now + (long) (options.longestCheck().toNanos() * share);
    }
  }

  private void pass(boolean reads, List<String> failed) {
    if (reads) {
      chooseBackend();
      sets.doubt();
      tables.values().forEach(FamilyTables::doubt);
    }
    if (tables.values().stream().noneMatch(FamilyTables::isTouched)) {
      sets.addAndRemove(); // no rule depends on what comes first
      return;
    }
    sets.add();
    int failures = failed.size();
    failed.addAll(writeTables());
    if (failed.size() == failures) {
      left.forEach(other -> sweep(programs, other));
      left = Set.of();
      sets.remove();
    }
  }

  /**
   * Both families at once: most of a write is waiting for the kernel. Nothing changes meanwhile of
   * what the rules come from, for this thread, whose it is, waits for both.
   */
  private List<String> writeTables() {
    List<String> failed = Collections.synchronizedList(new ArrayList<>());
    List<Thread> others = new ArrayList<>();
    FamilyTables own = tables.get(AddressFamily.IPV4);
    for (FamilyTables driver : tables.values()) {
      if (driver != own && driver.isTouched()) {
        others.add(
            Thread.ofVirtual()
                .name("policy-tables")
                .start(() -> attempt(failed, () -> driver.apply(rules))));
      }
    }
    attempt(failed, () -> own.apply(rules));
    boolean interrupted = false;
    for (Thread other : others) {
      while (other.isAlive()) {
        try {
          other.join();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return failed.stream().sorted().toList();
  }

  private void chooseBackend() {
    Optional<Backend> wanted = options.backend();
    Backend chosen;
    if (wanted.isEmpty() || backend == null) {
      BackendChoice choice = BackendChoice.detect(programs);
      chosen = wanted.orElse(choice.backend());
      left = EnumSet.noneOf(Backend.class);
      left.addAll(choice.marked());
      left.remove(chosen);
    } else {
      chosen = wanted.get(); // whoever asks for one is not looked behind again and again
    }
    if (chosen != backend) {
      log.info("event=packet_filter_chosen backend={} before={}", chosen, backend);
      backend = chosen;
      writesOfClosed = writes() - sets.writes();
      tables.values().forEach(FamilyTables::close);
      tables.clear();
      for (AddressFamily family : AddressFamily.values()) {
        if (isThere(family)) {
          tables.put(family, new FamilyTables(namespace, chosen, family));
        }
      }
    }
  }

  /** A kernel may be without IPv6. */
  private boolean isThere(AddressFamily family) {
    return family == AddressFamily.IPV4 || Files.exists(NetworkNamespace.sysctls().resolve("ipv6"));
  }

  /** Removes what is ours from a packet filter; gives what could not be done. */
  static Map<String, String> sweep(Programs programs, Backend backend) {
    Map<String, String> failed = new HashMap<>();
    for (AddressFamily family : AddressFamily.values()) {
      for (TableName table : TableName.values()) {
        try {
          TableSweep.sweep(programs, backend, family, table);
        } catch (RulesException e) { // one of them may well not be in this kernel
          failed.put(family + " " + table, e.getMessage());
          log.debug("event=sweep_failed backend={} cause=\"{}\"", backend, e.getMessage());
        }
      }
    }
    return failed;
  }

  private static void attempt(List<String> failed, Runnable step) {
    try {
      step.run();
    } catch (RulesException e) {
      failed.add(e.getMessage());
    } catch (RuntimeException e) { // a mistake of ours: told, and tried again like a failure
      log.error("event=policy_pass_failed", e);
      failed.add(e.toString());
    }
  }

  /** Ends programs and closes sockets; rules and sets stay. */
  @Override
  public void close() {
    tables.values().forEach(FamilyTables::close);
    sets.close();
  }
}
