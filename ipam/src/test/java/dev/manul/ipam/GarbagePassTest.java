package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.ResourceText;
import dev.manul.datastore.Selection;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.ipam.LeakCalculation.Memory;
import dev.manul.ipam.LeakCalculation.Observed;
import dev.manul.ipam.LeakCalculation.Plan;
import dev.manul.ipam.PodTable.Entry;
import dev.manul.model.Address;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Pod;
import dev.manul.model.WorkloadEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Passes over a stored cluster, with time moved by hand. */
class GarbagePassTest {
  private static final Duration GRACE = GarbageOptions.DEFAULT_GRACE;

  private final ManualClock clock = new ManualClock();
  private final MemoryDatastore stored = new MemoryDatastore(clock);
  private final UnreadableDatastore datastore = new UnreadableDatastore(stored);
  private final Ipam ipam = new Ipam(stored, clock);
  private Surroundings surroundings;
  private GarbagePass pass;

  @BeforeEach
  void aClusterOfTwoNodes() {
    Fixtures.store(
        stored,
        Fixtures.pool("pool", "10.244.0.0/24", 29),
        Fixtures.node("n1", Map.of()),
        Fixtures.node("n2", Map.of()));
    begin(PodSource.PODS);
  }

  private void begin(PodSource source) {
    if (surroundings != null) {
      surroundings.close();
    }
    surroundings = Surroundings.watch(datastore, source, gone -> {});
    pass =
        new GarbagePass(datastore, ipam, surroundings, GarbageOptions.of("n1", source), () -> true);
  }

  @AfterEach
  void close() {
    surroundings.close();
    stored.close();
  }

  private Address allocate(String node, String pod) {
    return ipam.autoAssign(
            Fixtures.request(node, "net." + pod, 1)
                .withAttributes(Map.of("namespace", "default", "pod", pod, "node", node)))
        .addresses()
        .getFirst();
  }

  private static Pod pod(String name, String node, Address... addresses) {
    return new Pod(
        Metadata.named("default", name),
        new Pod.Spec(node, "", false, List.of()),
        new Pod.Status("Running", "", Stream.of(addresses).map(Address::toString).toList()));
  }

  private void delete(Kind<?> kind, Key key) {
    stored.get(kind, key).ifPresent(stored::delete);
  }

  /** One pass after the watches have told everything. */
  private GarbagePass.Result pass() {
    await()
        .until(
            () ->
                surroundings.complete()
                    && Set.copyOf(surroundings.blocks())
                        .equals(Set.copyOf(stored.list(IPAMBlock.KIND, Selection.ALL).items()))
                    && surroundings
                        .nodes()
                        .equals(
                            stored.list(Node.KIND, Selection.ALL).items().stream()
                                .map(node -> node.metadata().name())
                                .collect(Collectors.toSet()))
                    && Stream.of(podsStored(), endpointsStored())
                        .anyMatch(surroundings.pods().heard()::equals));
    return pass.run(clock.instant());
  }

  private PodTable podsStored() {
    return PodTable.of(
        stored.list(Pod.KIND, Selection.ALL).items().stream().map(PodRegister::entry).toList());
  }

  private PodTable endpointsStored() {
    List<Entry> entries =
        stored.list(WorkloadEndpoint.KIND, Selection.ALL).items().stream()
            .map(PodRegister::entry)
            .toList();
    return PodTable.of(entries);
  }

  private boolean allocated(Address address) {
    return ipam.lookup(address).isPresent();
  }

  @Test
  void aLeakIsReleasedWithItsHandleAfterTheGrace() {
    Address kept = allocate("n1", "web");
    Address leaked = allocate("n1", "db");
    Fixtures.store(stored, pod("web", "n1", kept), pod("db", "n1", leaked));
    assertThat(pass().candidates()).isZero();
    delete(Pod.KIND, new Key("default", "db"));
    GarbagePass.Result seen = pass();
    assertThat(seen.candidates()).isEqualTo(1);
    assertThat(seen.due()).contains(clock.instant().plus(GRACE));
    clock.advance(GRACE.minusSeconds(1));
    assertThat(pass().addresses()).isZero();
    assertThat(allocated(leaked)).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(pass().addresses()).isEqualTo(1);
    assertThat(allocated(leaked)).isFalse();
    assertThat(allocated(kept)).isTrue();
    assertThat(stored.get(IPAMHandle.KIND, Key.of("net.db"))).isEmpty();
    GarbagePass.Result after = pass();
    assertThat(after.candidates() + after.confirmed()).isZero();
  }

