package dev.manul.ipam;

import dev.manul.model.Prefix;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * How full the pools are, at one moment.
 *
 * @param pools every pool, by name
 * @param strayBlocks blocks that lie in no pool
 * @param borrowed addresses used by a node that does not own their block
 * @param configuration the settings in force
 */
public record UsageReport(
    List<PoolUsage> pools,
    List<BlockUsage> strayBlocks,
    List<AllocationInfo> borrowed,
    Settings configuration) {

  public UsageReport {
    pools = List.copyOf(pools);
    strayBlocks = List.copyOf(strayBlocks);
    borrowed = List.copyOf(borrowed);
  }

  /**
   * One pool. In use, reserved and free add up to the total; an address both in use and reserved
   * counts as in use.
   *
   * @param blocks its blocks, in address order
   */
  public record PoolUsage(
      String name,
      Prefix cidr,
      boolean disabled,
      BigInteger total,
      long inUse,
      BigInteger reserved,
      BigInteger free,
      List<BlockUsage> blocks) {
    public PoolUsage {
      blocks = List.copyOf(blocks);
    }
  }

  /**
   * One block. In use, reserved and free add up to the total; addresses that cool down count as in
   * use.
   *
   * @param owner its node; empty for a block without one
   */
  public record BlockUsage(
      Prefix cidr, Optional<String> owner, int total, int inUse, int reserved, int free) {}

  /**
   * The settings in force.
   *
   * @param strictAffinity whether borrowing is forbidden
   * @param autoAllocateBlocks whether nodes may claim blocks by themselves
   * @param maxBlocksPerHost the most blocks of a family on one node; 0 when not set, which stands
   *     for 20, or more where blocks are smaller than 64 addresses
   * @param cooldownSeconds how long a released address is not given again
   */
  public record Settings(
      boolean strictAffinity,
      boolean autoAllocateBlocks,
      int maxBlocksPerHost,
      long cooldownSeconds) {}
}
