package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.Selection;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class TunnelAddressesTest {
  private final MemoryDatastore datastore = new MemoryDatastore();
  private final Ipam ipam = new Ipam(datastore, new ManualClock());

  private void pool(String name, String cidr, EncapsulationMode ipip, EncapsulationMode vxlan) {
    IPPool pool = Fixtures.pool(name, cidr, cidr.contains(":") ? 122 : 26);
    datastore.create(pool.withSpec(pool.spec().withModes(ipip, vxlan)));
  }

  private void change(String name, UnaryOperator<IPPool.Spec> change) {
    IPPool pool = datastore.get(IPPool.KIND, Key.of(name)).orElseThrow();
    datastore.update(pool.withSpec(change.apply(pool.spec())));
  }

  @Test
  void isKeptWhileItIsRight() {
    pool("ipip", "10.244.0.0/16", EncapsulationMode.ALWAYS, EncapsulationMode.NEVER);
    Optional<Address> address = ipam.ensureTunnelAddress("n1", TunnelType.IPIP);
    assertThat(address).isPresent();
    AllocationInfo info = ipam.lookup(address.get()).orElseThrow();
    assertThat(info.handleId()).contains("ipip-tunnel-addr-n1");
    assertThat(info.attributes()).containsEntry("type", "ipipTunnelAddress");
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.IPIP)).isEqualTo(address);
    assertThat(new Ipam(datastore, new ManualClock()).ensureTunnelAddress("n1", TunnelType.IPIP))
        .isEqualTo(address);
    change("ipip", s -> s.withModes(EncapsulationMode.CROSS_SUBNET, EncapsulationMode.NEVER));
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.IPIP)).isEqualTo(address);
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.VXLAN)).isEmpty();
  }

  @Test
  void isReleasedWhenNoPoolWantsIt() {
    pool("ipip", "10.244.0.0/16", EncapsulationMode.ALWAYS, EncapsulationMode.NEVER);
    Address address = ipam.ensureTunnelAddress("n1", TunnelType.IPIP).orElseThrow();
    change("ipip", s -> s.withModes(EncapsulationMode.NEVER, EncapsulationMode.NEVER));
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.IPIP)).isEmpty();
    assertThat(ipam.lookup(address)).isEmpty();
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
  }

  @Test
  void followsThePools() {
    datastore.create(Fixtures.node("n1", Map.of("rack", "a")));
    pool("first", "10.244.0.0/16", EncapsulationMode.ALWAYS, EncapsulationMode.NEVER);
    pool("second", "10.245.0.0/16", EncapsulationMode.ALWAYS, EncapsulationMode.NEVER);
    Address before = ipam.ensureTunnelAddress("n1", TunnelType.IPIP).orElseThrow();
    assertThat(Prefix.parse("10.244.0.0/16").contains(before)).isTrue();
    change("first", s -> s.withNodeSelector("rack == 'b'"));
    Address after = ipam.ensureTunnelAddress("n1", TunnelType.IPIP).orElseThrow();
    assertThat(Prefix.parse("10.245.0.0/16").contains(after)).isTrue();
    assertThat(ipam.lookup(before)).isEmpty();
    change("second", s -> s.withAllowedUses(List.of(IPPool.USE_WORKLOAD)));
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.IPIP)).isEmpty();
  }

  @Test
  void anAddressThatIsSomebodyElsesIsNotKept() {
    pool("ipip", "10.244.0.0/16", EncapsulationMode.ALWAYS, EncapsulationMode.NEVER);
    Address pods = ipam.autoAssign(Fixtures.request("n2", "pod", 1)).addresses().getFirst();
    datastore.create(
        Fixtures.node("n1", Map.of())
            .withSpec(Node.Spec.of(Node.Bgp.EMPTY.withIpv4IPIPTunnelAddr(Optional.of(pods)))));
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.IPIP).orElseThrow()).isNotEqualTo(pods);
    assertThat(ipam.lookup(pods).orElseThrow().handleId()).contains("pod");
  }

  @Test
  void theRecordedOneOfSeveralIsKept() {
    pool("ipip", "10.244.0.0/16", EncapsulationMode.ALWAYS, EncapsulationMode.NEVER);
    List<Address> two =
        ipam.autoAssign(Fixtures.request("n1", TunnelType.IPIP.handleId("n1"), 2)).addresses();
    datastore.create(
        Fixtures.node("n1", Map.of())
            .withSpec(
                Node.Spec.of(Node.Bgp.EMPTY.withIpv4IPIPTunnelAddr(Optional.of(two.get(1))))));
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.IPIP)).contains(two.get(1));
    assertThat(ipam.lookup(two.get(0))).isEmpty();
    assertThat(ipam.check().problems()).isEmpty();
  }

  @Test
  void eachTypeHasItsOwn() {
    pool("vxlan", "10.244.0.0/16", EncapsulationMode.NEVER, EncapsulationMode.ALWAYS);
    pool("six", "fd00::/64", EncapsulationMode.NEVER, EncapsulationMode.ALWAYS);
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.VXLAN).orElseThrow())
        .isNotEqualTo(ipam.ensureTunnelAddress("n1", TunnelType.WIREGUARD).orElseThrow());
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.VXLAN_V6).orElseThrow().text())
        .startsWith("fd00:");
    assertThat(ipam.ensureTunnelAddress("n1", TunnelType.IPIP)).isEmpty();
  }

  @Test
  void aFullPoolIsAnError() {
    pool("ipip", "10.244.0.0/26", EncapsulationMode.ALWAYS, EncapsulationMode.NEVER);
    ipam.autoAssign(Fixtures.request("n1", "pods", 64));
    assertThatThrownBy(() -> ipam.ensureTunnelAddress("n1", TunnelType.IPIP))
        .hasMessage(
            "no ipipTunnelAddress for node n1: assigned 0 out of 1 requested IPv4 addresses; "
                + "no addresses available in pools: [ipip]");
  }
}
