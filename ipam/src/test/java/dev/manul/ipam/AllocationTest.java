package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.memory.FaultyDatastore;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Allocation and release by one or a few clients, one after the other. */
class AllocationTest {
  private final ManualClock clock = new ManualClock();
  private final MemoryDatastore datastore = new MemoryDatastore(clock);
  private final List<String> writes = new ArrayList<>();
  private final Ipam ipam = client();

  private Ipam client() {
    Datastore counted =
        new FaultyDatastore(
            datastore,
            new FaultyDatastore.Hook() {
              @Override
              public void before(FaultyDatastore.Operation operation, Resource resource) {
                writes.add(operation + " " + resource.kind());
              }

              @Override
              public void after(
                  FaultyDatastore.Operation operation, Resource resource, WriteResult<?> result) {}
            });
    return new Ipam(counted, clock);
  }

  private AssignmentResult assign(String node, String handle, int count) {
    return ipam.autoAssign(Fixtures.request(node, handle, count));
  }

  private void store(Resource... resources) {
    Fixtures.store(datastore, resources);
  }

  private Set<Prefix> blocks(String node) {
    return ipam.ownBlocks(node);
  }

  @Test
  void theFirstAddressClaimsABlockAndTheNextCostsOneWrite() {
    store(Fixtures.pool("pool", "10.244.0.0/16", 26));
    AssignmentResult first = assign("n1", "h1", 1);
    assertThat(first.complete()).isTrue();
    AssignmentResult.Assignment assignment = first.assignments().getFirst();
    assertThat(assignment.borrowed()).isFalse();
    assertThat(assignment.pool()).isEqualTo(Prefix.parse("10.244.0.0/16"));
    assertThat(blocks("n1")).containsExactly(assignment.block());
    assertThat(writes)
        .containsExactly(
            "CREATE BlockAffinity", "CREATE IPAMBlock", "UPDATE BlockAffinity", "UPDATE IPAMBlock");
    BlockAffinity affinity = datastore.list(BlockAffinity.KIND, Selection.ALL).items().getFirst();
    assertThat(affinity.spec().state()).isEqualTo(BlockAffinity.State.CONFIRMED);
    assertThat(affinity.metadata().name()).isEqualTo("n1-" + IPAMBlock.nameOf(assignment.block()));

    writes.clear();
    AssignmentResult second = assign("n1", "h2", 1);
    assertThat(second.addresses()).isNotEqualTo(first.addresses());
    assertThat(writes).containsExactly("UPDATE IPAMBlock");
  }

  @Test
  void anotherProcessForTheNodeUsesTheSameBlock() {
    store(Fixtures.pool("pool", "10.244.0.0/16", 26));
    assign("n1", "h1", 1);
    writes.clear();
    assertThat(client().autoAssign(Fixtures.request("n1", "h2", 1)).complete()).isTrue();
    assertThat(writes).containsExactly("UPDATE IPAMBlock");
    assertThat(assign("n1", "h3", 1).complete()).isTrue();
    assertThat(blocks("n1")).hasSize(1);
    assertThat(ipam.check().problems(CheckReport.Category.ALLOCATION_WITHOUT_HANDLE)).isEmpty();
  }

  @Test
  void aRequestSpansBlocksAndFamilies() {
    store(Fixtures.pool("pool", "10.244.0.0/16", 26), Fixtures.pool("six", "fd00::/64", 122));
    AssignmentResult result = ipam.autoAssign(Fixtures.request("n1", "h", 1).withCounts(100, 70));
    assertThat(result.complete()).isTrue();
    assertThat(result.addresses(AddressFamily.IPV4)).hasSize(100).doesNotHaveDuplicates();
    assertThat(result.addresses(AddressFamily.IPV6)).hasSize(70).doesNotHaveDuplicates();
    assertThat(blocks("n1")).hasSize(4);
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
    writes.clear();
    assertThat(ipam.releaseByHandle("h", "n2").released()).isEmpty();
    assertThat(writes).isEmpty();
    assertThat(ipam.releaseByHandle("h", "n1").released()).hasSize(170);
    assertThat(writes).hasSize(4).containsOnly("UPDATE IPAMBlock");
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
    assertThat(blocks("n1")).hasSize(4);
    assertThat(ipam.releaseByHandle("h", "n1").released()).isEmpty();
    assertThat(ipam.releaseByHandle("h").released()).isEmpty();
  }

