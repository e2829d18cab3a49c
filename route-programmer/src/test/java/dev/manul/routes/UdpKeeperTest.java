package dev.manul.routes;

import static dev.manul.model.AddressFamily.IPV4;
import static dev.manul.model.AddressFamily.IPV6;
import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.model.EncapsulationMode.CROSS_SUBNET;
import static dev.manul.model.EncapsulationMode.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EncapsulationMode;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkUpdate;
import dev.manul.routes.RouteIssue.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The programmer with pools in UDP, against a kernel in memory. */
class UdpKeeperTest {

  private static final String NEAR = "10.1.5.10";
  private static final String FAR = "10.1.8.10";
  private static final String NEAR_END = NEAR + " 10.244.5.2";
  private static final String FAR_END = FAR + " 10.244.8.2";
  private static final String DEVICE = "manul-udp";

  private final KeeperBench bench = new KeeperBench();

  private static Sketch.View in(EncapsulationMode mode, String... ready) {
    return Sketch.view()
        .pools(Sketch.udpPool("10.244.0.0/16", mode))
        .own("10.244.1.0/26")
        .udp(IPV4, "10.244.1.2", ready);
  }

  private static NodeView inVxlan() {
    return Sketch.view()
        .pools(Sketch.pool("10.244.0.0/16", NEVER, ALWAYS))
        .own("10.244.1.0/26")
        .vxlan(IPV4, "10.244.1.1", NEAR + " 10.244.5.1", FAR + " 10.244.8.1")
        .udp(IPV4, "10.244.1.2")
        .get();
  }

  /** The pool in UDP, with what the nodes' VXLAN devices still are. */
  private static NodeView afterVxlan(String... ready) {
    return in(ALWAYS, ready)
        .vxlan(IPV4, "10.244.1.1", NEAR + " 10.244.5.1", FAR + " 10.244.8.1")
        .get();
  }

  private void start(NodeView view) {
    bench.keeper.view(view);
    bench.keeper.inSync();
    bench.learn(Sketch.change("10.244.5.0/26", NEAR), Sketch.change("10.244.8.0/26", FAR));
    settle();
  }

  private void show(NodeView view) {
    bench.kernel.writes.clear();
    bench.keeper.view(view);
    settle();
  }

  /** Twice, as a device's carrier is news of the kernel. */
  private void settle() {
    bench.settle();
    bench.settle();
  }

  private FakeKernel.FakeRelay relay() {
    return bench.kernel.relays.get(DEVICE);
  }

  private Optional<String> end(String destination) {
    return relay().directory.end(Sketch.address(destination)).map(Object::toString);
  }

  private Optional<Link> device() {
    return bench.kernel.links.values().stream()
        .filter(link -> link.name().equals(DEVICE))
        .findFirst();
  }

  @Test
  void theRelayGoesByTheRoutes() {
    start(in(ALWAYS, NEAR_END, FAR_END).get());

    assertThat(bench.ours())
        .containsExactly(
            "blackhole 10.244.1.0/26 proto 77",
            "10.244.5.0/26 via 10.244.5.2 dev manul-udp proto 77 onlink",
            "10.244.5.2 dev manul-udp proto 77 scope link",
            "10.244.8.0/26 via 10.244.8.2 dev manul-udp proto 77 onlink",
            "10.244.8.2 dev manul-udp proto 77 scope link");
    assertThat(device().orElseThrow().mtu()).isEqualTo(1472);
    assertThat(bench.kernel.addresses)
        .contains(Sketch.on(device().orElseThrow().index(), "10.244.1.2/32"));
    assertThat(relay().local).isEqualTo(Sketch.address("10.1.5.11"));
    assertThat(relay().port).isEqualTo(8285);
    assertThat(end("10.244.5.7")).contains(NEAR);
    assertThat(end("10.244.8.63")).contains(FAR);
    assertThat(end("10.244.8.64")).isEmpty();
    assertThat(relay().directory.isPeer(Sketch.address(NEAR))).isTrue();
    assertThat(relay().directory.isPeer(Sketch.address("10.1.5.99"))).isFalse();
    assertThat(bench.status().settled()).isTrue();
    assertThat(bench.status().issues()).isEmpty();
  }

