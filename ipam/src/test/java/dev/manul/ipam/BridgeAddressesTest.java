package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.Selection;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Prefix;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the bridge of a node's pods has of the node's blocks. */
class BridgeAddressesTest {
  private final ManualClock clock = new ManualClock();
  private final MemoryDatastore datastore = new MemoryDatastore(clock);
  private final Ipam ipam = new Ipam(datastore, clock);

  private Address pod() {
    return ipam.autoAssign(Fixtures.request("a", "pod", 1)).addresses().getFirst();
  }

  @Test
  void itIsTheFirstOfTheBlockAndStays() {
    Fixtures.store(datastore, Fixtures.pool("pool", "10.244.0.0/16", 26));
    Address first = pod();
    Prefix block = Prefix.of(first, 26);
    assertThat(first).as("a pod may have come before").isEqualTo(block.address());

    assertThat(ipam.ensureBridgeAddress(first, "a")).hasToString(block.address().plus(1) + "/26");
    assertThat(pod()).isEqualTo(block.address().plus(2));
    var _ = ipam.releaseByHandle("pod", "a");
    assertThat(new Ipam(datastore, clock).ensureBridgeAddress(first, "a"))
        .hasToString(block.address().plus(1) + "/26");
    assertThat(ipam.lookup(block.address()))
        .as("the first is the bridge's by now")
        .hasValueSatisfying(
            info -> assertThat(info.attributes()).containsEntry("type", "bridgeAddress"));
    assertThat(ipam.lookup(block.lastAddress())).isPresent();
    assertThat(ipam.check().problems())
        .noneMatch(problem -> problem.message().contains("bridge-addr"));
  }

  @Test
  void itGoesWithItsNode() {
    Fixtures.store(datastore, Fixtures.pool("pool", "10.244.0.0/16", 26));
    var _ = ipam.ensureBridgeAddress(pod(), "a");
    var _ = ipam.releaseByHandle("pod", "a");
    ipam.removeHost("a", false);
    assertThat(datastore.list(IPAMBlock.KIND, Selection.ALL).items()).isEmpty();
  }

  @Test
  void anotherNodesBlockOrATinyOneHasNone() {
    Fixtures.store(
        datastore,
        Fixtures.pool("pool", "10.244.0.0/16", 26),
        Fixtures.pool("tiny", "10.245.0.0/16", 31));
    Address theirs = pod();
    assertThatThrownBy(() -> ipam.ensureBridgeAddress(theirs, "b"))
        .hasMessageContaining("is not of node b");
    assertThatThrownBy(() -> ipam.ensureBridgeAddress(Address.parse("10.245.0.1"), "a"))
        .hasMessageContaining("has no room for a bridge");
    assertThatThrownBy(() -> ipam.ensureBridgeAddress(Address.parse("10.9.0.1"), "a"))
        .hasMessageContaining("is in no configured pool");
  }

  @Test
  void theEndsOfASubnetAreNoPods() {
    Prefix four = Prefix.parse("10.244.0.0/26");
    Prefix six = Prefix.parse("fd00::/122");
    assertThat(Set.of(four.address(), four.lastAddress()))
        .allMatch(address -> Ipam.isEndOf(four, address));
    assertThat(Ipam.isEndOf(four, four.address().plus(1))).isFalse();
    assertThat(Map.of(six.address(), true, six.lastAddress(), false))
        .allSatisfy((address, end) -> assertThat(Ipam.isEndOf(six, address)).isEqualTo(end));
  }
}