  @Test
  void aHandleIsKeptForWhatIsBorrowedAndFindsItAgain() {
    store(Fixtures.pool("pool", "10.244.0.0/28", 29));
    assign("n1", "full", 8);
    assign("n2", "most", 7);
    writes.clear();
    AssignmentResult split = assign("n1", "h", 1);
    assertThat(split.assignments()).allMatch(AssignmentResult.Assignment::borrowed);
    assertThat(writes).containsExactly("CREATE IPAMHandle", "UPDATE IPAMBlock");
    assertThat(datastore.get(IPAMHandle.KIND, Key.of("h")).orElseThrow().spec().block())
        .containsOnly(Map.entry(split.assignments().getFirst().block().toString(), 1));
    assertThat(ipam.check().problems(CheckReport.Category.ALLOCATION_WITHOUT_HANDLE)).isEmpty();

    // Another process, which has seen nothing of it.
    writes.clear();
    assertThat(client().releaseByHandle("h", "n1").released()).isEqualTo(split.addresses());
    assertThat(writes).containsExactly("UPDATE IPAMBlock", "DELETE IPAMHandle");
    assertThat(ipam.reclaim().repairs()).isEmpty();
  }

  @Test
  void aHandleHasAddressesInItsNodesBlocksAndInOthers() {
    store(Fixtures.pool("pool", "10.244.0.0/28", 29));
    assign("n1", "some", 6);
    assign("n2", "other", 1);
    AssignmentResult split = assign("n1", "h", 4);
    assertThat(split.assignments())
        .extracting(AssignmentResult.Assignment::borrowed)
        .containsExactly(false, false, true, true);
    assertThat(ipam.releaseByHandle("h", "n1").released())
        .containsExactlyInAnyOrderElementsOf(split.addresses());
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
    assertThat(ipam.reclaim().repairs()).isEmpty();
  }

  @Test
  void addressesOfABlockThatLosesItsNodeAreCounted() {
    store(Fixtures.pool("pool", "10.244.0.0/24", 29));
    AssignmentResult result = assign("n1", "h", 3);
    assertThat(ipam.releaseHostAffinities("n1")).hasSize(1);
    assertThat(datastore.get(IPAMHandle.KIND, Key.of("h")).orElseThrow().spec().block().values())
        .containsExactly(3);
    assertThat(ipam.check().problems(CheckReport.Category.ALLOCATION_WITHOUT_HANDLE)).isEmpty();
    assertThat(client().releaseByHandle("h", "n1").released()).isEqualTo(result.addresses());
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
    assertThat(datastore.list(IPAMBlock.KIND, Selection.ALL).items()).isEmpty();
  }

  @Test
  void aHandleThatCountsAddressesOfItsNodesOwnBlocksIsHonoured() {
    store(Fixtures.pool("pool", "10.244.0.0/24", 29));
    AssignmentResult result = assign("n1", "h", 2);
    String block = result.assignments().getFirst().block().toString();
    store(new IPAMHandle(Metadata.named("h"), new IPAMHandle.Spec("h", Map.of(block, 2), false)));
    assertThat(ipam.check().problems(CheckReport.Category.HANDLE_WITHOUT_ADDRESSES)).isEmpty();
    assertThat(ipam.reclaim().repairs()).isEmpty();
    ipam.release(List.of(ReleaseRequest.of(result.addresses().getFirst())));
    assertThat(datastore.get(IPAMHandle.KIND, Key.of("h")).orElseThrow().spec().block())
        .containsOnly(Map.entry(block, 1));
    ipam.releaseByHandle("h", "n1");
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
  }

