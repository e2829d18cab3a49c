package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Prefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which allocations and blocks nobody uses any more: a pure step from what was suspected before and
 * what is there now to what is suspected and what is to be released.
 *
 * <p>The rules are those of Calico's node controller. An allocation of a node that exists is a
 * candidate from the moment its pod does not vouch for it, and confirmed when that has been so for
 * the grace period. An allocation of a node that is gone is confirmed at once when its pod is gone
 * too. A tunnel's or a bridge's address is confirmed when the node is gone and no pod of the node
 * is left. Addresses of one handle are released together or not at all.
 */
final class LeakCalculation {
  private static final Set<String> OF_NODES =
      Stream.concat(
              Arrays.stream(TunnelType.values()).map(TunnelType::attribute),
              Stream.of(BridgeAddresses.ATTRIBUTE))
          .collect(Collectors.toUnmodifiableSet());

  /** Kept by something that is not looked at here: virtual machines outlive their pods. */
  private static final List<String> NOT_OF_PODS = List.of("vmi-name", "vm-uid");

  /** One allocation and no later one of the same address. */
  record Suspect(Address address, String handle, long sequenceNumber) {
    static Suspect of(AllocationInfo allocation) {
      return new Suspect(
          allocation.address(),
          allocation.handleId().map(Handles::name).orElse(""),
          allocation.sequenceNumber());
    }
  }

  /** Since when an allocation has looked leaked, and whether that is confirmed. */
  record Suspicion(Instant since, boolean confirmed) {}

  /** A block of a node as it was when it was seen to be empty. */
  record IdleBlock(Prefix cidr, String node, long sequenceNumber) {}

  /**
   * What is known from before.
   *
   * @param suspects since when allocations have looked leaked
   * @param idle since when blocks have been empty and untouched
   */
  record Memory(Map<Suspect, Suspicion> suspects, Map<IdleBlock, Instant> idle) {
    static final Memory NONE = new Memory(Map.of(), Map.of());
  }

  /**
   * What is there now.
   *
   * @param nodes names of the nodes that exist
   * @param claimants nodes that affinities name besides those that blocks name
   */
  record Observed(
      Collection<IPAMBlock> blocks, PodTable pods, Set<String> nodes, Set<String> claimants) {}

  /** What changed about an allocation since the last step. */
  record Transition(AllocationInfo allocation, Change change) {}

  /** How an allocation is seen now, when it was seen otherwise before. */
  enum Change {
    CANDIDATE,
    CONFIRMED,
    VALID_AGAIN
  }

  /**
   * What follows.
   *
   * @param memory for the next step
   * @param leaks confirmed allocations whose handles have no others, by handle
   * @param missingNodes nodes that are named and do not exist
   * @param goneNodes those of them that have no pods, whose blocks are to be released
   * @param idle blocks that have been empty long enough and are not their node's last
   * @param candidates how many allocations look leaked and are not confirmed
   * @param confirmed how many are confirmed, including those that wait for others of their handle
   * @param due when the next candidate or idle block will be confirmed, if time is all it takes
   */
  record Plan(
      Memory memory,
      List<List<AllocationInfo>> leaks,
      Set<String> missingNodes,
      Set<String> goneNodes,
      List<IdleBlock> idle,
      int candidates,
      int confirmed,
      Optional<Instant> due,
      List<Transition> transitions) {}

  private final Memory before;
  private final Observed observed;
  private final Instant now;
  private final Duration grace;

  private final Map<Suspect, Suspicion> suspects = new HashMap<>();
  private final Map<IdleBlock, Instant> idle = new HashMap<>();
  private final List<Transition> transitions = new ArrayList<>();
  private final Map<String, List<AllocationInfo>> byHandle = new LinkedHashMap<>();
  private final Set<Suspect> confirmed = new HashSet<>();
  private Optional<Instant> due = Optional.empty();

  private LeakCalculation(Memory before, Observed observed, Instant now, Duration grace) {
    this.before = before;
    this.observed = observed;
    this.now = now;
    this.grace = grace;
  }

  /**
   * One step.
   *
   * @param grace zero confirms nothing of nodes that exist
   */
  static Plan step(Memory before, Observed observed, Instant now, Duration grace) {
    return new LeakCalculation(before, observed, now, grace).plan();
  }

