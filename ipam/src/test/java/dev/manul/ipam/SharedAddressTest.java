package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.Selection;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.ipam.CheckReport.Category;
import dev.manul.ipam.RepairReport.Displaced;
import dev.manul.ipam.RepairReport.Fate;
import dev.manul.model.Address;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Addresses that more than one has: whose they are, and what a repair makes of it. */
class SharedAddressTest {
  private static final String NETWORK = "k8s-pod-network.";

  private final ManualClock clock = new ManualClock();
  private final MemoryDatastore datastore = new MemoryDatastore(clock);
  private final Ipam ipam = new Ipam(datastore, clock);
  private final List<String> ended = new ArrayList<>();

  SharedAddressTest() {
    datastore.create(Fixtures.pool("pool", "10.244.0.0/24", 29));
  }

  /** An address that is allocated to a pod, whose container is named after it. */
  private Address allocated(String node, String pod) {
    return ipam.autoAssign(
            Fixtures.request(node, NETWORK + "container-" + pod, 1)
                .withAttributes(Map.of("namespace", "default", "pod", pod, "node", node)))
        .addresses()
        .getFirst();
  }

  /** Stores resources, each a day after the one before. */
  private void store(Resource... resources) {
    for (Resource resource : resources) {
      clock.advance(Duration.ofDays(1));
      Fixtures.store(datastore, resource);
    }
  }

  private List<String> found() {
    return ipam.check().problems(Category.DUPLICATE_USE).stream()
        .map(CheckReport.Problem::message)
        .toList();
  }

  private RepairReport repaired(Address address) {
    return ipam.repair(
        new RepairRequest(List.of(), Set.of(address), Set.of(address)), Optional.empty());
  }

  private RepairReport removing(Address address) {
    return ipam.repair(
        new RepairRequest(List.of(), Set.of(address), Set.of(address)),
        Optional.of(
            endpoint -> {
              ended.add(endpoint.key().toString());
              datastore.delete(endpoint);
              return Optional.empty();
            }));
  }

  private String owner(Address address) {
    AllocationInfo info = ipam.lookup(address).orElseThrow();
    return info.handleId().orElse("") + " " + info.attributes().getOrDefault("pod", "");
  }

  @Test
  void whoseHandleTheBlockHasKeepsIt() {
    Address address = allocated("n1", "young");
    store(Fixtures.endpoint("n1", "old", address), Fixtures.endpoint("n1", "young", address));
    assertThat(found())
        .containsExactly(
            address
                + " is used by endpoint default/n1-k8s-young-eth0"
                + " and by endpoint default/n1-k8s-old-eth0");

    RepairReport named = repaired(address);
    assertThat(named.repairs()).isEmpty();
    assertThat(named.displaced())
        .containsExactly(
            new Displaced(
                address,
                "endpoint default/n1-k8s-old-eth0",
                "endpoint default/n1-k8s-young-eth0",
                Fate.NAMED,
                Optional.empty()));
    assertThat(named.left()).hasSize(1);

    RepairReport removed = removing(address);
    assertThat(ended).containsExactly("default/n1-k8s-old-eth0");
    assertThat(removed.displaced()).extracting(Displaced::fate).containsExactly(Fate.REMOVED);
    assertThat(removed.left()).isEmpty();
    assertThat(owner(address)).isEqualTo(NETWORK + "container-young young");
  }

  @Test
  void ofTwoThatHaveNoClaimTheOlderIsGivenIt() {
    Address address = allocated("n2", "gone");
    store(Fixtures.endpoint("n2", "b", address), Fixtures.endpoint("n1", "a", address));
    assertThat(found())
        .containsExactly(
            address
                + " is used by endpoint default/n2-k8s-b-eth0"
                + " and by endpoint default/n1-k8s-a-eth0"
                + " and is allocated to pod default/gone on node n2");

    RepairReport report = removing(address);

    assertThat(report.repairs())
        .containsExactly(
            "allocated "
                + address
                + " to endpoint default/n2-k8s-b-eth0, and no longer to pod default/gone on node"
                + " n2");
    assertThat(ended).containsExactly("default/n1-k8s-a-eth0");
    assertThat(report.left()).isEmpty();
    assertThat(owner(address)).isEqualTo(NETWORK + "container-b b");
  }

  @Test
  void whatTheBooksCallFreeIsAllocatedToTheOlder() {
    Address address = allocated("n1", "other").plus(3);
    store(Fixtures.endpoint("n1", "b", address), Fixtures.endpoint("n1", "a", address));
    RepairReport report = removing(address);
    assertThat(report.adopted()).containsExactly(address);
    assertThat(ended).containsExactly("default/n1-k8s-a-eth0");
    assertThat(owner(address)).isEqualTo(NETWORK + "container-b b");
    assertThat(found()).isEmpty();
  }