  @Test
  void aPodWithoutAddressIsWaitedFor() {
    Address address = allocate("n1", "slow");
    Fixtures.store(stored, pod("slow", "n1"));
    pass();
    clock.advance(GRACE.multipliedBy(4));
    assertThat(pass().confirmed()).isZero();
    assertThat(allocated(address)).isTrue();
  }

  @Test
  void theAnnotationOfTheCniCountsBeforeTheKubeletHasSpoken() {
    Address old = allocate("n1", "web");
    Address now = allocate("n1", "web");
    Metadata named = Metadata.named("default", "web");
    Fixtures.store(
        stored,
        pod("web", "n1")
            .withMetadata(
                new Metadata(
                    named.name(),
                    named.namespace(),
                    Map.of(),
                    Map.of("cni.projectcalico.org/podIPs", now + "/32"),
                    "",
                    "",
                    "")));
    assertThat(pass().candidates()).as("of %s and %s", old, now).isEqualTo(1);
  }

  @Test
  void endpointsDecideWhereThereAreNoPods() {
    begin(PodSource.ENDPOINTS);
    Address kept = allocate("n1", "web");
    Address leaked = allocate("n1", "db");
    Fixtures.store(stored, Fixtures.endpoint("n1", "web", kept));
    pass();
    clock.advance(GRACE);
    assertThat(pass().addresses()).isEqualTo(1);
    assertThat(allocated(kept)).isTrue();
    assertThat(allocated(leaked)).isFalse();
  }

  @Test
  void aGoneNodeIsCleanedUpAtOnce() {
    Address leaked = allocate("n2", "db");
    ipam.autoAssign(
        AutoAssignRequest.of("n2", IntendedUse.TUNNEL)
            .withCounts(1, 0)
            .withHandle(TunnelType.IPIP.handleId("n2"))
            .withAttributes(Map.of("node", "n2", "type", TunnelType.IPIP.attribute())));
    Address kept = allocate("n1", "web");
    Fixtures.store(stored, pod("web", "n1", kept), pod("db", "n2", leaked));
    delete(Node.KIND, Key.of("n2"));
    assertThat(pass().addresses()).as("its pod is there").isZero();
    delete(Pod.KIND, new Key("default", "db"));
    GarbagePass.Result result = pass();
    assertThat(result.addresses()).isEqualTo(2);
    assertThat(result.blocks()).isEqualTo(1);
    assertThat(ipam.ownBlocks("n2")).isEmpty();
    assertThat(stored.list(BlockAffinity.KIND, Selection.onNode("n2")).items()).isEmpty();
    assertThat(stored.list(IPAMBlock.KIND, Selection.ALL).items()).hasSize(1);
    assertThat(ipam.check().problems(CheckReport.Category.BLOCK_AFFINITY_MISMATCH)).isEmpty();
    assertThat(allocated(kept)).isTrue();
  }

  @Test
  void anAddressGivenToAnotherBetweenLookAndReleaseStays() {
    Address leaked = allocate("n1", "db");
    Plan plan = confirmed();
    ipam.release(List.of(ReleaseRequest.of(leaked)));
    ipam.assignAddress(
        new AssignAddressRequest(
            leaked, "n1", IntendedUse.WORKLOAD, Optional.of("net.db"), Map.of("node", "n1")));
    GarbageRelease.Outcome outcome = release(plan);
    assertThat(outcome.addresses()).isZero();
    assertThat(allocated(leaked)).isTrue();
  }

  /** All requests for one block stand or fall together; the sound ones must not fall for long. */
  @Test
  void aRefusedReleaseDoesNotKeepOthersOfItsBlock() {
    Address again = allocate("n1", "db");
    Address leaked = allocate("n1", "cache");
    Plan plan = confirmed();
    ipam.release(List.of(ReleaseRequest.of(again)));
    ipam.assignAddress(
        new AssignAddressRequest(
            again, "n1", IntendedUse.WORKLOAD, Optional.of("net.db"), Map.of("node", "n1")));
    assertThat(release(plan).addresses()).isEqualTo(1);
    assertThat(allocated(again)).isTrue();
    assertThat(allocated(leaked)).isFalse();
  }

