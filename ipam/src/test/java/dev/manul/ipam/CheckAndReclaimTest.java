package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.Selection;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.ipam.CheckReport.Category;
import dev.manul.model.Address;
import dev.manul.model.BlockAffinity;
import dev.manul.model.BlockAffinity.State;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the check finds wrong, and what the reclaim pass puts right. */
class CheckAndReclaimTest {
  private static final Prefix BLOCK = Prefix.parse("10.244.0.0/29");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final MemoryDatastore datastore = new MemoryDatastore();
  private final Ipam ipam = new Ipam(datastore, new ManualClock());

  CheckAndReclaimTest() {
    datastore.create(Fixtures.pool("pool", "10.244.0.0/24", 29));
  }

  private List<String> found(Category category) {
    return ipam.check().problems(category).stream().map(CheckReport.Problem::message).toList();
  }

  private void affinity(String node, State state, boolean deleted) {
    datastore.create(
        new BlockAffinity(
            Metadata.named(BlockClaims.affinityName(node, BLOCK)),
            new BlockAffinity.Spec(state, node, BlockAffinity.TYPE_HOST, BLOCK, deleted)));
  }

  private void block(String node) {
    datastore.create(BlockArithmetic.claimed(BLOCK, node, NOW));
  }

  private void blockWithAddress(String node) {
    IPAMBlock block = BlockArithmetic.claimed(BLOCK, node, NOW);
    datastore.create(
        BlockArithmetic.take(
                block, 1, IPAMBlock.Attribute.of("h", Map.of("node", "n1")), a -> false)
            .block());
  }

  private void handle(String id, Map<String, Integer> counts) {
    datastore.create(new IPAMHandle(Metadata.named(id), new IPAMHandle.Spec(id, counts, false)));
  }

  @Test
  void aSoundStoreHasNoProblems() {
    Address address = ipam.autoAssign(Fixtures.request("n1", "h", 1)).addresses().getFirst();
    datastore.create(Fixtures.endpoint("n1", "p1", address));
    CheckReport report = ipam.check();
    assertThat(report.problemCount()).isZero();
    assertThat(report.allocations()).hasSize(1).allMatch(CheckReport.AllocationLine::inUse);
    assertThat(report.workloadAddresses()).isEqualTo(1);
    assertThat(report.blocks()).hasSize(1);
    assertThat(report.handles()).isZero();
    assertThat(ipam.reclaim().repairs()).isEmpty();
  }

  @Test
  void useAndAllocationAreCompared() {
    Address allocated = ipam.autoAssign(Fixtures.request("n1", "h", 1)).addresses().getFirst();
    assertThat(found(Category.ALLOCATED_NOT_IN_USE))
        .containsExactly(allocated + " is allocated to handle h on node n1, and nothing uses it");
    datastore.create(Fixtures.endpoint("n1", "p1", Address.parse("10.244.0.200")));
    datastore.create(Fixtures.endpoint("n1", "p2", Address.parse("10.244.0.200")));
    datastore.create(Fixtures.endpoint("n1", "p3", Address.parse("192.0.2.1")));
    assertThat(found(Category.IN_USE_NOT_ALLOCATED)).hasSize(2);
    assertThat(found(Category.IN_USE_OUTSIDE_POOLS))
        .containsExactly(
            "192.0.2.1 is used by endpoint default/n1-k8s-p3-eth0 and is in no enabled pool");
    assertThat(found(Category.DUPLICATE_USE))
        .containsExactly(
            "10.244.0.200 is used by endpoint default/n1-k8s-p1-eth0"
                + " and by endpoint default/n1-k8s-p2-eth0");
  }