  @Test
  void acrossSubnetsAlone() {
    start(in(CROSS_SUBNET, NEAR_END, FAR_END).get());

    assertThat(bench.ours())
        .containsExactly(
            "blackhole 10.244.1.0/26 proto 77",
            "10.244.5.0/26 via 10.1.5.10 dev eth0 proto 77",
            "10.244.5.2 dev manul-udp proto 77 scope link",
            "10.244.8.0/26 via 10.244.8.2 dev manul-udp proto 77 onlink",
            "10.244.8.2 dev manul-udp proto 77 scope link");
    assertThat(end("10.244.5.7")).isEmpty();
    assertThat(end("10.244.5.2")).as("the node's own address").contains(NEAR);
    assertThat(end("10.244.8.7")).contains(FAR);
  }

  @Test
  void theRelayKnowsTheWayBeforeTheKernelSendsThere() {
    start(in(ALWAYS, NEAR_END).get());
    bench.kernel.beforeBatch = () -> assertThat(end("10.244.8.7")).contains(FAR);

    show(in(ALWAYS, NEAR_END, FAR_END).get());

    assertThat(bench.ours()).contains("10.244.8.0/26 via 10.244.8.2 dev manul-udp proto 77 onlink");
  }

  @Test
  void whatIsOnItsWayArrivesAfterTheRouteHasGone() {
    start(in(ALWAYS, NEAR_END, FAR_END).get());

    bench.learn(Sketch.change("10.244.8.0/26"));
    settle();

    assertThat(bench.ours()).noneMatch(route -> route.startsWith("10.244.8.0/26"));
    assertThat(end("10.244.8.7")).contains(FAR);
    bench.learn(Sketch.change("10.244.5.0/26"));
    settle();
    assertThat(end("10.244.8.7")).as("other routes have changed meanwhile").contains(FAR);
    assertThat(end("10.244.5.7")).contains(NEAR);
    bench.pass(UdpKeeper.IN_FLIGHT);
    bench.learn(Sketch.change("10.244.5.0/26", NEAR));
    settle();
    assertThat(end("10.244.8.7")).isEmpty();
  }

  /** With each end that is ready one route changes; until then it is as it was. */
  @Test
  void aSwitchFromVxlanWaitsForEachNode() {
    start(inVxlan());

    show(afterVxlan());
    assertThat(bench.ours())
        .contains(
            "10.244.5.0/26 via 10.244.5.1 dev vxlan.calico proto 77 onlink",
            "10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink");
    assertThat(bench.kernel.neighbours).hasSize(2);
    assertThat(bench.kernel.forwarding).hasSize(2);
    assertThat(bench.status().issues())
        .extracting(RouteIssue::reason)
        .contains(Reason.TUNNEL_END_NOT_READY);

    show(afterVxlan(NEAR_END));
    assertThat(bench.ours())
        .contains(
            "10.244.5.0/26 via 10.244.5.2 dev manul-udp proto 77 onlink",
            "10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink");
    bench.pass(KeeperBench.OPTIONS.linger());
    settle();
    assertThat(bench.ours())
        .as("a route that waits keeps its device")
        .contains("10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink");

    show(afterVxlan(NEAR_END, FAR_END));
    assertThat(bench.ours())
        .contains("10.244.8.0/26 via 10.244.8.2 dev manul-udp proto 77 onlink")
        .noneMatch(route -> route.contains("vxlan"));
    assertThat(bench.kernel.neighbours).isEmpty();
  }

  @Test
  void aSwitchToVxlanKeepsTheDeviceForThoseWhoHearLate() {
    start(in(ALWAYS, NEAR_END, FAR_END).get());

    show(inVxlan());
    assertThat(bench.ours())
        .contains("10.244.5.0/26 via 10.244.5.1 dev vxlan.calico proto 77 onlink");
    assertThat(relay()).isNotNull();

    bench.pass(KeeperBench.OPTIONS.linger());
    settle();
    assertThat(relay()).isNull();
    assertThat(device()).isEmpty();
    assertThat(bench.kernel.wrongs).isEmpty();
  }

