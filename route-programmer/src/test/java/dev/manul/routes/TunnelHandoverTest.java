package dev.manul.routes;

import static dev.manul.model.AddressFamily.IPV4;
import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.model.EncapsulationMode.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EncapsulationMode;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.routes.RouteIssue.Reason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What happens while nodes change from one way of carrying packets to another, each at its own
 * time: nothing is sent to who does not take it yet, and what others may still send is taken.
 */
class TunnelHandoverTest {

  private static final String NEAR = "10.1.5.10";
  private static final String FAR = "10.1.8.10";
  private static final LinkAddress TUNNEL_ADDRESS = Sketch.on(Sketch.TUNL0, "10.244.9.0/32");
  private static final String FAR_DIRECT = "10.244.8.0/26 via 10.1.5.1 dev eth0 proto 77";
  private static final String FAR_IPIP = "10.244.8.0/26 via 10.1.8.10 dev tunl0 proto 77 onlink";
  private static final String FAR_VXLAN =
      "10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink";

  private final KeeperBench bench = new KeeperBench();

  private static Sketch.View in(EncapsulationMode ipip, EncapsulationMode vxlan) {
    Sketch.View view =
        Sketch.view()
            .pools(Sketch.pool("10.244.0.0/16", ipip, vxlan))
            .tunnelAddress("10.244.9.0")
            .vxlan(IPV4, "10.244.1.1", NEAR + " 10.244.5.1", FAR + " 10.244.8.1");
    view.nodes.addAll(List.of(Sketch.address(NEAR), Sketch.address(FAR)));
    return view;
  }

  private void start(Sketch.View view) {
    bench.keeper.view(view.get());
    bench.keeper.inSync();
    bench.learn(Sketch.change("10.244.5.0/26", NEAR), Sketch.change("10.244.8.0/26", FAR));
    bench.settle();
  }

  private void show(Sketch.View view) {
    bench.keeper.view(view.get());
    bench.settle();
  }

  private boolean hasVxlan() {
    return bench.kernel.links.values().stream().map(Link::name).anyMatch("vxlan.calico"::equals);
  }

  @Test
  void aRouteGoesIntoTheIpipTunnelWhenTheOtherNodeTakesIt() {
    start(in(NEVER, NEVER));

    show(in(ALWAYS, NEVER).unready(FAR));

    assertThat(bench.ours())
        .containsExactly("10.244.5.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink", FAR_DIRECT);
    assertThat(bench.status().issues())
        .extracting(RouteIssue::message)
        .containsExactly(
            "10.244.8.0/26 is to go through tunl0 to 10.1.8.10, which is no node of this cluster"
                + " that has an address of its own in that tunnel yet; until then its route stays as"
                + " it is");

    show(in(ALWAYS, NEVER));

    assertThat(bench.ours()).contains(FAR_IPIP);
    assertThat(bench.status().issues()).isEmpty();
  }

  @Test
  void whereThereWasNoRouteTheTunnelIsTriedAnyhow() {
    start(in(ALWAYS, NEVER).unready(FAR));

    assertThat(bench.ours()).contains(FAR_IPIP);
    assertThat(bench.status().issues())
        .extracting(RouteIssue::reason)
        .containsExactly(Reason.TUNNEL_END_NOT_READY);
  }

  @Test
  void aKernelWithoutIpipKeepsTheRoutesThatThereAre() {
    start(in(NEVER, ALWAYS));
    List<String> before = bench.ours();
    bench.kernel.known.remove("ipip");
    bench.kernel.byHand(new Change.DeleteLink(Sketch.TUNL0));

    show(in(ALWAYS, NEVER));

    assertThat(bench.ours()).contains(FAR_VXLAN).hasSize(before.size() - 2); // no tunnel's ends
    assertThat(bench.status().issues().getFirst().isOfTunnel()).isTrue();
    assertThat(bench.status().settled()).isFalse();
  }

  @Test
  void aTunnelThatNoPoolUsesKeepsItsAddressForAWhile() {
    start(in(ALWAYS, NEVER));

    show(in(NEVER, NEVER));

    assertThat(bench.ours()).contains(FAR_DIRECT);
    assertThat(bench.kernel.addresses).contains(TUNNEL_ADDRESS);
    assertThat(bench.keeper.untilNext()).isEqualTo(KeeperBench.OPTIONS.linger().toNanos());

    bench.pass(KeeperBench.OPTIONS.linger().minusNanos(1));
    bench.settle();
    assertThat(bench.kernel.addresses).contains(TUNNEL_ADDRESS);

    bench.pass(Duration.ofNanos(1));
    bench.settle();
    assertThat(bench.kernel.addresses).doesNotContain(TUNNEL_ADDRESS);
    assertThat(bench.status().settled()).isTrue();
  }

