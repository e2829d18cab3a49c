package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.TunnelType;
import dev.manul.model.Address;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.routes.Underlay;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node's ends of tunnels as their devices come and go. */
class OwnTunnelsTest {

  private static final int INDEX = 7;

  private static final Duration LINGER = Duration.ofSeconds(60);

  private final Datastore datastore = new MemoryDatastore();
  private final Ipam ipam = new Ipam(datastore, Clock.systemUTC());
  private final AtomicInteger claimed = new AtomicInteger();
  private Underlay underlay = Underlay.EMPTY;
  private long nanos;
  private OwnTunnels tunnels;

  @BeforeEach
  void registerTheNode() {
    NodeRegistration registration =
        new NodeRegistration(
            AgentCommandTest.configuration(Map.of("NODENAME", "worker", "IP", "10.1.5.10/24")),
            datastore,
            List::of);
    Node _ = registration.register(List.of(), _ -> Optional.empty());
    tunnels =
        new OwnTunnels(
            registration,
            ipam,
            "worker",
            () -> underlay,
            claimed::incrementAndGet,
            LINGER,
            () -> nanos);
  }

  @AfterEach
  void close() {
    datastore.close();
  }

  private static String device(TunnelType type) {
    return switch (type) {
      case IPIP -> "tunl0";
      case VXLAN -> "vxlan.calico";
      default -> "vxlan-v6.calico";
    };
  }

  private void deviceIsThere(TunnelType type, Address... addresses) {
    String kind = type == TunnelType.IPIP ? "ipip" : "vxlan";
    Link link =
        new Link(
            INDEX,
            device(type),
            kind,
            1450,
            true,
            true,
            false,
            Optional.empty(),
            0,
            0,
            Optional.empty());
    underlay =
        Underlay.of(
            List.of(link),
            List.of(addresses).stream()
                .map(a -> LinkAddress.of(INDEX, new InterfaceAddress(a, a.family().bits())))
                .toList(),
            List.of());
  }

  /** The pool of a tunnel's family, in which it is used or not. */
  private List<IPPool> pools(TunnelType type, EncapsulationMode mode) {
    String cidr = type == TunnelType.VXLAN_V6 ? "fd00:10::/112" : "10.244.0.0/16";
    EncapsulationMode never = EncapsulationMode.NEVER;
    IPPool pool =
        new IPPool(
            Metadata.named("pool"),
            IPPool.Spec.of(Prefix.parse(cidr))
                .withModes(
                    type == TunnelType.IPIP ? mode : never,
                    type == TunnelType.IPIP ? never : mode));
    Optional<IPPool> stored = datastore.get(IPPool.KIND, Key.of("pool"));
    WriteResult<IPPool> _ =
        stored.isPresent()
            ? datastore.update(stored.get().withSpec(pool.spec()))
            : datastore.create(pool);
    return List.of(pool);
  }

  /** The address of IP-in-IP, claimed and put onto its device. */
  private Address onItsDevice(List<IPPool> used) {
    deviceIsThere(TunnelType.IPIP);
    assertThat(tunnels.keep(used)).isTrue();
    Address address = tunnels.claims().get(TunnelType.IPIP);
    deviceIsThere(TunnelType.IPIP, address);
    return address;
  }

  private Optional<Address> published(TunnelType type) {
    return type.recorded(self());
  }

  private Node self() {
    return datastore.get(Node.KIND, Key.of("worker")).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(names = {"IPIP", "VXLAN", "VXLAN_V6"})
  void anAddressIsPublishedLastAndWithdrawnFirst(TunnelType type) {
    List<IPPool> used = pools(type, EncapsulationMode.ALWAYS);
    assertThat(tunnels.keep(used)).isTrue();
    assertThat(tunnels.claims()).as("no device yet").isEmpty();

    deviceIsThere(type);
    assertThat(tunnels.keep(used)).isTrue();
    assertThat(tunnels.claims()).as("a device without an address").containsOnlyKeys(type);
    assertThat(claimed).hasValue(1);
    assertThat(published(type)).isEmpty();

    Address address = tunnels.claims().get(type);
    deviceIsThere(type, address);
    assertThat(tunnels.keep(used)).isTrue();
    assertThat(published(type)).contains(address);

    List<IPPool> unused = pools(type, EncapsulationMode.NEVER);
    assertThat(tunnels.keep(unused)).isTrue();
    assertThat(published(type)).as("a pool may use it again soon").contains(address);
    assertThat(OwnTunnels.announced(self())).containsExactly(device(type));
    assertThat(tunnels.untilNext()).hasValue(LINGER.toNanos());

    nanos += LINGER.toNanos();
    assertThat(tunnels.keep(unused)).isTrue();
    assertThat(published(type)).as("the device still has it").isEmpty();
    assertThat(OwnTunnels.announced(self())).isEmpty();
    assertThat(ipam.lookup(address)).isPresent();
    assertThat(tunnels.claims()).containsEntry(type, address);
    assertThat(tunnels.untilNext()).isEmpty();

    deviceIsThere(type);
    assertThat(tunnels.keep(unused)).isTrue();
    assertThat(published(type)).isEmpty();
    assertThat(tunnels.claims()).isEmpty();
    assertThat(ipam.lookup(address)).isEmpty();
  }

  @Test
  void aTunnelThatIsUsedAgainInTimeIsPublishedAsBefore() {
    List<IPPool> used = pools(TunnelType.IPIP, EncapsulationMode.ALWAYS);
    Address address = onItsDevice(used);
    assertThat(tunnels.keep(pools(TunnelType.IPIP, EncapsulationMode.NEVER))).isTrue();
    nanos += LINGER.toNanos();
    assertThat(tunnels.keep(pools(TunnelType.IPIP, EncapsulationMode.NEVER))).isTrue();
    assertThat(published(TunnelType.IPIP)).isEmpty();

    assertThat(tunnels.keep(pools(TunnelType.IPIP, EncapsulationMode.ALWAYS))).isTrue();

    assertThat(published(TunnelType.IPIP)).contains(address);
    assertThat(tunnels.keep(pools(TunnelType.IPIP, EncapsulationMode.NEVER))).isTrue();
    assertThat(tunnels.untilNext()).as("the time begins anew").hasValue(LINGER.toNanos());
  }

  @Test
  void nothingIsReleasedBecauseIpamHasNotHeardOfAPoolYet() {
    List<IPPool> used = pools(TunnelType.IPIP, EncapsulationMode.ALWAYS);
    deviceIsThere(TunnelType.IPIP);
    assertThat(tunnels.keep(used)).isTrue();
    Address address = tunnels.claims().get(TunnelType.IPIP);
    List<IPPool> _ = pools(TunnelType.IPIP, EncapsulationMode.NEVER);

    assertThat(tunnels.keep(used)).isFalse();

    assertThat(ipam.lookup(address)).isPresent();
    assertThat(tunnels.claims()).containsEntry(TunnelType.IPIP, address);
  }

  @Test
  void anAddressIsNotPublishedForADeviceThatIsGone() {
    List<IPPool> used = pools(TunnelType.IPIP, EncapsulationMode.ALWAYS);
    Address address = onItsDevice(used);
    assertThat(tunnels.keep(used)).isTrue();

    underlay = Underlay.EMPTY;
    assertThat(tunnels.keep(used)).isTrue();

    assertThat(published(TunnelType.IPIP)).isEmpty();
    assertThat(ipam.lookup(address)).as("it stays this node's").isPresent();

    deviceIsThere(TunnelType.IPIP, address);
    assertThat(tunnels.keep(used)).isTrue();
    assertThat(published(TunnelType.IPIP)).contains(address);
  }
}