  private Plan plan() {
    List<AllocationInfo> all = new ArrayList<>();
    Set<String> missing = new TreeSet<>(observed.claimants());
    for (IPAMBlock block : observed.blocks()) {
      BlockArithmetic.owner(block).ifPresent(missing::add);
      for (AllocationInfo allocation : BlockArithmetic.allocations(block)) {
        if (allocation.coolingSince().isEmpty()) {
          all.add(allocation);
          allocation.node().ifPresent(missing::add);
        }
      }
    }
    missing.removeAll(observed.nodes());
    Set<String> inhabited = inhabited(all);
    for (AllocationInfo allocation : all) {
      String handle = allocation.handleId().map(Handles::name).orElse("@" + allocation.address());
      byHandle.computeIfAbsent(handle, h -> new ArrayList<>()).add(allocation);
      judge(allocation, inhabited);
    }
    Set<String> gone = new TreeSet<>(missing);
    gone.removeAll(inhabited);
    List<IdleBlock> emptied = idleBlocks();
    List<List<AllocationInfo>> leaks =
        byHandle.values().stream()
            .filter(group -> group.stream().map(Suspect::of).allMatch(confirmed::contains))
            .toList();
    return new Plan(
        new Memory(Map.copyOf(suspects), Map.copyOf(idle)),
        leaks,
        missing,
        gone,
        emptied,
        suspects.size() - confirmed.size(),
        confirmed.size(),
        due,
        List.copyOf(transitions));
  }

  /** Nodes that something other than their tunnels and bridges still uses an address of. */
  private Set<String> inhabited(List<AllocationInfo> all) {
    Set<String> inhabited = new HashSet<>();
    for (AllocationInfo allocation : all) {
      if (!isOfNode(allocation) && inUse(allocation)) {
        allocation.node().ifPresent(inhabited::add);
      }
    }
    return inhabited;
  }

  /** Whether the address is a tunnel's or a bridge's of a node, and no pod's. */
  static boolean isOfNode(AllocationInfo allocation) {
    return OF_NODES.contains(allocation.attributes().getOrDefault("type", ""));
  }

  /** Whether the allocation is a pod's that vouches for it, or is nothing that can be judged. */
  private boolean inUse(AllocationInfo allocation) {
    Map<String, String> attributes = allocation.attributes();
    return attributes.getOrDefault("pod", "").isEmpty()
        || attributes.getOrDefault("namespace", "").isEmpty()
        || NOT_OF_PODS.stream().anyMatch(attributes::containsKey)
        || observed.pods().vouchesFor(allocation);
  }

  private void judge(AllocationInfo allocation, Set<String> inhabited) {
    String node = allocation.node().orElse("");
    boolean nodeExists = observed.nodes().contains(node);
    boolean valid =
        isOfNode(allocation) ? nodeExists || inhabited.contains(node) : inUse(allocation);
    Suspect suspect = Suspect.of(allocation);
    Suspicion earlier = before.suspects().get(suspect);
    if (valid) {
      if (earlier != null) {
        transitions.add(new Transition(allocation, Change.VALID_AGAIN));
      }
      return;
    }
    if (earlier == null) {
      transitions.add(new Transition(allocation, Change.CANDIDATE));
    }
    Instant since = earlier == null ? now : earlier.since();
    boolean leaked = !nodeExists || elapsed(since);
    suspects.put(suspect, new Suspicion(since, leaked));
    if (!leaked) {
      dueAt(since);
      return;
    }
    confirmed.add(suspect);
    if (earlier == null || !earlier.confirmed()) {
      transitions.add(new Transition(allocation, Change.CONFIRMED));
    }
  }

  private boolean elapsed(Instant since) {
    return !grace.isZero() && !since.plus(grace).isAfter(now);
  }

  private void dueAt(Instant since) {
    if (!grace.isZero()) {
      Instant end = since.plus(grace);
      due = due.filter(earlier -> earlier.isBefore(end)).or(() -> Optional.of(end));
    }
  }

  /** A node's blocks of one family. */
  private record Holding(String node, AddressFamily family) {}

  private List<IdleBlock> idleBlocks() {
    Map<Holding, Integer> held = new HashMap<>();
    List<IdleBlock> empty = new ArrayList<>();
    for (IPAMBlock block : observed.blocks()) {
      Optional<String> owner = BlockArithmetic.owner(block).filter(observed.nodes()::contains);
      if (owner.isPresent()) {
        Prefix cidr = block.spec().cidr();
        held.merge(new Holding(owner.get(), cidr.family()), 1, Integer::sum);
        if (BlockArithmetic.isEmpty(block)) {
          empty.add(new IdleBlock(cidr, owner.get(), block.spec().sequenceNumber()));
        }
      }
    }
    empty.sort(Comparator.comparing(IdleBlock::cidr).reversed());
    List<IdleBlock> released = new ArrayList<>();
    for (IdleBlock block : empty) {
      Instant since = before.idle().getOrDefault(block, now);
      idle.put(block, since);
      Holding holding = new Holding(block.node(), block.cidr().family());
      boolean last = held.get(holding) <= 1;
      if (!last && elapsed(since)) {
        held.merge(holding, -1, Integer::sum);
        released.add(block);
      } else if (!last) {
        dueAt(since);
      }
    }
    return released;
  }
}