  @Test
  void countsOfHandlesArePutRight() {
    blockWithAddress("n2");
    affinity("n2", State.CONFIRMED, false);
    handle("over", Map.of(BLOCK.toString(), 2, "10.244.0.8/29", 1));
    handle("nothing", Map.of());
    assertThat(found(Category.HANDLE_WITHOUT_ADDRESSES)).hasSize(3);
    assertThat(found(Category.ALLOCATION_WITHOUT_HANDLE))
        .containsExactly(
            "the block 10.244.0.0/29 holds 1 addresses of handle h for nodes that do not own it,"
                + " which does not exist");
    assertThat(ipam.reclaim().repairs()).hasSize(4);
    assertThat(found(Category.HANDLE_WITHOUT_ADDRESSES)).isEmpty();
    assertThat(found(Category.ALLOCATION_WITHOUT_HANDLE)).isEmpty();
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items())
        .extracting(h -> h.spec().handleID())
        .containsExactly("h");
    assertThat(ipam.reclaim().repairs()).isEmpty();
  }

  @Test
  void affinitiesWithoutABlockOfTheirNodeGo() {
    block("n1");
    affinity("n1", State.CONFIRMED, false);
    affinity("n2", State.CONFIRMED, false);
    affinity("n3", State.PENDING, false);
    affinity("n4", State.PENDING_DELETION, false);
    assertThat(found(Category.DUPLICATE_AFFINITY)).hasSize(3);
    assertThat(found(Category.BLOCK_AFFINITY_MISMATCH))
        .containsExactly(
            "node n2 has a confirmed claim on 10.244.0.0/29, which is n1's",
            "node n3 has a pending claim on 10.244.0.0/29, which is n1's",
            "node n4 has a pendingDeletion claim on 10.244.0.0/29, which is n1's");
    assertThat(ipam.reclaim().repairs()).hasSize(3);
    assertThat(ipam.check().problems()).isEmpty();
  }

  @Test
  void aPendingClaimOfItsNodesBlockIsConfirmed() {
    blockWithAddress("n1");
    affinity("n1", State.PENDING, false);
    handle("h", Map.of(BLOCK.toString(), 1));
    assertThat(ipam.reclaim().repairs())
        .containsExactly("confirmed the affinity of node n1 to its block 10.244.0.0/29");
    assertThat(found(Category.BLOCK_AFFINITY_MISMATCH)).isEmpty();
  }

  @Test
  void anUnfinishedReleaseIsFinishedWhenTheBlockIsEmpty() {
    block("n1");
    affinity("n1", State.PENDING_DELETION, false);
    assertThat(ipam.reclaim().repairs())
        .containsExactly("finished the release of block 10.244.0.0/29 from node n1");
    assertThat(datastore.list(IPAMBlock.KIND, Selection.ALL).items()).isEmpty();
    assertThat(datastore.list(BlockAffinity.KIND, Selection.ALL).items()).isEmpty();
  }

  @Test
  void anUnfinishedReleaseIsUndoneWhenTheBlockIsInUse() {
    blockWithAddress("n1");
    affinity("n1", State.PENDING_DELETION, false);
    handle("h", Map.of(BLOCK.toString(), 1));
    ipam.reclaim();
    assertThat(datastore.list(BlockAffinity.KIND, Selection.ALL).items())
        .extracting(a -> a.spec().state())
        .containsExactly(State.CONFIRMED);
    assertThat(ipam.ownBlocks("n1")).containsExactly(BLOCK);
  }

  @Test
  void aBlockWithoutAffinityGetsOneOrGoes() {
    blockWithAddress("n1");
    handle("h", Map.of(BLOCK.toString(), 1));
    datastore.create(BlockArithmetic.claimed(Prefix.parse("10.244.0.8/29"), "n1", NOW));
    assertThat(found(Category.BLOCK_AFFINITY_MISMATCH)).hasSize(2);
    ipam.reclaim();
    assertThat(found(Category.BLOCK_AFFINITY_MISMATCH)).isEmpty();
    assertThat(ipam.ownBlocks("n1")).containsExactly(BLOCK);
  }

  @Test
  void whatIsMarkedDeletedIsAbsentAndGoes() {
    IPAMBlock block = BlockArithmetic.claimed(BLOCK, "n1", NOW);
    IPAMBlock.Spec spec = block.spec();
    datastore.create(
        block.withSpec(
            new IPAMBlock.Spec(
                spec.cidr(),
                spec.affinity(),
                "",
                spec.allocations(),
                spec.unallocated(),
                List.of(),
                1,
                spec.sequenceNumberForAllocation(),
                true,
                false)));
    affinity("n1", State.CONFIRMED, true);
    datastore.create(
        new IPAMHandle(
            Metadata.named("h"), new IPAMHandle.Spec("h", Map.of(BLOCK.toString(), 1), true)));
    assertThat(ipam.check().problems()).isEmpty();
    assertThat(ipam.ownBlocks("n1")).isEmpty();
    // A live writer finishes the deletion where it needs the name.
    assertThat(
            ipam.assignAddress(
                    new AssignAddressRequest(
                        Address.parse("10.244.0.1"),
                        "n1",
                        IntendedUse.WORKLOAD,
                        Optional.of("h"),
                        Map.of()))
                .complete())
        .isTrue();
    assertThat(ipam.ownBlocks("n1")).containsExactly(BLOCK);
    assertThat(ipam.reclaim().repairs())
        .containsExactly("deleted IPAMHandle h, which was marked so");
    affinity("n9", State.CONFIRMED, true);
    assertThat(ipam.reclaim().repairs())
        .containsExactly("deleted BlockAffinity n9-10-244-0-0-29, which was marked so");
  }

  @Test
  void usageAddsUp() {
    datastore.create(Fixtures.reservation("r", "10.244.0.248/29"));
    ipam.autoAssign(Fixtures.request("n1", "h", 10));
    UsageReport report = ipam.usage();
    UsageReport.PoolUsage usage = report.pools().getFirst();
    assertThat(usage.total()).isEqualTo(256);
    assertThat(usage.inUse()).isEqualTo(10);
    assertThat(usage.reserved()).isEqualTo(8);
    assertThat(usage.free()).isEqualTo(238);
    assertThat(usage.blocks()).extracting(UsageReport.BlockUsage::inUse).contains(8, 2);
    assertThat(usage.blocks()).allMatch(b -> b.owner().equals(Optional.of("n1")));
    IPPool pool = datastore.get(IPPool.KIND, Key.of("pool")).orElseThrow();
    datastore.delete(pool);
    assertThat(ipam.usage().strayBlocks()).hasSize(2);
  }
}
