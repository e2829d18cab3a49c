package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.model.Address;
import dev.manul.model.Key;
import dev.manul.model.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Releases what a {@link LeakCalculation} found, after a look at what is stored at that moment: a
 * watch may be behind. What cannot be looked at counts as used.
 */
final class GarbageRelease {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageRelease.class);

  /** How many addresses go into one request; they share the writes of their blocks. */
  private static final int AT_ONCE = 256;

  private final Datastore datastore;
  private final Ipam ipam;
  private final PodRegister pods;
  private final BooleanSupplier mayGoOn;
  private final Map<String, Boolean> existing = new HashMap<>();
  private Optional<String> problem = Optional.empty();

  /**
   * What was done.
   *
   * @param problem the last thing that failed, in one line
   */
  record Outcome(int addresses, int blocks, Optional<String> problem) {}

  /**
   * @param mayGoOn asked between writes; false when somebody else is in office
   */
  GarbageRelease(Datastore datastore, Ipam ipam, PodRegister pods, BooleanSupplier mayGoOn) {
    this.datastore = datastore;
    this.ipam = ipam;
    this.pods = pods;
    this.mayGoOn = mayGoOn;
  }

  Outcome run(LeakCalculation.Plan plan) {
    List<List<AllocationInfo>> certain = new ArrayList<>();
    int addresses = 0;
    int waiting = 0;
    Set<Address> released = new HashSet<>();
    for (List<AllocationInfo> group : plan.leaks()) {
      if (!mayGoOn.getAsBoolean()) {
        break;
      }
      if (group.stream().noneMatch(leak -> isUsedNow(leak, plan.missingNodes()))) {
        certain.add(group);
        waiting += group.size();
      }
      if (waiting >= AT_ONCE) {
        addresses += release(certain, released);
        certain.clear();
        waiting = 0;
      }
    }
    addresses += release(certain, released);
    int blocks = 0;
    for (LeakCalculation.IdleBlock idle : plan.idle()) {
      blocks += mayGoOn.getAsBoolean() ? releaseIdle(idle) : 0;
    }
    for (String node : plan.goneNodes()) {
      boolean rest =
          plan.leaks().stream()
              .flatMap(List::stream)
              .filter(leak -> leak.node().filter(node::equals).isPresent())
              .anyMatch(leak -> !released.contains(leak.address()));
      blocks += !rest && mayGoOn.getAsBoolean() ? releaseBlocksOf(node) : 0;
    }
    return new Outcome(addresses, blocks, problem);
  }

  /**
   * Whether a leak is none after all.
   *
   * @param missing nodes that did not exist: allocations of one that does by now have their grace
   */
  private boolean isUsedNow(AllocationInfo allocation, Set<String> missing) {
    String node = allocation.node().orElse("");
    try {
      if (missing.contains(node) && exists(node)) {
        return true;
      }
      return !LeakCalculation.isOfNode(allocation)
          && pods.stored(allocation).stream()
              .anyMatch(entry -> entry.uses(allocation.address(), node));
    } catch (DatastoreException e) {
      failed("looking for the user of " + allocation.address(), e);
      return true;
    }
  }

  /** Asked once a node and run: there may be many allocations of one. */
  private boolean exists(String node) {
    return existing.computeIfAbsent(
        node, name -> datastore.get(Node.KIND, Key.of(name)).isPresent());
  }

  /** Releases groups; those that share a block with a refused one get another try of their own. */
  private int release(List<List<AllocationInfo>> groups, Set<Address> released) {
    if (groups.isEmpty()) {
      return 0;
    }
    int before = released.size();
    try {
      ReleaseResult result = ipam.release(requests(groups.stream().flatMap(List::stream)));
      note(groups, result, released);
      if (!result.refused().isEmpty()) {
        Set<Address> refused = new HashSet<>();
        result.refused().forEach(refusal -> refused.add(refusal.address()));
        for (List<AllocationInfo> group : groups) {
          if (group.stream().anyMatch(leak -> refused.contains(leak.address()))) {
            note(List.of(group), ipam.release(requests(group.stream())), released);
          }
        }
      }
    } catch (DatastoreException | IpamException e) {
      failed("releasing leaked addresses", e);
    }
    return released.size() - before;
  }

  private static List<ReleaseRequest> requests(Stream<AllocationInfo> leaks) {
    return leaks
        .map(
            leak ->
                new ReleaseRequest(
                    leak.address(), leak.handleId(), OptionalLong.of(leak.sequenceNumber())))
        .toList();
  }

  private static void note(
      List<List<AllocationInfo>> groups, ReleaseResult result, Set<Address> released) {
    Set<Address> done = new HashSet<>(result.released());
    for (List<AllocationInfo> group : groups) {
      for (AllocationInfo leak : group) {
        if (done.contains(leak.address()) && released.add(leak.address())) {
          LOG.info(
              "event=leaked-address-released address={} handle={} node={} pod={}/{}",
              leak.address(),
              leak.handleId().orElse(""),
              leak.node().orElse(""),
              leak.attributes().getOrDefault("namespace", ""),
              leak.attributes().getOrDefault("pod", ""));
        }
      }
    }
    result
        .refused()
        .forEach(
            refusal ->
                LOG.debug(
                    "event=leak-kept address={} reason=\"{}\"",
                    refusal.address(),
                    refusal.reason()));
  }

  private int releaseIdle(LeakCalculation.IdleBlock idle) {
    try {
      AffinityRelease result = ipam.releaseAffinity(idle.cidr(), idle.node(), true);
      if (result == AffinityRelease.BLOCK_DELETED) {
        LOG.info("event=idle-block-released block={} node={}", idle.cidr(), idle.node());
        return 1;
      }
    } catch (DatastoreException | IpamException e) {
      failed("releasing the empty block " + idle.cidr(), e);
    }
    return 0;
  }

  private int releaseBlocksOf(String node) {
    try {
      if (datastore.get(Node.KIND, Key.of(node)).isPresent()) {
        return 0;
      }
      Set<?> blocks = ipam.releaseHostAffinities(node);
      LOG.info("event=gone-node-released node={} blocks={}", node, blocks);
      return blocks.size();
    } catch (DatastoreException | IpamException e) {
      failed("releasing the blocks of node " + node + ", which is gone", e);
      return 0;
    }
  }

  private void failed(String what, RuntimeException e) {
    problem = Optional.of(what + ": " + e.getMessage());
    LOG.warn("event=garbage-release-failed what=\"{}\" reason=\"{}\"", what, e.getMessage());
  }
}
