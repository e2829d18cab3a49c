package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.BlockAffinity;
import dev.manul.model.ClusterInformation;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a locked datastore keeps from happening, and what repairs go on in it. */
class LockTest {
  private final ManualClock clock = new ManualClock();
  private final MemoryDatastore datastore = new MemoryDatastore(clock);
  private final Ipam ipam = new Ipam(datastore, clock);
  private final Ipam overLock = Ipam.overLock(datastore, clock);

  LockTest() {
    IPPool pool = Fixtures.pool("pool", "10.244.0.0/24", 29);
    datastore.create(
        pool.withSpec(pool.spec().withModes(EncapsulationMode.ALWAYS, EncapsulationMode.NEVER)));
  }

  private void ready(boolean ready) {
    var spec = ClusterInformation.Spec.EMPTY.withDatastoreReady(ready);
    datastore
        .get(ClusterInformation.KIND, ClusterInformation.DEFAULT_KEY)
        .ifPresentOrElse(
            stored -> datastore.update(stored.withSpec(spec)),
            () -> datastore.create(new ClusterInformation(Metadata.named("default"), spec)));
  }

  private static void assertLocked(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            IpamException.class,
            refused -> assertThat(refused.reason()).isEqualTo(IpamException.Reason.LOCKED));
  }

  @Test
  void addressesStayWhereTheyAreUntilItIsUnlocked() {
    Address kept = ipam.autoAssign(Fixtures.request("n1", "h", 1)).addresses().getFirst();
    ready(false);
    assertLocked(() -> ipam.autoAssign(Fixtures.request("n1", "h2", 1)));
    assertLocked(() -> ipam.release(List.of(ReleaseRequest.of(kept))));
    assertLocked(() -> ipam.releaseByHandle("h"));
    assertLocked(() -> ipam.releaseByHandle("h", "n1"));
    assertLocked(
        () -> ipam.repair(new RepairRequest(List.of(), Set.of(), Set.of()), Optional.empty()));
    assertThat(ipam.lookup(kept)).isPresent();
    ready(true);
    assertThat(ipam.releaseByHandle("h", "n1").released()).containsExactly(kept);
  }

  @Test
  void aTunnelsAddressIsKeptAndNotChanged() {
    Address address = ipam.ensureTunnelAddress("n1", TunnelType.IPIP).orElseThrow();
    datastore.create(
        new Node(
            Metadata.named("n1"),
            Node.Spec.EMPTY.withBgp(
                Optional.of(Node.Bgp.EMPTY.withIpv4IPIPTunnelAddr(Optional.of(address))))));
    ready(false);
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.IPIP)).contains(address);
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.VXLAN)).isEmpty();
    assertLocked(() -> ipam.ensureTunnelAddress("n2", TunnelType.IPIP));
    IPPool pool = datastore.get(IPPool.KIND, Key.of("pool")).orElseThrow();
    datastore.update(
        pool.withSpec(pool.spec().withModes(EncapsulationMode.NEVER, EncapsulationMode.NEVER)));
    assertLocked(() -> ipam.ensureTunnelAddress("n1", TunnelType.IPIP));
    assertThat(ipam.lookup(address)).isPresent();
  }

  @Test
  void nothingIsReclaimedOrCollected() {
    Prefix block = Prefix.parse("10.244.0.8/29");
    datastore.create(
        new BlockAffinity(
            Metadata.named(BlockClaims.affinityName("n1", block)),
            new BlockAffinity.Spec(BlockAffinity.State.CONFIRMED, "n1", null, block, false)));
    Address leaked = ipam.autoAssign(Fixtures.request("n1", "net.gone", 1)).addresses().getFirst();
    ready(false);
    assertThat(ipam.reclaim().repairs()).isEmpty();
    try (Surroundings surroundings = Surroundings.watch(datastore, PodSource.PODS, gone -> {})) {
      GarbagePass pass =
          new GarbagePass(
              datastore, ipam, surroundings, GarbageOptions.of("n1", PodSource.PODS), () -> true);
      assertThat(pass.run(clock.instant()).problem().orElseThrow()).contains("is locked");
      clock.advance(Duration.ofHours(1));
      assertThat(pass.run(clock.instant()).addresses()).isZero();
    }
    assertThat(ipam.lookup(leaked)).isPresent();
    assertThat(overLock.reclaim().repairs()).hasSize(1);
  }

  @Test
  void aRepairDoesWhatIsStillRightAndNamesTheRest() {
    Address leaked = ipam.autoAssign(Fixtures.request("n1", "net.a", 1)).addresses().getFirst();
    Address again = ipam.autoAssign(Fixtures.request("n1", "net.b", 1)).addresses().getFirst();
    Address back = ipam.autoAssign(Fixtures.request("n1", "net.c", 1)).addresses().getFirst();
    Address unknown = back.plus(1);
    datastore.create(Fixtures.endpoint("n1", "back", back));
    datastore.create(Fixtures.endpoint("n1", "unknown", unknown));
    ready(false);

    RepairReport report =
        overLock.repair(
            new RepairRequest(
                List.of(
                    request(leaked, 0),
                    request(again, 1), // has been given out anew since it was reported
                    request(back, 0)), // is in use now
                Set.of(unknown, leaked.plus(6)),
                Set.of()),
            Optional.empty());

    assertThat(report.released()).containsExactly(leaked);
    assertThat(report.adopted()).containsExactly(unknown);
    assertThat(report.left())
        .extracting(CheckReport.Problem::subject)
        .containsExactly(again.text());
    assertThat(overLock.lookup(unknown).orElseThrow())
        .satisfies(
            info -> {
              assertThat(info.handleId()).contains("k8s-pod-network.container-unknown");
              assertThat(info.attributes())
                  .containsAllEntriesOf(
                      Map.of("pod", "unknown", "namespace", "default", "node", "n1"));
            });
  }

  private ReleaseRequest request(Address address, long behind) {
    AllocationInfo info = ipam.lookup(address).orElseThrow();
    return new ReleaseRequest(
        address, info.handleId(), OptionalLong.of(info.sequenceNumber() - behind));
  }
}