  @Test
  void theLimitStopsClaimsAndBorrowing() {
    store(Fixtures.pool("pool", "10.244.0.0/24", 29), Fixtures.configuration(true, 2, true, 0));
    assign("n2", "other", 1);
    AssignmentResult result = assign("n1", "h", 20);
    assertThat(result.addresses()).hasSize(16);
    assertThat(result.problems())
        .containsExactly(
            "assigned 16 out of 20 requested IPv4 addresses; "
                + "need to allocate an IPAM block but could not: limit of 2 blocks reached for node "
                + "n1; raise maxBlocksPerHost of the IPAMConfiguration \"default\" for more");
    assertThat(ipam.autoAssign(Fixtures.request("n1", "h2", 1).withMaxBlocks(5)).complete())
        .isFalse();
    assertThat(ipam.autoAssign(Fixtures.request("n3", "h3", 9).withMaxBlocks(1)).addresses())
        .hasSize(8);
  }

  @Test
  void theLimitCountsAddressesWhereBlocksAreSmall() {
    store(Fixtures.pool("pool", "10.244.0.0/20", 32));
    assertThat(assign("n1", "h", 60).complete()).isTrue();
    assertThat(blocks("n1")).hasSize(60);
    Situation situation = Situation.read(datastore);
    IPPool single = situation.pools().getFirst();
    assertThat(situation.maxBlocks(0, single)).isEqualTo(1280);
    assertThat(situation.maxBlocks(0, Fixtures.pool("p", "10.0.0.0/16", 26))).isEqualTo(20);
    assertThat(situation.maxBlocks(0, Fixtures.pool("p", "10.0.0.0/16", 22))).isEqualTo(20);
    assertThat(situation.maxBlocks(7, single)).isEqualTo(7);
  }

  @Test
  void borrowsOnlyWhenNoBlockIsLeftAndAffinityIsNotStrict() {
    store(Fixtures.pool("pool", "10.244.0.0/28", 29));
    assign("n1", "h1", 1);
    assign("n2", "h2", 1);
    AssignmentResult borrowed = assign("n3", "h3", 2);
    assertThat(borrowed.complete()).isTrue();
    assertThat(borrowed.assignments()).allMatch(AssignmentResult.Assignment::borrowed);
    assertThat(ipam.usage().borrowed()).hasSize(2);
    assertThat(ipam.lookup(borrowed.addresses().getFirst()).orElseThrow().node()).contains("n3");

    datastore.create(Fixtures.configuration(true, 0, true, 0));
    assertThat(assign("n3", "h4", 1).problems())
        .containsExactly(
            "assigned 0 out of 1 requested IPv4 addresses; "
                + "no more free affine blocks and strict affinity enabled");
  }

  @Test
  void aFullPoolSaysSo() {
    store(Fixtures.pool("pool", "10.244.0.0/29", 30));
    assertThat(assign("n1", "h1", 8).complete()).isTrue();
    assertThat(assign("n2", "h2", 1).problems())
        .containsExactly(
            "assigned 0 out of 1 requested IPv4 addresses; "
                + "no addresses available in pools: [pool]");
    assertThat(datastore.get(IPAMHandle.KIND, Key.of("h2"))).isEmpty();
  }

  @Test
  void takesOverABlockThatAnotherNodeLeftEmptyForAMinute() {
    store(Fixtures.pool("pool", "10.244.0.0/29", 29));
    assign("n1", "h1", 1);
    ipam.releaseByHandle("h1");
    // Too young to be taken over: borrowed from.
    assertThat(assign("n2", "h2", 1).assignments().getFirst().borrowed()).isTrue();
    ipam.releaseByHandle("h2");
    clock.advance(Duration.ofSeconds(61));
    assertThat(assign("n2", "h3", 1).assignments().getFirst().borrowed()).isFalse();
    assertThat(blocks("n1")).isEmpty();
    assertThat(blocks("n2")).hasSize(1);
    // The first node's memory of its block is out of date, and it finds out.
    assertThat(assign("n1", "h4", 1).assignments().getFirst().borrowed()).isTrue();
    assertThat(datastore.list(BlockAffinity.KIND, Selection.ALL).items())
        .extracting(affinity -> affinity.spec().node())
        .containsExactly("n2");
  }

