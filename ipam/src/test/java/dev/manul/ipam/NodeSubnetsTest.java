package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.IPPool;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.NodeSubnet;
import dev.manul.model.Prefix;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One prefix a node, as with flannel and kindnet. */
class NodeSubnetsTest {
  private final ManualClock clock = new ManualClock();
  private final MemoryDatastore datastore = new MemoryDatastore(clock);
  private final Ipam ipam = new Ipam(datastore, clock);

  private void pool(String cidr, int length, NodeSubnet subnet) {
    Fixtures.store(
        datastore,
        new IPPool(
            Metadata.named("pool"),
            IPPool.Spec.of(Prefix.parse(cidr))
                .withBlockSize(length)
                .withNodeSubnet(Optional.of(subnet))));
  }

  private static NodeSubnet between(String min, String max) {
    return new NodeSubnet(
        NodeSubnet.POOL, Optional.of(Address.parse(min)), Optional.of(Address.parse(max)));
  }

  private void node(String name, String... podCidrs) {
    Fixtures.store(
        datastore,
        new Node(
            Metadata.named(name),
            Node.Spec.EMPTY,
            new Node.Status(null, null, List.of(podCidrs), null)));
  }

  private AssignmentResult assign(String node, int count) {
    return ipam.autoAssign(Fixtures.request(node, "h-" + node, count));
  }

  @Test
  void aNodeHasOneSubnetWithinTheBoundsAndNoMore() {
    pool("10.244.0.0/16", 28, between("10.244.1.0", "10.244.1.32")); // three of them
    Set<Prefix> subnets = new HashSet<>();
    for (String node : List.of("a", "b", "c")) {
      AssignmentResult result = assign(node, 20);
      assertThat(result.addresses()).hasSize(16);
      assertThat(result.problems())
          .singleElement()
          .asString()
          .contains("of node " + node + " is full, and pool pool (nodeSubnet) gives it no other");
      assertThat(ipam.ownBlocks(node)).hasSize(1);
      subnets.addAll(ipam.ownBlocks(node));
    }
    assertThat(subnets)
        .containsExactlyInAnyOrder(
            Prefix.parse("10.244.1.0/28"),
            Prefix.parse("10.244.1.16/28"),
            Prefix.parse("10.244.1.32/28"));
    assertThat(assign("d", 1).addresses()).as("nothing is borrowed").isEmpty();
  }

  @Test
  void anEmptySubnetStaysItsNodes() {
    pool("10.244.0.0/28", 28, new NodeSubnet(null, Optional.empty(), Optional.empty()));
    assertThat(assign("a", 1).complete()).isTrue();
    var _ = ipam.releaseByHandle("h-a", "a");
    clock.advance(Duration.ofHours(1));
    assertThat(assign("b", 1).addresses()).as("not taken over").isEmpty();
    assertThat(assign("a", 16).addresses()).hasSize(16);
  }

  @Test
  void whatKubernetesGaveIsTheNodes() {
    pool("10.244.0.0/16", 24, NodeSubnet.ofKubernetes());
    node("a", "10.244.7.0/24", "fd00:1::/64");
    node("b", "10.244.8.0/24");
    node("none");
    node("small", "10.244.9.0/25");
    assertThat(assign("a", 300).addresses())
        .hasSize(256)
        .allMatch(address -> Prefix.parse("10.244.7.0/24").contains(address));
    assertThat(ipam.ownBlocks("a")).containsExactly(Prefix.parse("10.244.7.0/24"));
    assertThat(assign("b", 1).assignments().getFirst().block()).hasToString("10.244.8.0/24");
    for (String node : List.of("none", "small")) {
      assertThat(assign(node, 1).problems())
          .singleElement()
          .asString()
          .contains("node " + node + " has the podCIDRs", "needs one of at least a /24");
    }
  }

  @Test
  void aLargerPrefixOfKubernetesHasManyBlocks() {
    pool("10.244.0.0/16", 26, NodeSubnet.ofKubernetes());
    node("a", "10.244.7.0/24");
    assertThat(assign("a", 300).addresses()).hasSize(256);
    assertThat(ipam.ownBlocks("a")).hasSize(4);
  }

  @Test
  void anAddressOfAnotherSubnetCannotBeAskedFor() {
    pool("10.244.0.0/16", 24, between("10.244.1.0", "10.244.3.0"));
    Prefix own = assign("a", 1).assignments().getFirst().block();
    Prefix others = assign("b", 1).assignments().getFirst().block();
    assertThat(take("a", own.address().plus(9)).complete()).isTrue();
    assertThatThrownBy(() -> take("a", others.address().plus(9)))
        .hasMessageContaining("of node b, and pool pool gives each node its own (nodeSubnet)");
    for (int third = 1; third <= 3; third++) {
      Prefix free = Prefix.parse("10.244." + third + ".0/24");
      if (!free.equals(own) && !free.equals(others)) {
        assertThatThrownBy(() -> take("a", free.address().plus(9)))
            .hasMessageContaining("which is not the subnet of node a in pool pool");
      }
    }
    assertThatThrownBy(() -> take("c", Address.parse("10.244.200.9")))
        .hasMessageContaining("which is not the subnet of node c");
  }

  private AssignmentResult take(String node, Address address) {
    return ipam.assignAddress(
        new AssignAddressRequest(
            address, node, IntendedUse.WORKLOAD, Optional.of("fixed"), Map.of()));
  }

  /** Twenty nodes want sixteen subnets at once: nobody gets another's address. */
  @Test
  void noAddressIsGivenTwice() {
    pool("10.244.0.0/20", 24, new NodeSubnet(null, Optional.empty(), Optional.empty()));
    Map<Address, String> users = new ConcurrentHashMap<>();
    List<String> twice =
        IntStream.range(0, 20)
            .parallel()
            .mapToObj(
                i ->
                    new Ipam(datastore, clock)
                        .autoAssign(Fixtures.request("n" + i, "h" + i, 40)).addresses().stream()
                            .filter(address -> users.putIfAbsent(address, "n" + i) != null)
                            .map(Address::toString)
                            .toList())
            .flatMap(List::stream)
            .toList();
    assertThat(twice).isEmpty();
    assertThat(users).hasSize(16 * 40);
    for (int i = 0; i < 20; i++) {
      assertThat(ipam.ownBlocks("n" + i)).hasSizeLessThanOrEqualTo(1);
    }
  }
}
