package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;

/**
 * What a look over all of IPAM found.
 *
 * <p>The check reads while others write, so a problem that is gone at the next check was a change
 * seen half-way.
 *
 * @param pools prefixes of the enabled pools
 * @param blocks every block
 * @param allocations every allocated address, in address order
 * @param nodes how many nodes there are
 * @param tunnelAddresses how many tunnel addresses the nodes use
 * @param workloadAddresses how many addresses workload endpoints use
 * @param handles how many handles there are
 * @param problems everything that is wrong, sorted by category
 */
public record CheckReport(
    List<Prefix> pools,
    List<BlockLine> blocks,
    List<AllocationLine> allocations,
    int nodes,
    int tunnelAddresses,
    int workloadAddresses,
    int handles,
    List<Problem> problems) {

  public CheckReport {
    pools = List.copyOf(pools);
    blocks = List.copyOf(blocks);
    allocations = List.copyOf(allocations);
    problems = List.copyOf(problems);
  }

  /** A block and the node that owns it, if one does. */
  public record BlockLine(Prefix cidr, Optional<String> owner) {}

  /**
   * An allocation, and who was found to use it.
   *
   * @param users endpoints and nodes; empty when nobody does
   */
  public record AllocationLine(AllocationInfo allocation, List<String> users) {
    public AllocationLine {
      users = List.copyOf(users);
    }

    /** Whether an endpoint or a node was found to use it. */
    public boolean inUse() {
      return !users.isEmpty();
    }
  }

  /**
   * One thing that is wrong.
   *
   * @param category which kind of wrong
   * @param subject the address, block, handle or affinity it is about
   * @param message one line that says what is wrong
   */
  public record Problem(Category category, String subject, String message) {}

  /** The kinds of problems, in the order in which they are looked for. */
  public enum Category {
    ALLOCATED_NOT_IN_USE("allocated, but no endpoint or node uses it"),
    IN_USE_OUTSIDE_POOLS("in use, but in no enabled pool"),
    IN_USE_NOT_ALLOCATED("in use, but not allocated"),
    DUPLICATE_USE("used more than once"),
    HANDLE_WITHOUT_ADDRESSES("handles that count addresses they do not have"),
    ALLOCATION_WITHOUT_HANDLE("addresses whose handle is missing or does not count them"),
    INVALID_BLOCK("blocks that contradict themselves"),
    BLOCK_AFFINITY_MISMATCH("blocks and affinities that disagree"),
    DUPLICATE_AFFINITY("blocks claimed by two nodes"),
    UNREADABLE("stored resources that cannot be read");

    private final String title;

    Category(String title) {
      this.title = title;
    }

    /** The category in words, for a heading. */
    public String title() {
      return title;
    }
  }

  /** How many things are wrong. */
  public int problemCount() {
    return problems.size();
  }

  public List<Problem> problems(Category category) {
    return problems.stream().filter(problem -> problem.category() == category).toList();
  }

  /** The allocation of an address, if it has one. */
  public Optional<AllocationLine> allocation(Address address) {
    return allocations.stream()
        .filter(line -> line.allocation().address().equals(address))
        .findFirst();
  }
}
