package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.Selection;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.ipam.CheckReport.Category;
import dev.manul.model.Address;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Prefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Many clients allocate and release in one datastore, in any order of their single operations, and
 * die between any two writes. No address is given twice, and what is lost comes back.
 */
class CrashingClientsTest {
  private static final int NODES = 4;
  private static final int CLIENTS = 7;
  private static final int ACTIONS = 9;

  /** What one run found out, for the sum over all. */
  private record Outcome(long steps, long assigned, long borrowed, long leaked, long repairs) {
    Outcome plus(Outcome other) {
      return new Outcome(
          steps + other.steps,
          assigned + other.assigned,
          borrowed + other.borrowed,
          leaked + other.leaked,
          repairs + other.repairs);
    }
  }

  @Test
  void whatCrashesLeaveBehindIsNeverGivenTwiceAndComesBack() throws Throwable {
    Outcome all = new Outcome(0, 0, 0, 0, 0);
    long start = System.nanoTime();
    int runs = Integer.getInteger("manul.ipam.runs", 600);
    long first = Long.getLong("manul.ipam.seed", 1);
    for (long seed = first; seed < first + runs; seed++) {
      all = all.plus(seeded(seed));
    }
    System.err.printf("%d runs in %d ms: %s%n", runs, (System.nanoTime() - start) / 1_000_000, all);
    assertThat(all.assigned).isGreaterThan(runs * 5L);
    assertThat(all.borrowed).isPositive();
    assertThat(all.leaked).isPositive();
    assertThat(all.repairs).isPositive();
  }

  private static Outcome seeded(long seed) throws Throwable {
    try {
      return new Run(seed).go();
    } catch (Throwable t) {
      throw new AssertionError("run with seed " + seed + " failed: " + t, t);
    }
  }

  /** An address that a client has, and how it came to it. */
  private record Holding(String handle, long sequence, boolean shared) {}

  private static final class Run {
    private final SplittableRandom random;
    private final ManualClock clock = new ManualClock();
    private final MemoryDatastore datastore = new MemoryDatastore(clock);
    private final Turnstile turnstile;
    private final boolean checkEachStep;
    private final int maxBlocks;
    private final Map<Address, Holding> live = new TreeMap<>();
    private int nextHandle;
    private long assigned;
    private long borrowed;

    Run(long seed) {
      random = new SplittableRandom(seed);
      maxBlocks = seed % 4 == 0 ? 2 : 0;
      checkEachStep = seed % 100 == 0;
      double crashes = seed % 5 == 0 ? 0 : 0.04;
      double conflicts = seed % 3 == 0 ? 0.05 : 0;
      turnstile = new Turnstile(datastore, random.split(), crashes, conflicts);
      Fixtures.store(
          datastore,
          Fixtures.pool("four", "10.1.0.0/27", 29),
          Fixtures.pool("six", "fd00::/122", 124),
          Fixtures.configuration(
              seed % 7 == 0, seed % 7 == 0 ? 2 : 0, true, seed % 6 == 0 ? 30 : 0));
      for (int node = 0; node < NODES; node++) {
        Fixtures.store(datastore, Fixtures.node("node" + node, Map.of()));
      }
    }

    Outcome go() throws Throwable {
      for (int i = 0; i < CLIENTS; i++) {
        String node = "node" + i % NODES;
        SplittableRandom own = random.split();
        turnstile.add(client -> script(client, node, own));
      }
      turnstile.run(checkEachStep ? this::checkInvariants : () -> {});
      checkInvariants();
      return afterwards();
    }

    private void script(Turnstile.Client client, String node, SplittableRandom own) {
      Ipam ipam = new Ipam(client.life(), clock, conflicts -> {});
      List<Address> mine = new ArrayList<>();
      for (int action = 0; action < ACTIONS; action++) {
        clock.advance(Duration.ofSeconds(own.nextInt(15)));
        try {
          act(ipam, node, own, mine);
        } catch (Turnstile.Crash e) {
          ipam = new Ipam(client.life(), clock, conflicts -> {});
        } catch (IpamException e) {
          assertThat(e.reason())
              .as(e.getMessage())
              .isIn(
                  IpamException.Reason.IN_USE,
                  IpamException.Reason.NOT_OWN_BLOCK,
                  IpamException.Reason.EXHAUSTED);
        }
      }
    }

