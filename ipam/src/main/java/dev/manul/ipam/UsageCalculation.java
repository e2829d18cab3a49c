package dev.manul.ipam;

import dev.manul.model.IPAMBlock;
import dev.manul.model.IPPool;
import dev.manul.model.Prefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Adds up how full the pools are: pure. */
final class UsageCalculation {
  private UsageCalculation() {}

  static UsageReport of(Situation situation, List<IPAMBlock> blocks) {
    List<IPAMBlock> sorted =
        blocks.stream().sorted(Comparator.comparing(block -> block.spec().cidr())).toList();
    List<UsageReport.PoolUsage> pools = new ArrayList<>();
    situation.pools().stream()
        .sorted(Comparator.comparing(pool -> pool.metadata().name()))
        .forEach(pool -> pools.add(ofPool(pool, sorted, situation.reservations())));
    List<UsageReport.BlockUsage> stray =
        sorted.stream()
            .filter(
                block -> PoolSelection.holding(situation.pools(), block.spec().cidr()).isEmpty())
            .map(block -> ofBlock(block, situation.reservations()))
            .toList();
    List<AllocationInfo> borrowed =
        sorted.stream()
            .flatMap(block -> BlockArithmetic.allocations(block).stream())
            .filter(AllocationInfo::borrowed)
            .toList();
    return new UsageReport(
        pools,
        stray,
        borrowed,
        new UsageReport.Settings(
            situation.settings().strictAffinity(),
            situation.settings().autoAllocateBlocks(),
            situation.settings().maxBlocksPerHost(),
            situation.settings().ipCooldownSeconds()));
  }

  private static UsageReport.PoolUsage ofPool(
      IPPool pool, List<IPAMBlock> blocks, Reservations reservations) {
    Prefix cidr = pool.spec().cidr();
    List<UsageReport.BlockUsage> usages = new ArrayList<>();
    long inUse = 0;
    BigInteger reserved = reservations.countIn(cidr);
    for (IPAMBlock block : blocks) {
      if (cidr.contains(block.spec().cidr())) {
        UsageReport.BlockUsage usage = ofBlock(block, reservations);
        usages.add(usage);
        inUse += usage.inUse();
        // Reserved addresses that are in use count as in use alone.
        BigInteger reservedHere = reservations.countIn(block.spec().cidr());
        reserved = reserved.subtract(reservedHere).add(BigInteger.valueOf(usage.reserved()));
      }
    }
    BigInteger free = cidr.size().subtract(BigInteger.valueOf(inUse)).subtract(reserved);
    return new UsageReport.PoolUsage(
        pool.metadata().name(),
        cidr,
        pool.spec().disabled(),
        cidr.size(),
        inUse,
        reserved,
        free,
        usages);
  }

  private static UsageReport.BlockUsage ofBlock(IPAMBlock block, Reservations reservations) {
    Prefix cidr = block.spec().cidr();
    int total = block.spec().allocations().size();
    var reserved = reservations.within(cidr);
    int waiting = BlockArithmetic.freeCount(block);
    int reservedFree =
        (int)
            block.spec().unallocated().stream()
                .filter(ordinal -> reserved.test(BlockArithmetic.address(block, ordinal)))
                .count();
    return new UsageReport.BlockUsage(
        cidr,
        BlockArithmetic.owner(block),
        total,
        total - waiting,
        reservedFree,
        waiting - reservedFree);
  }
}
