package dev.manul.ipam;

import dev.manul.ipam.CheckReport.Category;
import dev.manul.ipam.CheckReport.Problem;
import dev.manul.model.Address;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Compares what is stored about addresses with each other: pure. */
final class ConsistencyCheck {

  /** Handles of load balancers' addresses; no endpoint or node shows those in use. */
  private static final String LOAD_BALANCER_HANDLE = "lb-";

  private final Stored stored;
  private final List<Problem> problems = new ArrayList<>();

  private final Map<Address, AllocationInfo> allocated = new TreeMap<>();
  private final List<AddressUse> uses;

  /** Who uses an address. */
  private Map<Address, List<AddressUse>> users = Map.of();

  /**
   * All that is compared.
   *
   * @param blocks those not marked deleted
   * @param affinities those of nodes, not marked deleted
   * @param handles those not marked deleted
   * @param unreadable a line for each stored resource that cannot be read
   */
  record Stored(
      List<IPPool> pools,
      List<IPAMBlock> blocks,
      List<BlockAffinity> affinities,
      List<IPAMHandle> handles,
      List<Node> nodes,
      List<WorkloadEndpoint> endpoints,
      List<String> unreadable) {}

  private ConsistencyCheck(Stored stored) {
    this.stored = stored;
    this.uses = AddressUse.all(stored.nodes(), stored.endpoints());
  }

  static CheckReport of(Stored stored) {
    return new ConsistencyCheck(stored).report();
  }

  private CheckReport report() {
    collectAllocations();
    users = SharedAddress.byRight(uses, allocated);
    checkUse();
    checkHandles();
    checkBlocks();
    checkAffinities();
    stored.unreadable().forEach(line -> add(Category.UNREADABLE, line, line));
    problems.sort(Comparator.comparing(Problem::category));
    return new CheckReport(
        stored.pools().stream()
            .filter(pool -> !pool.spec().disabled())
            .map(pool -> pool.spec().cidr())
            .toList(),
        stored.blocks().stream()
            .map(b -> new CheckReport.BlockLine(b.spec().cidr(), BlockArithmetic.owner(b)))
            .toList(),
        allocated.values().stream()
            .map(
                a ->
                    new CheckReport.AllocationLine(
                        a,
                        users.getOrDefault(a.address(), List.of()).stream()
                            .map(AddressUse::user)
                            .toList()))
            .toList(),
        stored.nodes().size(),
        (int) uses.stream().filter(AddressUse.OfTunnel.class::isInstance).count(),
        (int) uses.stream().filter(AddressUse.OfEndpoint.class::isInstance).count(),
        stored.handles().size(),
        problems);
  }

  private void add(Category category, Object subject, String message) {
    problems.add(new Problem(category, subject.toString(), message));
  }

  private void collectAllocations() {
    for (IPAMBlock block : stored.blocks()) {
      for (AllocationInfo allocation : BlockArithmetic.allocations(block)) {
        AllocationInfo other = allocated.putIfAbsent(allocation.address(), allocation);
        if (other != null) {
          add(
              Category.DUPLICATE_USE,
              allocation.address(),
              allocation.address()
                  + " is allocated in the block "
                  + other.block()
                  + " and in the block "
                  + allocation.block());
        }
      }
    }
  }

  /** Whether it is a bridge's, of which nobody but the node itself could tell that it is used. */
  private static boolean isBridges(AllocationInfo allocation) {
    return BridgeAddresses.ATTRIBUTE.equals(allocation.attributes().get("type"));
  }

  private void checkUse() {
    for (AllocationInfo allocation : allocated.values()) {
      boolean judged =
          allocation.coolingSince().isEmpty()
              && allocation
                  .handleId()
                  .filter(
                      id ->
                          id.startsWith(LOAD_BALANCER_HANDLE)
                              || isBridges(allocation)
                              || Handles.same(id, BlockArithmetic.WINDOWS_RESERVED))
                  .isEmpty();
      if (judged && !users.containsKey(allocation.address())) {
        add(
            Category.ALLOCATED_NOT_IN_USE,
            allocation.address(),
            allocation.address()
                + " is allocated"
                + allocation.handleId().map(id -> " to handle " + id).orElse("")
                + allocation.node().map(node -> " on node " + node).orElse("")
                + ", and nothing uses it");
      }
    }
    users.forEach(
        (address, by) -> {
          boolean inPool =
              PoolSelection.holding(stored.pools(), address)
                  .filter(pool -> !pool.spec().disabled())
                  .isPresent();
          if (!inPool) {
            add(
                Category.IN_USE_OUTSIDE_POOLS,
                address,
                address + " is used by " + by.getFirst().user() + " and is in no enabled pool");
          }
          AllocationInfo allocation = allocated.get(address);
          if (allocation == null || allocation.coolingSince().isPresent()) {
            add(
                Category.IN_USE_NOT_ALLOCATED,
                address,
                address + " is used by " + by.getFirst().user() + " and is not allocated");
          }
        });
    SharedAddress.of(users, allocated)
        .forEach(shared -> add(Category.DUPLICATE_USE, shared.address(), shared.message()));
  }

