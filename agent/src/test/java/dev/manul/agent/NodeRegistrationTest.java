package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.ClusterInformation;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeRegistrationTest {

  private final Datastore datastore = new MemoryDatastore();

  @AfterEach
  void close() {
    datastore.close();
  }

  @Test
  void makesTheNodeAndTheDefaultPool() {
    NodeRegistration registration =
        registration("CALICO_IPV4POOL_IPIP", "Always", "CALICO_IPV4POOL_CIDR", "10.244.0.0/16");

    Node node = register(registration, "10.1.5.10/24");
    registration.createDefaults(node);

    assertThat(node.spec().bgp().orElseThrow().ipv4Address())
        .contains(InterfaceAddress.parse("10.1.5.10/24"));
    IPPool pool = datastore.get(IPPool.KIND, Key.of("default-ipv4-ippool")).orElseThrow();
    assertThat(pool.spec().cidr()).isEqualTo(Prefix.parse("10.244.0.0/16"));
    assertThat(pool.spec().ipipMode()).isEqualTo(EncapsulationMode.ALWAYS);
    assertThat(pool.spec().natOutgoing()).isTrue();
  }

  @Test
  void makesADefaultPoolInUdp() {
    NodeRegistration registration =
        registration("CALICO_IPV4POOL_UDP", "CrossSubnet", "CALICO_IPV4POOL_CIDR", "10.244.0.0/16");

    registration.createDefaults(register(registration, "10.1.5.10/24"));

    IPPool pool = datastore.get(IPPool.KIND, Key.of("default-ipv4-ippool")).orElseThrow();
    assertThat(pool.spec().udpMode()).contains(EncapsulationMode.CROSS_SUBNET);
    assertThat(pool.spec().ipipMode()).isEqualTo(EncapsulationMode.NEVER);
  }

  @Test
  void describesTheClusterOnceAndItsVersionEachTime() {
    NodeRegistration registration = registration();
    registration.describeCluster("0.1.0");
    ClusterInformation first = information();
    assertThat(first.spec().clusterGUID()).matches("[0-9a-f]{32}");
    assertThat(first.spec().clusterType()).isEqualTo("bgp,file");
    assertThat(first.spec().calicoVersion()).isEqualTo("v0.1.0");
    assertThat(first.spec().datastoreReady()).isTrue();

    datastore.update(first.withSpec(first.spec().withDatastoreReady(false)));
    registration.describeCluster("0.2.0");
    assertThat(information().spec())
        .as("an agent does not unlock")
        .isEqualTo(first.spec().withDatastoreReady(false).withCalicoVersion("v0.2.0"));
  }

  @Test
  void leavesWhatCalicoSaysOfItselfAsItIs() {
    datastore.create(
        new ClusterInformation(
            Metadata.named("default"),
            new ClusterInformation.Spec("guid", "k8s,bgp", "v3.29.1", true, "Calico")));
    registration().describeCluster("0.1.0");
    assertThat(information().spec().calicoVersion()).isEqualTo("v3.29.1");
  }

  private ClusterInformation information() {
    return datastore.get(ClusterInformation.KIND, ClusterInformation.DEFAULT_KEY).orElseThrow();
  }

  @Test
  void leavesAnExistingPoolAsItIs() {
    IPPool pool = new IPPool(Metadata.named("mine"), IPPool.Spec.of(Prefix.parse("10.10.0.0/16")));
    datastore.create(pool);
    NodeRegistration registration = registration("CALICO_IPV4POOL_CIDR", "10.244.0.0/16");

    registration.createDefaults(register(registration, "10.1.5.10/24"));

    assertThat(datastore.list(IPPool.KIND, Selection.ALL).items())
        .extracting(stored -> stored.metadata().name())
        .containsExactly("mine");
  }

  @Test
  void choosesAPoolThatLeavesTheNodesSubnetAlone() {
    NodeRegistration registration = registration();

    registration.createDefaults(register(registration, "192.168.5.10/24"));

    assertThat(
            datastore.get(IPPool.KIND, Key.of("default-ipv4-ippool")).orElseThrow().spec().cidr())
        .isEqualTo(Prefix.parse("172.16.0.0/16"));
  }

  @Test
  void anotherNodesAddressIsRefusedInOneLine() {
    register(registration(), "10.1.5.10/24");
    NodeRegistration second = registration("NODENAME", "second");

    assertThatThrownBy(() -> register(second, "10.1.5.10/24"))
        .isInstanceOf(AgentException.class)
        .hasMessageContaining("10.1.5.10 is already that of node worker")
        .hasMessageNotContaining("\n");
    assertThat(datastore.get(Node.KIND, Key.of("second"))).isEmpty();
  }

  @Test
  void theCheckCanBeTurnedOff() {
    register(registration(), "10.1.5.10/24");

    register(registration("NODENAME", "second", "DISABLE_NODE_IP_CHECK", "true"), "10.1.5.10/24");

    assertThat(datastore.get(Node.KIND, Key.of("second"))).isPresent();
  }

  @Test
  void nothingDetectedAndNothingKnownIsAnError() {
    assertThatThrownBy(() -> registration().register(List.of(), host -> Optional.empty()))
        .isInstanceOf(AgentException.class)
        .hasMessageStartingWith("Couldn't autodetect an address");
  }

  @Test
  void whatIsKnownIsKeptWhenDetectionFails() {
    register(registration(), "10.1.5.10/24");

    Node node = registration("IP", "autodetect").register(List.of(), host -> Optional.empty());

    assertThat(node.spec().bgp().orElseThrow().ipv4Address())
        .contains(InterfaceAddress.parse("10.1.5.10/24"));
  }

  @Test
  void withIpUnsetAnExistingAddressIsNotLookedForAgain() {
    register(registration(), "10.1.5.10/24");

    Node node = register(registration(), "10.1.5.99/24");

    assertThat(node.spec().bgp().orElseThrow().ipv4Address())
        .contains(InterfaceAddress.parse("10.1.5.10/24"));
  }

  @Test
  void aGivenAddressTakesItsSubnetFromTheInterface() {
    Node node = register(registration("IP", "10.1.5.10"), "10.1.5.10/24");

    assertThat(node.spec().bgp().orElseThrow().ipv4Address())
        .contains(InterfaceAddress.parse("10.1.5.10/24"));
  }

  @Test
  void theInternalAddressOfTheNodesRecordIsTaken() {
    datastore.create(
        new Node(
            Metadata.named("worker"),
            Node.Spec.EMPTY.withAddresses(
                List.of(new Node.NodeAddress("10.1.5.10", "InternalIP")))));

    Node node =
        register(
            registration("IP", "autodetect", "IP_AUTODETECTION_METHOD", "kubernetes-internal-ip"),
            "10.1.5.10/24");

    assertThat(node.spec().bgp().orElseThrow().ipv4Address())
        .contains(InterfaceAddress.parse("10.1.5.10/24"));
  }

  @Test
  void registeringAgainWritesNothing() {
    String version = register(registration(), "10.1.5.10/24").metadata().resourceVersion();

    assertThat(register(registration(), "10.1.5.10/24").metadata().resourceVersion())
        .isEqualTo(version);
  }

  private static Node register(NodeRegistration registration, String address) {
    return registration.register(
        List.of(new HostInterface(2, "eth0", "", true, List.of(InterfaceAddress.parse(address)))),
        host -> Optional.empty());
  }

  private NodeRegistration registration(String... variables) {
    Map<String, String> environment = new HashMap<>(Map.of("NODENAME", "worker"));
    List<String> given = Arrays.asList(variables);
    for (int i = 0; i < given.size(); i += 2) {
      environment.put(given.get(i), given.get(i + 1));
    }
    return new NodeRegistration(AgentCommandTest.configuration(environment), datastore, List::of);
  }
}