  @Test
  void nodesMayBeForbiddenToClaim() {
    store(Fixtures.pool("pool", "10.244.0.0/28", 29), Fixtures.configuration(true, 0, false, 0));
    assertThat(assign("n1", "h1", 1).complete()).isFalse();
    assertThat(datastore.list(IPAMBlock.KIND, Selection.ALL).items()).isEmpty();
  }

  @Test
  void reservedAddressesAreGivenOnlyByName() {
    store(
        Fixtures.pool("pool", "10.244.0.0/28", 29),
        Fixtures.reservation("r", "10.244.0.0/29", "10.244.0.9"));
    AssignmentResult result = assign("n1", "h", 16);
    assertThat(result.addresses()).hasSize(7).doesNotContain(Address.parse("10.244.0.9"));
    Address reserved = Address.parse("10.244.0.9");
    assertThat(byName(reserved, "n1").complete()).isTrue();
    UsageReport.PoolUsage usage = ipam.usage().pools().getFirst();
    assertThat(usage.inUse()).isEqualTo(8);
    assertThat(usage.reserved()).isEqualTo(8);
    assertThat(usage.free()).isZero();
  }

  private AssignmentResult byName(Address address, String node) {
    return ipam.assignAddress(
        new AssignAddressRequest(
            address, node, IntendedUse.WORKLOAD, Optional.of("name-" + node), Map.of()));
  }

  @Test
  void oneAddressClaimsItsWholeBlock() {
    store(Fixtures.pool("pool", "10.244.0.0/16", 26));
    Address address = Address.parse("10.244.3.70");
    assertThat(byName(address, "n1").assignments().getFirst().borrowed()).isFalse();
    assertThat(blocks("n1")).containsExactly(Prefix.parse("10.244.3.64/26"));
    assertThatThrownBy(() -> byName(address, "n2"))
        .hasMessage("10.244.3.70 is in use already by handle name-n1")
        .extracting(e -> ((IpamException) e).reason())
        .isEqualTo(IpamException.Reason.IN_USE);
    assertThat(datastore.get(IPAMHandle.KIND, Key.of("name-n2"))).isEmpty();
    assertThat(byName(Address.parse("10.244.3.71"), "n2").assignments().getFirst().borrowed())
        .isTrue();

    datastore.create(Fixtures.configuration(true, 0, true, 0));
    assertThatThrownBy(() -> byName(Address.parse("10.244.3.72"), "n2"))
        .hasMessage(
            "10.244.3.72 is in the block 10.244.3.64/26 of node n1, "
                + "and strict affinity is enabled");
    assertThatThrownBy(() -> byName(Address.parse("10.245.0.1"), "n2"))
        .hasMessage("10.245.0.1 is in no configured pool");
  }

  @Test
  void releaseIsGuardedByHandleAndSequence() {
    store(Fixtures.pool("pool", "10.244.0.0/16", 26));
    AssignmentResult.Assignment given = assign("n1", "h1", 1).assignments().getFirst();
    var stale =
        new ReleaseRequest(
            given.address(), Optional.of("h1"), OptionalLong.of(given.sequenceNumber() - 1));
    assertThat(ipam.release(List.of(stale)).refused()).hasSize(1);
    assertThat(ipam.lookup(given.address()).orElseThrow().handleId()).contains("h1");
    var right =
        new ReleaseRequest(
            given.address(), Optional.of("h1"), OptionalLong.of(given.sequenceNumber()));
    ReleaseResult result =
        ipam.release(
            List.of(
                right,
                ReleaseRequest.of(Address.parse("192.0.2.1")),
                ReleaseRequest.of(Address.parse("10.244.200.1"))));
    assertThat(result.released()).containsExactly(given.address());
    assertThat(result.unallocated()).hasSize(2);
    assertThat(ipam.lookup(given.address())).isEmpty();
    assertThat(datastore.get(IPAMHandle.KIND, Key.of("h1"))).isEmpty();
  }