  @Test
  void aTunnelWhoseAddressOthersSeeIsNotGivenUp() {
    start(in(ALWAYS, NEVER));

    show(in(NEVER, NEVER).announced("tunl0"));
    bench.pass(KeeperBench.OPTIONS.linger().multipliedBy(3));
    bench.settle();
    assertThat(bench.kernel.addresses).contains(TUNNEL_ADDRESS);

    show(in(NEVER, NEVER));
    bench.pass(KeeperBench.OPTIONS.linger().minusNanos(1));
    bench.settle();
    assertThat(bench.kernel.addresses).as("others may not have heard").contains(TUNNEL_ADDRESS);

    bench.pass(Duration.ofNanos(1));
    bench.settle();
    assertThat(bench.kernel.addresses).doesNotContain(TUNNEL_ADDRESS);
  }

  @Test
  void aVxlanDeviceWhoseAddressOthersSeeIsNotGivenUp() {
    start(in(NEVER, ALWAYS));

    show(in(NEVER, NEVER).announced("vxlan.calico"));
    bench.pass(KeeperBench.OPTIONS.linger().multipliedBy(3));
    bench.settle();
    assertThat(hasVxlan()).isTrue();

    show(in(NEVER, NEVER));
    bench.pass(KeeperBench.OPTIONS.linger().minusNanos(1));
    bench.settle();
    assertThat(hasVxlan()).as("others may not have heard").isTrue();

    bench.pass(Duration.ofNanos(1));
    bench.settle();
    assertThat(hasVxlan()).isFalse();
  }

  @Test
  void vxlanIsKeptWholeWhileARouteWaitsInIt() {
    start(in(NEVER, ALWAYS).announced("vxlan.calico"));

    show(in(ALWAYS, NEVER).unready(FAR).announced("vxlan.calico"));
    assertThat(bench.kernel.neighbours.values()).hasSize(2);
    assertThat(bench.kernel.forwarding.values()).hasSize(2);

    show(in(ALWAYS, NEVER).unready(FAR));
    bench.pass(KeeperBench.OPTIONS.linger().multipliedBy(2));
    bench.settle();
    bench.pass(KeeperBench.OPTIONS.linger().minusSeconds(1));
    bench.settle();

    assertThat(bench.ours()).contains(FAR_VXLAN);
    assertThat(hasVxlan()).isTrue();
    assertThat(bench.kernel.neighbours.values()).hasSize(2);
    assertThat(bench.kernel.forwarding.values()).hasSize(2);

    show(in(ALWAYS, NEVER));
    assertThat(bench.ours()).contains(FAR_IPIP);
    assertThat(bench.kernel.neighbours.values()).isEmpty();
    assertThat(bench.kernel.forwarding.values()).isEmpty();

    bench.pass(KeeperBench.OPTIONS.linger());
    bench.settle();
    assertThat(hasVxlan()).isFalse();
  }

  @Test
  void blocksThatTheDatastoreTellsNeedNobodyToAnnounceThem() {
    bench.keeper.view(in(NEVER, ALWAYS).remote("10.244.8.0/26", FAR).get());
    bench.keeper.inSync();
    bench.settle();
    assertThat(bench.ours()).contains(FAR_VXLAN);

    // Whoever says otherwise is not believed, until the datastore has nothing to say.
    bench.learn(Sketch.change("10.244.8.0/26", NEAR));
    bench.settle();
    assertThat(bench.ours()).contains(FAR_VXLAN);

    show(in(NEVER, ALWAYS));
    assertThat(bench.ours())
        .contains("10.244.8.0/26 via 10.244.5.1 dev vxlan.calico proto 77 onlink");

    show(in(NEVER, ALWAYS).remote("10.244.8.0/26", FAR));
    assertThat(bench.ours()).contains(FAR_VXLAN);

    bench.learn(Sketch.change("10.244.8.0/26"));
    bench.settle();
    show(in(NEVER, ALWAYS));
    assertThat(bench.ours()).noneMatch(line -> line.startsWith("10.244.8.0/26"));
  }

  @Test
  void aBlockThatMovesIsOneMessage() {
    bench.keeper.view(in(NEVER, ALWAYS).remote("10.244.8.0/26", FAR).get());
    bench.keeper.inSync();
    bench.settle();
    bench.kernel.writes.clear();

    show(in(NEVER, ALWAYS).remote("10.244.8.0/26", NEAR));

    assertThat(bench.kernel.writes).singleElement().isInstanceOf(Change.ReplaceRoute.class);
  }

  @Test
  void withoutEncapsulationANodeBehindASilentRouterIsTold() {
    bench.keeper.view(
        in(NEVER, NEVER).remote("10.244.8.0/26", FAR).remote("10.244.5.0/26", NEAR).get());
    bench.keeper.inSync();
    bench.settle();

    assertThat(bench.ours())
        .containsExactly("10.244.5.0/26 via 10.1.5.10 dev eth0 proto 77", FAR_DIRECT);
    assertThat(bench.status().issues())
        .singleElement()
        .satisfies(
            issue -> {
              assertThat(issue.reason()).isEqualTo(Reason.BLOCKS_UNREACHABLE);
              assertThat(issue.message()).contains("10.244.8.0/26 via 10.1.8.10 is behind");
            });
  }
}