  private void checkHandles() {
    Map<String, Map<String, Integer>> held = new HashMap<>();
    for (IPAMBlock block : stored.blocks()) {
      BlockArithmetic.handleCounts(block)
          .forEach(
              (handle, count) ->
                  held.computeIfAbsent(handle, h -> new HashMap<>())
                      .put(block.spec().cidr().toString(), count));
    }
    held.remove(BlockArithmetic.WINDOWS_RESERVED);
    for (IPAMHandle handle : stored.handles()) {
      Map<String, Integer> has =
          held.getOrDefault(Handles.name(handle.spec().handleID()), Map.of());
      String name = handle.spec().handleID();
      handle
          .spec()
          .block()
          .forEach(
              (cidr, count) -> {
                int really = has.getOrDefault(cidr, 0);
                if (count > really) {
                  add(
                      Category.HANDLE_WITHOUT_ADDRESSES,
                      name,
                      "handle "
                          + name
                          + " counts "
                          + count
                          + " addresses in the block "
                          + cidr
                          + ", which holds "
                          + really
                          + " of it");
                }
              });
      if (handle.spec().block().isEmpty()) {
        add(Category.HANDLE_WITHOUT_ADDRESSES, name, "handle " + name + " counts no address");
      }
    }
    Map<String, IPAMHandle> byName = new HashMap<>();
    stored.handles().forEach(h -> byName.put(Handles.name(h.spec().handleID()), h));
    Map<String, Map<String, Integer>> away = new HashMap<>();
    for (IPAMBlock block : stored.blocks()) {
      BlockArithmetic.awayCounts(block)
          .forEach(
              (handle, count) ->
                  away.computeIfAbsent(handle, h -> new HashMap<>())
                      .put(block.spec().cidr().toString(), count));
    }
    away.remove(BlockArithmetic.WINDOWS_RESERVED);
    away.forEach(
        (name, counts) ->
            counts.forEach(
                (cidr, really) -> {
                  Optional<IPAMHandle> handle = Optional.ofNullable(byName.get(name));
                  int counted = handle.map(h -> h.spec().block().getOrDefault(cidr, 0)).orElse(0);
                  if (counted < really) {
                    add(
                        Category.ALLOCATION_WITHOUT_HANDLE,
                        name,
                        "the block "
                            + cidr
                            + " holds "
                            + really
                            + " addresses of handle "
                            + name
                            + " for nodes that do not own it"
                            + (handle.isEmpty()
                                ? ", which does not exist"
                                : ", which counts " + counted));
                  }
                }));
  }

  private void checkBlocks() {
    Prefix before = null;
    for (IPAMBlock block :
        stored.blocks().stream().sorted(Comparator.comparing(b -> b.spec().cidr())).toList()) {
      Prefix cidr = block.spec().cidr();
      for (String fault : BlockFaults.of(block)) {
        add(Category.INVALID_BLOCK, cidr, "the block " + cidr + " is wrong: " + fault);
      }
      if (before != null && before.overlaps(cidr)) {
        add(Category.INVALID_BLOCK, cidr, "the block " + cidr + " overlaps the block " + before);
      }
      if (before == null || !before.contains(cidr)) {
        before = cidr;
      }
      if (block.spec().affinity().isEmpty() && BlockArithmetic.isEmpty(block)) {
        add(Category.INVALID_BLOCK, cidr, "the block " + cidr + " is empty and nobody's");
      }
    }
  }

  private void checkAffinities() {
    Map<Prefix, IPAMBlock> blocks = new HashMap<>();
    stored.blocks().forEach(block -> blocks.put(block.spec().cidr(), block));
    Map<Prefix, String> claimants = new HashMap<>();
    Set<Prefix> confirmed = new HashSet<>();
    for (BlockAffinity affinity : stored.affinities()) {
      Prefix cidr = affinity.spec().cidr();
      String node = affinity.spec().node();
      String earlier = claimants.putIfAbsent(cidr, node);
      if (earlier != null) {
        add(
            Category.DUPLICATE_AFFINITY,
            cidr,
            "the block " + cidr + " is claimed by node " + earlier + " and by node " + node);
      }
      Optional<IPAMBlock> block = Optional.ofNullable(blocks.get(cidr));
      String claim = "node " + node + " has a " + affinity.spec().state() + " claim on " + cidr;
      if (block.isEmpty()) {
        add(Category.BLOCK_AFFINITY_MISMATCH, cidr, claim + ", which is no block");
      } else if (!BlockArithmetic.ownedBy(block.get(), node)) {
        add(
            Category.BLOCK_AFFINITY_MISMATCH,
            cidr,
            claim + ", which is " + BlockArithmetic.owner(block.get()).orElse("nobody") + "'s");
      } else if (affinity.spec().state() != BlockAffinity.State.CONFIRMED) {
        add(Category.BLOCK_AFFINITY_MISMATCH, cidr, claim + ", which is the node's already");
        confirmed.add(cidr);
      } else {
        confirmed.add(cidr);
      }
    }
    for (IPAMBlock block : stored.blocks()) {
      Prefix cidr = block.spec().cidr();
      Optional<String> owner = BlockArithmetic.owner(block);
      if (owner.isPresent() && !confirmed.contains(cidr)) {
        add(
            Category.BLOCK_AFFINITY_MISMATCH,
            cidr,
            "the block " + cidr + " is node " + owner.get() + "'s without an affinity");
      }
    }
  }
}
