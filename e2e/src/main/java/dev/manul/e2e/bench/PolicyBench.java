package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.bench.PolicyFigures.Burst;
import dev.manul.e2e.bench.PolicyFigures.Size;
import dev.manul.e2e.bench.PolicyFigures.Times;
import dev.manul.e2e.lab.Run;
import dev.manul.model.AddressFamily;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.PolicyStatus;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.meaning.Fact;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * How long it takes until a change of policy is in force: through the whole engine into the kernel
 * of a namespace, with more and more policies over the same pods. Beside it, in turns and with the
 * same rules there, what one bare {@code iptables-restore --noflush} takes from start to end for
 * one chain: it writes one family, the engine both.
 */
public final class PolicyBench {

  static final String PORT = "port in a rule";
  static final String POD_ADDED = "local pod added";
  static final String LABEL = "label of a remote pod";

  private static final String NAMESPACE = "mlab-policy";
  private static final int LOCALS = 100;
  private static final int REMOTES = 10_000;
  private static final int ROUNDS = 5;
  private static final int BURST = 50;
  private static final long BURST_PAUSE_NANOS = 2_000_000;

  /** Longer than changes gather after a write; pods gather longer than the others. */
  private static final long QUIET_NANOS = 25_000_000;

  private static final long QUIET_FOR_PODS_NANOS = 110_000_000;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double BYTES_PER_MIB = 1 << 20;
  private static final double KIB_PER_MIB = 1 << 10;

  /** One chain of three rules, as a policy's; {@code %d} is a port. */
  private static final String BARE =
      """
      *filter
      :bench-bare - [0:0]
      -A bench-bare -p 6 -m tcp --dport %1$d -m comment --comment bench:0123456789012345 -j ACCEPT
      -A bench-bare -p 6 -m tcp --dport 9000 -m comment --comment bench:1123456789012345 -j ACCEPT
      -A bench-bare -s 192.0.2.0/24 -p 6 -m tcp --dport 443 -m comment --comment bench:2 -j ACCEPT
      COMMIT
      """;

  /** Starts the program so often, and prints how long it took each time, in microseconds. */
  private static final String BARE_LOOP =
      """
      for ((i = 0; i < $2; i++)); do
        from=${EPOCHREALTIME/./}
        "$1" --noflush <"$3.$((i % 2))" || exit
        to=${EPOCHREALTIME/./}
        echo $((to - from))
      done
      """;

  private final PrintStream out;
  private final Backend backend;
  private final List<Integer> policies;
  private final Samples samples;
  private final NetworkPolicyOptions options;
  private final NetworkNamespace namespace = NetworkNamespace.named(NAMESPACE);
  private final Path bareInput;

  /** How often a change is made unmeasured at first, and then in each round. */
  private record Samples(int warmUp, int perRound) {
    static final Samples MANY = new Samples(30, 20);
    static final Samples FEW = new Samples(4, 4);
  }

  private PolicyBench(PrintStream out, Backend backend, List<Integer> policies, Path bareInput) {
    this.out = out;
    this.backend = backend;
    this.policies = policies;
    // the older filter writes whole tables, and takes a second for what the other does at once
    this.samples = backend == Backend.NFT ? Samples.MANY : Samples.FEW;
    this.bareInput = bareInput;
    this.options =
        NetworkPolicyOptions.DEFAULT.withBackend(backend).withLongestCheck(Duration.ofHours(1));
  }