  @Test
  void aPodThatTheWatchHasNotToldYetIsFoundBeforeTheRelease() {
    Address address = allocate("n1", "db");
    Plan plan = confirmed();
    Fixtures.store(stored, pod("db", "n1", address));
    assertThat(release(plan).addresses()).isZero();
    assertThat(allocated(address)).isTrue();
  }

  @Test
  void aNodeThatIsBackKeepsWhatItHad() {
    Address address = allocate("n3", "db");
    Plan plan = confirmed();
    assertThat(plan.goneNodes()).containsExactly("n3");
    Fixtures.store(stored, Fixtures.node("n3", Map.of()));
    GarbageRelease.Outcome outcome = release(plan);
    assertThat(outcome.addresses() + outcome.blocks()).isZero();
    assertThat(allocated(address)).isTrue();
    assertThat(ipam.ownBlocks("n3")).hasSize(1);
  }

  /** A plan as a collector has it that has waited for the grace. */
  private Plan confirmed() {
    Memory memory = Memory.NONE;
    Plan plan = null;
    for (Duration grace : List.of(Duration.ZERO, GRACE)) {
      plan =
          LeakCalculation.step(
              memory,
              new Observed(
                  stored.list(IPAMBlock.KIND, Selection.ALL).items(),
                  podsStored(),
                  Set.of("n1", "n2"),
                  Set.of()),
              clock.instant().plus(grace),
              GRACE);
      memory = plan.memory();
    }
    assertThat(plan.leaks()).isNotEmpty();
    return plan;
  }

  private GarbageRelease.Outcome release(Plan plan) {
    return new GarbageRelease(datastore, ipam, surroundings.pods(), () -> true).run(plan);
  }

  @Test
  void whatCannotBeAskedForCountsAsUsed() {
    Address leaked = allocate("n1", "db");
    pass();
    clock.advance(GRACE);
    datastore.refuse(Pod.KIND);
    GarbagePass.Result refused = pass();
    assertThat(refused.addresses()).isZero();
    assertThat(refused.confirmed()).isEqualTo(1);
    assertThat(refused.problem()).hasValueSatisfying(line -> assertThat(line).contains("Pod"));
    datastore.refuseNothing();
    assertThat(pass().addresses()).isEqualTo(1);
    assertThat(allocated(leaked)).isFalse();
  }

  @Test
  void usersSetTheGrace() {
    allocate("n1", "db");
    Fixtures.store(
        stored,
        ResourceText.parse(
                """
                apiVersion: projectcalico.org/v3
                kind: KubeControllersConfiguration
                metadata: {name: default}
                spec: {controllers: {node: {leakGracePeriod: 2m}, policy: {}}}
                """,
                "test")
            .getFirst()
            .resource());
    assertThat(pass().grace()).isEqualTo(Duration.ofMinutes(2));
    clock.advance(Duration.ofMinutes(2));
    assertThat(pass().addresses()).isEqualTo(1);
  }

  @Test
  void anIdleBlockGoesAndTheNodeTakesAnotherWhenItNeedsOne() {
    List<Address> addresses =
        ipam.autoAssign(Fixtures.request("n1", "net.many", 16).withAttributes(Map.of("node", "n1")))
            .addresses();
    assertThat(ipam.ownBlocks("n1")).hasSize(2);
    ipam.releaseByHandle("net.many");
    assertThat(pass().blocks()).isZero();
    clock.advance(GRACE);
    assertThat(pass().blocks()).isEqualTo(1);
    assertThat(ipam.ownBlocks("n1")).hasSize(1);
    assertThat(ipam.autoAssign(Fixtures.request("n1", "net.many", 16)).addresses())
        .hasSameSizeAs(addresses)
        .doesNotHaveDuplicates();
  }

  @Test
  void nothingIsReleasedOutOfOffice() {
    allocate("n3", "db");
    Plan plan = confirmed();
    GarbageRelease.Outcome outcome =
        new GarbageRelease(datastore, ipam, surroundings.pods(), () -> false).run(plan);
    assertThat(outcome.addresses() + outcome.blocks()).isZero();
  }
}