    private void act(Ipam ipam, String node, SplittableRandom own, List<Address> mine) {
      switch (own.nextInt(20)) {
        case 0, 1, 2, 3, 4, 5, 6 -> {
          boolean shared = own.nextInt(4) == 0;
          String handle = shared ? "shared" : "h" + nextHandle++;
          var request =
              AutoAssignRequest.of(node, IntendedUse.WORKLOAD)
                  .withCounts(1 + own.nextInt(2), own.nextInt(3) / 2)
                  .withMaxBlocks(maxBlocks);
          take(
              ipam.autoAssign(own.nextInt(8) == 0 ? request : request.withHandle(handle)),
              handle,
              shared,
              mine);
        }
        case 7, 8 -> {
          String handle = "h" + nextHandle++;
          Address wanted = Prefix.parse("10.1.0.0/27").address().plus(own.nextInt(32));
          take(
              ipam.assignAddress(
                  new AssignAddressRequest(
                      wanted, node, IntendedUse.WORKLOAD, Optional.of(handle), Map.of())),
              handle,
              false,
              mine);
        }
        case 9, 10, 11, 12, 13 -> releaseOne(ipam, own, mine);
        case 14 -> ipam.ensureTunnelAddress(node, TunnelType.WIREGUARD);
        case 15 -> ipam.releaseAffinity(Prefix.parse("10.1.0.8/29"), node, own.nextBoolean());
        case 16 -> ipam.releaseHostAffinities("node" + own.nextInt(NODES));
        case 17 -> ipam.removeHost("node" + own.nextInt(NODES), false);
        default -> ipam.reclaim();
      }
    }

    private void take(AssignmentResult result, String handle, boolean shared, List<Address> mine) {
      for (AssignmentResult.Assignment assignment : result.assignments()) {
        Holding other =
            live.put(
                assignment.address(), new Holding(handle, assignment.sequenceNumber(), shared));
        assertThat(other).as("%s was given twice", assignment.address()).isNull();
        mine.add(assignment.address());
        assigned++;
        borrowed += assignment.borrowed() ? 1 : 0;
      }
    }

    /** The holder gives up the address when it calls, not when the call returns. */
    private void releaseOne(Ipam ipam, SplittableRandom own, List<Address> mine) {
      if (mine.isEmpty()) {
        return;
      }
      Address address = mine.remove(own.nextInt(mine.size()));
      Holding holding = live.remove(address);
      boolean byHandle = !holding.shared() && own.nextBoolean();
      if (byHandle) {
        mine.removeIf(
            other -> {
              boolean same = holding.handle().equals(live.get(other).handle());
              if (same) {
                live.remove(other);
              }
              return same;
            });
        ipam.releaseByHandle(holding.handle());
      } else {
        ReleaseResult result =
            ipam.release(
                List.of(
                    new ReleaseRequest(
                        address, Optional.empty(), OptionalLong.of(holding.sequence()))));
        assertThat(result.refused()).isEmpty();
      }
    }

    /** What holds at every moment, however many clients are half-way through something. */
    private void checkInvariants() {
      CheckReport report = new Ipam(datastore, clock).check();
      assertThat(report.problems(Category.ALLOCATION_WITHOUT_HANDLE)).isEmpty();
      assertThat(report.problems(Category.INVALID_BLOCK)).isEmpty();
      assertThat(report.problems(Category.DUPLICATE_USE)).isEmpty();
      live.forEach(
          (address, holding) ->
              assertThat(report.allocation(address))
                  .as("%s of handle %s", address, holding.handle())
                  .hasValueSatisfying(
                      line ->
                          assertThat(line.allocation().sequenceNumber())
                              .isEqualTo(holding.sequence())));
    }

    private Outcome afterwards() {
      Ipam ipam = new Ipam(datastore, clock, conflicts -> {});
      int number = 0;
      for (Address address : live.keySet()) {
        Fixtures.store(datastore, Fixtures.endpoint("node0", "p" + number++, address));
      }
      clock.advance(Duration.ofMinutes(10));
      long repairs = ipam.reclaim().repairs().size();
      CheckReport reclaimed = ipam.check();
      assertThat(reclaimed.problems())
          .allSatisfy(p -> assertThat(p.category()).isEqualTo(Category.ALLOCATED_NOT_IN_USE));
      // A collector releases what nobody uses, as seen.
      List<ReleaseRequest> leaked =
          reclaimed.allocations().stream()
              .filter(line -> !line.inUse())
              .map(CheckReport.AllocationLine::allocation)
              .map(
                  a ->
                      new ReleaseRequest(
                          a.address(), a.handleId(), OptionalLong.of(a.sequenceNumber())))
              .toList();
      assertThat(ipam.release(leaked).refused()).isEmpty();
      clock.advance(Duration.ofMinutes(10));
      ipam.reclaim();
      assertThat(ipam.check().problems()).isEmpty();
      assertThat(ipam.reclaim().repairs()).isEmpty();
      empty(ipam);
      return new Outcome(turnstile.steps(), assigned, borrowed, leaked.size(), repairs);
    }

    /** When everybody gives everything back, nothing is left. */
    private void empty(Ipam ipam) {
      ReleaseResult result = ipam.release(live.keySet().stream().map(ReleaseRequest::of).toList());
      assertThat(result.released()).hasSameElementsAs(live.keySet());
      clock.advance(Duration.ofMinutes(10));
      ipam.reclaim();
      for (int node = 0; node < NODES; node++) {
        ipam.removeHost("node" + node, true);
      }
      assertThat(datastore.list(IPAMBlock.KIND, Selection.ALL).items()).isEmpty();
      assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
      assertThat(datastore.list(BlockAffinity.KIND, Selection.ALL).items()).isEmpty();
    }
  }
}