  @Test
  void theOnlyUserIsGivenWhatIsAnothersByTheBooks() {
    Address address = allocated("n2", "gone");
    // The user is on a node that does not own the block, so that a handle has to count it.
    store(Fixtures.endpoint("n1", "here", address));
    assertThat(found())
        .containsExactly(
            address
                + " is used by endpoint default/n1-k8s-here-eth0"
                + " and is allocated to pod default/gone on node n2");

    RepairReport report = removing(address);

    assertThat(ended).isEmpty();
    assertThat(report.displaced()).isEmpty();
    assertThat(report.left()).isEmpty();
    assertThat(owner(address)).isEqualTo(NETWORK + "container-here here");
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items())
        .extracting(handle -> handle.spec().handleID())
        .containsExactly(NETWORK + "container-here");
    assertThat(ipam.releaseByHandle(NETWORK + "container-gone").released()).isEmpty();
    assertThat(ipam.releaseByHandle(NETWORK + "container-here", "n1").released())
        .containsExactly(address);
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
  }

  @Test
  void aCountThatTheFormerOwnerHadIsLowered() {
    Address own = allocated("n2", "own");
    ipam.assignAddress(
        new AssignAddressRequest(
            own.plus(1),
            "n1",
            IntendedUse.WORKLOAD,
            Optional.of(NETWORK + "container-gone"),
            Map.of("namespace", "default", "pod", "gone", "node", "n1")));
    store(Fixtures.endpoint("n2", "own", own), Fixtures.endpoint("n2", "here", own.plus(1)));
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).hasSize(1);
    assertThat(repaired(own.plus(1)).left()).isEmpty();
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
    assertThat(owner(own.plus(1))).isEqualTo(NETWORK + "container-here here");
  }

  @Test
  void aPodOnATunnelsAddressGoesAndANodeOnAPodsHelpsItself() {
    Address tunnels =
        ipam.autoAssign(
                Fixtures.request("n1", TunnelType.IPIP.handleId("n1"), 1)
                    .withAttributes(Map.of("node", "n1", "type", "ipipTunnelAddress")))
            .addresses()
            .getFirst();
    Address pods = allocated("n1", "web");
    store(
        node("n1", tunnels),
        node("n2", pods),
        Fixtures.endpoint("n1", "early", tunnels),
        Fixtures.endpoint("n1", "web", pods));
    assertThat(found()).hasSize(2);

    RepairReport report =
        ipam.repair(
            new RepairRequest(List.of(), Set.of(), Set.of(tunnels, pods)),
            Optional.of(endpoint -> Optional.of("it is held")));

    assertThat(report.displaced())
        .containsExactlyInAnyOrder(
            new Displaced(
                tunnels,
                "endpoint default/n1-k8s-early-eth0",
                "ipipTunnelAddress of node n1",
                Fate.NOT_REMOVED,
                Optional.of("it is held")),
            new Displaced(
                pods,
                "ipipTunnelAddress of node n2",
                "endpoint default/n1-k8s-web-eth0",
                Fate.HELPS_ITSELF,
                Optional.empty()));
  }

  private static Node node(String name, Address tunnel) {
    return new Node(
        Metadata.named(name),
        Node.Spec.EMPTY.withBgp(
            Optional.of(Node.Bgp.EMPTY.withIpv4IPIPTunnelAddr(Optional.of(tunnel)))));
  }

  @Test
  void whatDoesNotSayWhoseItIsIsLeftAlone() {
    Address nameless = ipam.autoAssign(Fixtures.request("n1", "h", 1)).addresses().getFirst();
    Address machines =
        ipam.autoAssign(
                Fixtures.request("n1", "net.default-vm", 1)
                    .withAttributes(
                        Map.of(
                            "namespace", "default",
                            "pod", "launcher-old",
                            "vmi-name", "vm",
                            "node", "n1")))
            .addresses()
            .getFirst();
    store(
        Fixtures.endpoint("n1", "web", nameless),
        Fixtures.endpoint("n1", "launcher-new", machines));
    assertThat(ipam.check().problems()).isEmpty();
  }

  @Test
  void whatIsNotReportedOrHasChangedSinceStaysAsItIs() {
    Address address = allocated("n1", "gone");
    store(Fixtures.endpoint("n1", "here", address));
    AllocationInfo seen = ipam.lookup(address).orElseThrow();
    assertThat(
            ipam.repair(
                    new RepairRequest(List.of(), Set.of(), Set.of(address.plus(1))),
                    Optional.empty())
                .left())
        .hasSize(1);
    assertThat(owner(address)).endsWith(" gone");
    ipam.releaseByHandle(NETWORK + "container-gone");
    AssignAddressRequest request =
        new AssignAddressRequest(
            address,
            "n1",
            IntendedUse.WORKLOAD,
            Optional.of(NETWORK + "again"),
            Map.of("namespace", "default", "pod", "again", "node", "n1"));
    ipam.assignAddress(request);
    assertThat(
            new Handover(Parts.over(datastore, clock, Attempts.RANDOM_PAUSE)).give(seen, request))
        .isFalse();
    assertThat(owner(address)).isEqualTo(NETWORK + "again again");
  }
}