  @Test
  void releasedAddressesCoolDown() {
    store(Fixtures.pool("pool", "10.244.0.0/30", 30), Fixtures.configuration(false, 0, true, 60));
    Set<Address> first = new HashSet<>(assign("n1", "h1", 4).addresses());
    ipam.releaseByHandle("h1");
    assertThat(assign("n1", "h2", 1).complete()).isFalse();
    assertThat(ipam.check().problems()).isEmpty();
    clock.advance(Duration.ofSeconds(60));
    assertThat(first).containsAll(assign("n1", "h2", 4).addresses());
  }

  @Test
  void emptyBlocksOfAPoolThatLeftTheNodeAreReleased() {
    IPPool pool = Fixtures.pool("pool", "10.244.0.0/16", 29);
    store(pool, Fixtures.pool("second", "10.245.0.0/16", 29), Fixtures.node("n1", Map.of()));
    AutoAssignRequest first = Fixtures.request("n1", "h1", 1).withPools(List.of("pool"));
    ipam.autoAssign(first);
    ipam.autoAssign(first.withHandle("h2").withCounts(8, 0));
    assertThat(blocks("n1")).hasSize(2);
    ipam.releaseByHandle("h1");
    IPPool stored = datastore.get(IPPool.KIND, Key.of("pool")).orElseThrow();
    datastore.update(stored.withSpec(stored.spec().withNodeSelector("rack == 'a'")));
    // What is in use stays; what is empty goes with the next look at the node's blocks.
    ipam.releaseByHandle("h2");
    assertThat(assign("n1", "h3", 1).addresses()).allMatch(Prefix.parse("10.245.0.0/16")::contains);
    assertThat(blocks("n1")).hasSize(1);
  }

  @Test
  void aBlockLosesItsNodeAndIsDeletedWithItsLastAddress() {
    store(Fixtures.pool("pool", "10.244.0.0/28", 29));
    AssignmentResult given = assign("n1", "h1", 1);
    Prefix block = given.assignments().getFirst().block();
    assertThat(ipam.releaseAffinity(block, "n2", false)).isEqualTo(AffinityRelease.NOT_OWNED);
    assertThat(ipam.releaseAffinity(block, "n1", true)).isEqualTo(AffinityRelease.NOT_EMPTY);
    assertThat(ipam.check().problems(CheckReport.Category.BLOCK_AFFINITY_MISMATCH)).isEmpty();
    assertThat(ipam.releaseHostAffinities("n1")).containsExactly(block);
    assertThat(ipam.lookup(given.addresses().getFirst()).orElseThrow().borrowed()).isTrue();
    ipam.releaseByHandle("h1");
    assertThat(datastore.list(IPAMBlock.KIND, Selection.ALL).items()).isEmpty();
  }

  @Test
  void aRemovedHostLeavesNothing() {
    store(Fixtures.pool("pool", "10.244.0.0/28", 29));
    assign("n2", "h2", 8);
    assign("n1", "h1", 10);
    assertThat(ipam.releasePoolAffinities(Prefix.parse("10.244.0.0/28"))).hasSize(2);
    ipam.removeHost("n1", true);
    ipam.removeHost("n2", true);
    assertThat(datastore.list(IPAMBlock.KIND, Selection.ALL).items()).isEmpty();
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
    assertThat(datastore.list(BlockAffinity.KIND, Selection.ALL).items()).isEmpty();
  }

  @Test
  void aHugePoolIsNoLongerWayThanASmallOne() {
    store(Fixtures.pool("pool", "10.0.0.0/8", 26), Fixtures.pool("six", "fd00::/16", 122));
    AssignmentResult result = ipam.autoAssign(Fixtures.request("n1", "h", 1).withCounts(1, 1));
    assertThat(result.addresses()).hasSize(2);
  }

  @Test
  void longNodeNamesMakeValidAffinityNames() {
    String node = "n".repeat(250);
    String name = BlockClaims.affinityName(node, Prefix.parse("10.244.0.0/26"));
    assertThat(name).hasSizeLessThanOrEqualTo(253).matches("n+-[0-9a-f]{11}-10-244-0-0-26");
    assertThat(BlockClaims.affinityName("n".repeat(249) + "m", Prefix.parse("10.244.0.0/26")))
        .isNotEqualTo(name);
  }
}