  @Test
  void aKernelWithoutTunKeepsItsRoutesAndSaysSo() {
    bench.kernel.known.remove("tun");
    start(inVxlan());

    show(afterVxlan(NEAR_END, FAR_END));

    assertThat(bench.ours())
        .contains("10.244.5.0/26 via 10.244.5.1 dev vxlan.calico proto 77 onlink");
    assertThat(bench.status().settled()).isFalse();
    assertThat(bench.status().issues())
        .anySatisfy(
            issue -> {
              assertThat(issue.reason()).isEqualTo(Reason.TUNNEL_DEVICE_MISSING);
              assertThat(issue.message()).contains(DEVICE, "/dev/net/tun", "udpMode");
            });
    bench.kernel.known.add("tun");
    bench.pass(Duration.ofSeconds(31));
    settle();
    assertThat(bench.ours()).contains("10.244.5.0/26 via 10.244.5.2 dev manul-udp proto 77 onlink");
  }

  @Test
  void anotherPortTakesAnotherRelay() {
    start(in(ALWAYS, NEAR_END, FAR_END).get());
    FakeKernel.FakeRelay before = relay();
    NodeView view = in(ALWAYS, NEAR_END, FAR_END).get();
    UdpTunnel old = view.udp().get(IPV4);
    Sketch.View other = in(ALWAYS, NEAR_END, FAR_END);
    other.udp.put(IPV4, new UdpTunnel(9999, old.mtu(), old.address(), old.remotes()));

    show(other.get());

    assertThat(relay()).isNotSameAs(before);
    assertThat(relay().port).isEqualTo(9999);
    assertThat(end("10.244.8.7")).as("at once").contains(FAR);
  }

  @Test
  void aDeviceThatOthersRemoveComesBackWithItsRoutes() {
    start(in(ALWAYS, NEAR_END, FAR_END).get());
    List<String> routes = bench.ours();

    bench.kernel.byHand(new Change.DeleteLink(device().orElseThrow().index()));
    bench.settleFully();

    assertThat(bench.ours()).isEqualTo(routes);
    assertThat(relay()).isNotNull();
  }

  @Test
  void theMtuFollowsTheLink() {
    start(in(ALWAYS, NEAR_END, FAR_END).get());

    bench.kernel.byHand(new Change.SetLink(Sketch.ETH0, LinkUpdate.NOTHING.withMtu(1400)));
    settle();
    assertThat(device().orElseThrow().mtu()).isEqualTo(1372);
    bench.kernel.byHand(new Change.SetLink(Sketch.ETH0, LinkUpdate.NOTHING.withMtu(65_000)));
    settle();
    assertThat(device().orElseThrow().mtu()).as("the most that is carried").isEqualTo(16_384);
  }

  @Test
  void anEndedProgrammerLeavesTheDevice() {
    start(in(ALWAYS, NEAR_END, FAR_END).get());
    List<String> routes = bench.ours();

    bench.keeper.close();

    assertThat(relay()).isNull();
    assertThat(device()).isPresent();
    assertThat(bench.ours()).isEqualTo(routes);
  }

  @Test
  void ipv6HasADeviceOfItsOwn() {
    bench.keeper.view(
        Sketch.view()
            .pools(Sketch.udpPool("fd00:10::/48", ALWAYS))
            .udp(IPV6, "fd00:10:0:1::1", "2001:db8:5::10 fd00:10:0:5::1")
            .get());
    bench.keeper.inSync();
    bench.learn(Sketch.change("fd00:10:0:5::/122", "2001:db8:5::10"));
    settle();

    assertThat(bench.ours())
        .containsExactly(
            "fd00:10:0:5::/122 via fd00:10:0:5::1 dev manul-udp-v6 proto 77 metric 1024 onlink",
            "fd00:10:0:5::1 dev manul-udp-v6 proto 77 metric 1024");
    FakeKernel.FakeRelay relay = bench.kernel.relays.get("manul-udp-v6");
    assertThat(relay.local).isEqualTo(Sketch.address("2001:db8:5::11"));
    assertThat(relay.directory.end(Sketch.address("fd00:10:0:5::7")))
        .contains(Sketch.address("2001:db8:5::10"));
  }
}