  /**
   * Measures, in a namespace of its own that it takes down again.
   *
   * @param policies how many, one after another
   */
  public static PolicyFigures run(Backend backend, List<Integer> policies, PrintStream out) {
    try {
      Path directory = Files.createTempDirectory("manul-bench-");
      Path input = directory.resolve("bare");
      for (int i = 0; i < 2; i++) {
        Files.writeString(directory.resolve("bare." + i), BARE.formatted(8000 + i));
      }
      try {
        return new PolicyBench(out, backend, policies, input).run();
      } finally {
        for (int i = 0; i < 2; i++) {
          Files.delete(directory.resolve("bare." + i));
        }
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PolicyFigures run() {
    out.printf("%d local and %d remote pods%n", LOCALS, REMOTES);
    PolicyFigures.head(out, backend.toString());
    List<Size> sizes = new ArrayList<>();
    for (int count : policies) {
      try (var _ = BenchNamespaces.of(NAMESPACE)) {
        Size size = size(count);
        sizes.add(size);
        PolicyFigures.print(out, size);
      }
    }
    PolicyFigures figures =
        PolicyFigures.of(backend.toString(), LOCALS, REMOTES, List.copyOf(sizes));
    PolicyFigures.print(out, figures.verdicts());
    return figures;
  }

  /** The same node as it is after a while: started, changed, measured, started again. */
  private Size size(int policies) {
    double heapBefore = heapMib();
    double fullMs;
    double heapMib;
    Times bare;
    List<Times> changes;
    Burst burst;
    try (NetworkPolicies engine = NetworkPolicies.start(namespace, options)) {
      fullMs = full(engine, policies);
      heapMib = heapMib() - heapBefore;
      changes = new ArrayList<>();
      List<Long> bareMicros = new ArrayList<>();
      changes.add(
          rounds(
              engine,
              PORT,
              Optional.empty(),
              i -> port(i, policies),
              () -> bareMicros.addAll(bare(samples.perRound()))));
      bare = new Times("bare restore, one family", bareMicros, 1);
      changes.addAll(kinds(engine, policies));
      burst = burst(engine);
    }
    double restartMs;
    try (NetworkPolicies engine = NetworkPolicies.start(namespace, options)) {
      restartMs = full(engine, policies);
    }
    return new Size(
        policies, rules(), fullMs, restartMs, heapMib, residentMib(), bare, changes, burst);
  }

  private List<Times> kinds(NetworkPolicies engine, int policies) {
    return List.of(
        // sets alone, which no packet filter writes
        rounds(
            engine, Samples.MANY, LABEL, Optional.empty(), i -> relabelled(i, policies), () -> {}),
        rounds(
            engine, "other peers of a policy", Optional.empty(), i -> peers(i, policies), () -> {}),
        rounds(
            engine,
            "policy removed",
            Optional.of(i -> peers(i, policies)),
            i -> PolicyLoad.policyGone(which(i, policies)),
            () -> {}),
        rounds(
            engine,
            "policy added",
            Optional.of(i -> PolicyLoad.policyGone(which(i, policies))),
            i -> peers(i, policies),
            () -> {}),
        rounds(
            engine,
            "local pod gone",
            Optional.of(i -> PolicyLoad.local(i % LOCALS)),
            i -> PolicyLoad.localGone(i % LOCALS),
            () -> {}),
        rounds(
            engine,
            POD_ADDED,
            Optional.of(i -> PolicyLoad.localGone(i % LOCALS)),
            i -> PolicyLoad.local(i % LOCALS),
            () -> {}));
  }

  private double full(NetworkPolicies engine, int policies) {
    List<Fact> facts = PolicyLoad.facts(LOCALS, REMOTES, policies).toList();
    long start = System.nanoTime();
    engine.apply(facts);
    engine.synced();
    inForce(engine);
    double took = (System.nanoTime() - start) / NANOS_PER_MILLI;
    PolicyStatus status = settled(engine);
    if (status.policies() != policies || status.endpoints() != LOCALS) {
      throw new LabException(
          "%d policies and %d endpoints in force, not %d and %d",
          status.policies(), status.endpoints(), policies, LOCALS);
    }
    return took;
  }

  /** A question is answered after what was told before it is in the kernel. */
  private static void inForce(NetworkPolicies engine) {
    PolicyStatus status = engine.ask(_ -> true).thenApply(_ -> engine.status()).join();
    if (!status.failing().isEmpty()) {
      throw new LabException("%s", status.failing());
    }
  }

  /** Waits until nothing is left to do, such as sets to be destroyed. */
  private static PolicyStatus settled(NetworkPolicies engine) {
    while (!engine.status().settled()) {
      LockSupport.parkNanos(1_000_000);
    }
    return engine.status();
  }

  /**
   * Tells one fact at a time, each after the one before has settled.
   *
   * @param before told before each, and not measured
   */
  private Times rounds(
      NetworkPolicies engine,
      String what,
      Optional<IntFunction<Fact>> before,
      IntFunction<Fact> facts,
      Runnable between) {
    return rounds(engine, samples, what, before, facts, between);
  }

  private Times rounds(
      NetworkPolicies engine,
      Samples often,
      String what,
      Optional<IntFunction<Fact>> before,
      IntFunction<Fact> facts,
      Runnable between) {
    List<Long> micros = new ArrayList<>();
    long writes = 0;
    for (int i = 0; i < often.warmUp() + ROUNDS * often.perRound(); i++) {
      if (before.isPresent()) {
        engine.apply(List.of(before.get().apply(i)));
      }
      List<Fact> one = List.of(facts.apply(i));
      long writesBefore = settled(engine).writes();
      LockSupport.parkNanos(what.equals(POD_ADDED) ? QUIET_FOR_PODS_NANOS : QUIET_NANOS);
      long start = System.nanoTime();
      engine.apply(one);
      inForce(engine);
      long took = System.nanoTime() - start;
      if (i >= often.warmUp()) {
        micros.add(took / 1_000);
        long more = settled(engine).writes() - writesBefore;
        if (more == 0) {
          throw new LabException("%s: nothing to write", what);
        }
        writes += more;
        if ((i - often.warmUp()) % often.perRound() == 0) {
          between.run();
        }
      }
    }
    return new Times(what, micros, (double) writes / micros.size());
  }

  private List<Long> bare(int count) {
    return Run.of(
            Run.inNamespace(
                NAMESPACE,
                List.of(
                    "bash",
                    "-c",
                    BARE_LOOP,
                    "bare",
                    backend.restoreProgram(AddressFamily.IPV4),
                    Integer.toString(count),
                    bareInput.toString())))
        .orThrow()
        .lines()
        .stream()
        .map(Long::parseLong)
        .toList();
  }

  private static int which(int i, int policies) {
    return i * 7 % policies;
  }

  private static Fact port(int i, int policies) {
    return PolicyLoad.policyWithPort(which(i, policies), LOCALS, 10_000 + i);
  }

  private static Fact peers(int i, int policies) {
    return PolicyLoad.policy(which(i, policies), LOCALS, 1 + i);
  }

  /** A pod that a policy lets in, or with another role does not. */
  private static Fact relabelled(int i, int policies) {
    int pod = PolicyLoad.peer(i % policies, 0);
    return PolicyLoad.remote(pod, PolicyLoad.role(pod) + (i / policies + 1) % 2);
  }

  /** Pods arrive as fast as a CNI plugin can wire them. */
  private Burst burst(NetworkPolicies engine) {
    for (int i = 0; i < BURST; i++) {
      engine.apply(List.of(PolicyLoad.localGone(i)));
    }
    inForce(engine);
    long before = settled(engine).writes();
    LockSupport.parkNanos(QUIET_NANOS);
    long start = System.nanoTime();
    for (int i = 0; i < BURST; i++) {
      engine.apply(List.of(PolicyLoad.local(i)));
      LockSupport.parkNanos(BURST_PAUSE_NANOS);
    }
    long told = System.nanoTime();
    inForce(engine);
    long end = System.nanoTime();
    return new Burst(
        BURST,
        (told - start) / NANOS_PER_MILLI,
        (end - start) / NANOS_PER_MILLI,
        settled(engine).writes() - before);
  }

  private int rules() {
    return (int)
        Run.in(NAMESPACE, backend.saveProgram(AddressFamily.IPV4))
            .lines()
            .filter(line -> line.startsWith("-A "))
            .count();
  }

  private static double heapMib() {
    var memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed() / BYTES_PER_MIB;
  }

  private static double residentMib() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / KIB_PER_MIB)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
