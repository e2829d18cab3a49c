package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.policy.calculation.Changes;
import dev.manul.policy.calculation.PolicyCalculation;
import dev.manul.policy.meaning.Fact;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * How long the calculation of policies takes, without a kernel: all at once, and for one change of
 * several kinds, with more and more policies over the same pods. Flat means that what a change
 * costs does not grow with the number of policies.
 */
public final class PolicyCalculationBench {

  private static final int LOCALS = 100;
  private static final int REMOTES = 10_000;
  private static final List<Integer> POLICIES = List.of(100, 1_000, 10_000);
  private static final int CHANGES = 1_000;
  private static final int NAMESPACE_CHANGES = 50;
  private static final int WARM_UP = 3;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double HIGH = 0.99;
  private static final double BYTES_PER_MIB = 1 << 20;
  private static final double SETTLED_MIB = 0.1;

  private PolicyCalculationBench() {}

  /**
   * One kind of change.
   *
   * @param p50Ms the median time of one
   * @param p99Ms what 99 of 100 do not exceed
   */
  public record Change(String what, int count, double p50Ms, double p99Ms) {}

  /**
   * With so many policies.
   *
   * @param fullMs the time to take all facts at once and tell all that follows
   * @param sets how many sets of addresses that is
   * @param members how many members in all
   * @param memoryMib what becomes free when it is given up; nobody else keeps the facts
   */
  public record Size(
      int policies,
      double fullMs,
      int sets,
      long members,
      double memoryMib,
      List<Change> changes) {}

  /** All sizes. */
  public record Figures(int localPods, int remotePods, List<Size> sizes) {}

  /** Measures. */
  public static Figures run(PrintStream out) {
    for (int i = 0; i < WARM_UP; i++) {
      Size _ = size(POLICIES.get(1));
    }
    out.printf("%d local and %d remote pods%n", LOCALS, REMOTES);
    out.printf(
        "%9s %9s %7s %9s %9s  %-28s %8s %8s%n",
        "policies", "full ms", "sets", "members", "MiB", "one change", "p50 ms", "p99 ms");
    List<Size> sizes = new ArrayList<>();
    for (int policies : POLICIES) {
      Size size = size(policies);
      sizes.add(size);
      out.printf(
          "%9d %9.1f %7d %9d %9.1f%n",
          policies, size.fullMs(), size.sets(), size.members(), size.memoryMib());
      for (Change change : size.changes()) {
        out.printf("%49s%-28s %8.3f %8.3f%n", "", change.what(), change.p50Ms(), change.p99Ms());
      }
    }
    return new Figures(LOCALS, REMOTES, List.copyOf(sizes));
  }

  private static Size size(int policies) {
    double memory = memory(policies);
    var calculation = new PolicyCalculation();
    long[] told = full(calculation, policies);
    List<Change> changes =
        List.of(
            change(calculation, "rules of a policy", i -> rules(i, policies)),
            change(calculation, "policy removed", i -> gone(i, policies)),
            change(calculation, "policy added", i -> added(i, policies)),
            change(calculation, "label of a remote pod", i -> relabelled(i, policies)),
            change(calculation, "remote pod gone", i -> remoteGone(i, policies)),
            change(
                calculation,
                "remote pod added",
                i -> i < policies ? relabelled(i, policies) : null),
            change(calculation, "local pod gone", i -> i < LOCALS ? PolicyLoad.localGone(i) : null),
            change(calculation, "local pod added", i -> i < LOCALS ? PolicyLoad.local(i) : null),
            change(
                calculation,
                "label of a namespace (505 pods)",
                i ->
                    i < NAMESPACE_CHANGES
                        ? PolicyLoad.namespace(i % 20, i % 20 + i / 20 + 1)
                        : null));
    return new Size(policies, told[0] / NANOS_PER_MILLI, (int) told[1], told[2], memory, changes);
  }

  /** Takes all facts at once; the time in nanoseconds, and how many sets and members follow. */
  private static long[] full(PolicyCalculation calculation, int policies) {
    List<Fact> facts = PolicyLoad.facts(LOCALS, REMOTES, policies).toList();
    long start = System.nanoTime();
    Changes changes = calculation.apply(facts);
    long took = System.nanoTime() - start;
    if (changes.policies().size() != policies || changes.endpoints().size() != LOCALS) {
      throw new LabException(
          "%d policies and %d endpoints in use, not %d and %d",
          changes.policies().size(), changes.endpoints().size(), policies, LOCALS);
    }
    long members = changes.setsNew().values().stream().mapToLong(set -> set.size()).sum();
    return new long[] {took, changes.setsNew().size(), members};
  }

  private static Fact rules(int i, int policies) {
    // Of all policies in turn, and of few again and again, but each time others.
    return PolicyLoad.policy(i % policies, LOCALS, 1 + i / policies);
  }

  private static Fact gone(int i, int policies) {
    return i < policies ? PolicyLoad.policyGone(i) : null;
  }

  private static Fact added(int i, int policies) {
    return i < policies ? PolicyLoad.policy(i, LOCALS, 0) : null;
  }

  /** A pod that a policy lets in, or with another role does not. */
  private static Fact relabelled(int i, int policies) {
    int pod = PolicyLoad.peer(i % policies, 0);
    return PolicyLoad.remote(pod, PolicyLoad.role(pod) + (i / policies + 1) % 2);
  }

  private static Fact remoteGone(int i, int policies) {
    return i < policies ? PolicyLoad.remoteGone(PolicyLoad.peer(i, 0)) : null;
  }

  /** Takes facts one by one, as long as there are. */
  private static Change change(
      PolicyCalculation calculation, String what, IntFunction<Fact> facts) {
    List<Fact> all =
        Stream.iterate(0, i -> i < CHANGES, i -> i + 1)
            .map(facts::apply)
            .takeWhile(fact -> fact != null)
            .toList();
    long[] nanos = new long[all.size()];
    int effective = 0;
    for (int i = 0; i < nanos.length; i++) {
      List<Fact> one = List.of(all.get(i));
      long start = System.nanoTime();
      Changes changes = calculation.apply(one);
      nanos[i] = System.nanoTime() - start;
      effective += changes.isEmpty() ? 0 : 1;
    }
    Arrays.sort(nanos);
    if (effective < nanos.length * 9 / 10) {
      throw new LabException("%s: only %d of %d had effect", what, effective, nanos.length);
    }
    return new Change(
        what,
        nanos.length,
        nanos[nanos.length / 2] / NANOS_PER_MILLI,
        nanos[(int) (nanos.length * HIGH)] / NANOS_PER_MILLI);
  }

  /** What becomes free when a calculation is given up. */
  private static double memory(int policies) {
    List<PolicyCalculation> kept = new ArrayList<>(List.of(new PolicyCalculation()));
    long[] _ = full(kept.getFirst(), policies);
    double with = heapMib();
    kept.clear();
    return with - heapMib();
  }

  private static double heapMib() {
    var memory = ManagementFactory.getMemoryMXBean();
    double used = Double.MAX_VALUE;
    double before;
    do {
      before = used;
      memory.gc();
      used = memory.getHeapMemoryUsage().getUsed() / BYTES_PER_MIB;
    } while (used < before - SETTLED_MIB);
    return used;
  }
}
