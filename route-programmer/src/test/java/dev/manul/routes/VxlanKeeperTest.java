package dev.manul.routes;

import static dev.manul.model.AddressFamily.IPV4;
import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.model.EncapsulationMode.CROSS_SUBNET;
import static dev.manul.model.EncapsulationMode.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EncapsulationMode;
import dev.manul.netlink.Change;
import dev.manul.netlink.Event;
import dev.manul.netlink.ForwardingEntry;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.Neighbour;
import dev.manul.routes.RouteIssue.Reason;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The programmer with pools in VXLAN, against a kernel in memory. */
class VxlanKeeperTest {

  private static final String NEAR = "10.1.5.10 10.244.5.1";
  private static final String FAR = "10.1.8.10 10.244.8.1";
  private static final String FARTHER = "10.1.8.11 10.244.8.65";

  private final KeeperBench bench = new KeeperBench();

  private static Sketch.View in(EncapsulationMode ipip, EncapsulationMode vxlan) {
    return Sketch.view()
        .pools(Sketch.pool("10.244.0.0/16", ipip, vxlan))
        .own("10.244.1.0/26")
        .tunnelAddress("10.244.9.0");
  }

  private static NodeView vxlan(EncapsulationMode mode, String... others) {
    return in(NEVER, mode).vxlan(IPV4, "10.244.1.1", others).get();
  }

  private void start(NodeView view) {
    bench.keeper.view(view);
    bench.keeper.inSync();
    bench.learn(
        Sketch.change("10.244.5.0/26", "10.1.5.10"), Sketch.change("10.244.8.0/26", "10.1.8.10"));
    bench.settle();
  }

  private void show(NodeView view) {
    bench.kernel.writes.clear();
    bench.keeper.view(view);
    bench.settle();
  }

  private List<String> neighbours() {
    return bench.kernel.neighbours.values().stream()
        .map(n -> n.address() + " " + n.mac().orElse("") + " " + bench.linkName(n.linkIndex()))
        .toList();
  }

  private List<String> forwarding() {
    return bench.kernel.forwarding.values().stream()
        .map(e -> e.mac() + " " + e.remote().orElseThrow())
        .toList();
  }

  private int device() {
    return bench.kernel.links.values().stream()
        .filter(link -> link.name().equals("vxlan.calico"))
        .mapToInt(Link::index)
        .findFirst()
        .orElseThrow();
  }

  private boolean hasDevice() {
    return bench.kernel.links.values().stream()
        .anyMatch(link -> link.name().equals("vxlan.calico"));
  }

  private static String mac(String node) {
    return VxlanTunnel.derivedMac(node, IPV4);
  }

  @Test
  void deviceThenEndsThenRoutes() {
    start(vxlan(ALWAYS, NEAR, FAR));

    assertThat(bench.ours())
        .containsExactly(
            "blackhole 10.244.1.0/26 proto 77",
            "10.244.5.0/26 via 10.244.5.1 dev vxlan.calico proto 77 onlink",
            "10.244.5.1 dev vxlan.calico proto 77 scope link",
            "10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink",
            "10.244.8.1 dev vxlan.calico proto 77 scope link");
    assertThat(neighbours())
        .containsExactlyInAnyOrder(
            "10.244.5.1 " + mac("10.1.5.10") + " vxlan.calico",
            "10.244.8.1 " + mac("10.1.8.10") + " vxlan.calico");
    assertThat(forwarding())
        .containsExactlyInAnyOrder(
            mac("10.1.5.10") + " 10.1.5.10", mac("10.1.8.10") + " 10.1.8.10");
    assertThat(bench.kernel.addresses).contains(Sketch.on(device(), "10.244.1.1/32"));
    assertThat(bench.status().settled()).isTrue();
    assertThat(bench.status().issues()).isEmpty();
    List<Class<?>> order =
        bench.kernel.writes.stream().<Class<?>>map(Object::getClass).distinct().toList();
    assertThat(order)
        .containsExactly(
            Change.CreateLink.class,
            Change.AddAddress.class,
            Change.ReplaceNeighbour.class,
            Change.ReplaceForwarding.class,
            Change.AddRoute.class);
    bench.pass(KeeperBench.OPTIONS.linger());
    bench.settle();
    assertThat(bench.kernel.writes.getLast()) // tunl0 had it, which no pool uses
        .isEqualTo(new Change.DeleteAddress(Sketch.on(Sketch.TUNL0, "10.244.9.0/32")));
  }

  @Test
  void oneMoreNodeIsFourMessagesAndOneLessAsMany() {
    start(vxlan(ALWAYS, NEAR, FAR));
    bench.kernel.writes.clear();

    bench.keeper.view(vxlan(ALWAYS, NEAR, FAR, FARTHER));
    bench.learn(Sketch.change("10.244.8.64/26", "10.1.8.11"));
    bench.settle();

    assertThat(bench.kernel.writes.stream().<Class<?>>map(Object::getClass))
        .containsExactly(
            Change.ReplaceNeighbour.class,
            Change.ReplaceForwarding.class,
            Change.AddRoute.class,
            Change.AddRoute.class);
    bench.kernel.writes.clear();

    bench.keeper.view(vxlan(ALWAYS, NEAR, FAR));
    bench.learn(Sketch.change("10.244.8.64/26"));
    bench.settle();

    assertThat(bench.kernel.writes.stream().<Class<?>>map(Object::getClass))
        .containsExactly(
            Change.DeleteRoute.class,
            Change.DeleteRoute.class,
            Change.DeleteNeighbour.class,
            Change.DeleteForwarding.class);
  }

  @Test
  void eachSwitchBetweenModesReplacesEachBlocksRouteByOneMessage() {
    start(in(ALWAYS, NEVER).get());
    NodeView ready = in(NEVER, ALWAYS).vxlan(IPV4, "10.244.1.1", NEAR, FAR).get();
    NodeView cross = in(NEVER, CROSS_SUBNET).vxlan(IPV4, "10.244.1.1", NEAR, FAR).get();
    NodeView never = in(NEVER, NEVER).vxlan(IPV4, "10.244.1.1", NEAR, FAR).get();
    String farDirect = "10.244.8.0/26 via 10.1.5.1 dev eth0 proto 77";
    String nearDirect = "10.244.5.0/26 via 10.1.5.10 dev eth0 proto 77";
    String farVxlan = "10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink";
    String nearVxlan = "10.244.5.0/26 via 10.244.5.1 dev vxlan.calico proto 77 onlink";
    String farIpip = "10.244.8.0/26 via 10.1.8.10 dev tunl0 proto 77 onlink";
    String nearIpip = "10.244.5.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink";

    record Step(NodeView view, List<String> replaced, String near, String far) {}

    String near = "10.244.5.0/26";
    String far = "10.244.8.0/26";
    for (Step step :
        List.of(
            new Step(ready, List.of(near, far), nearVxlan, farVxlan),
            new Step(cross, List.of(near), nearDirect, farVxlan),
            new Step(ready, List.of(near), nearVxlan, farVxlan),
            new Step(never, List.of(near, far), nearDirect, farDirect),
            new Step(ready, List.of(near, far), nearVxlan, farVxlan),
            new Step(in(ALWAYS, NEVER).get(), List.of(near, far), nearIpip, farIpip))) {
      show(step.view());

      assertThat(bench.ours()).contains(step.near(), step.far());
      assertThat(blockChanges()).as(step.near()).containsExactlyElementsOf(step.replaced());
      assertThat(bench.kernel.wrongs).isEmpty();
    }
  }

  /** Which blocks' routes were replaced; anything else that was done to one fails. */
  private List<String> blockChanges() {
    return bench.kernel.writes.stream()
        .flatMap(
            change ->
                switch (change) {
                  case Change.ReplaceRoute(var route) -> Stream.of(route.destination().toString());
                  case Change.AddRoute(var route) when route.destination().length() == 26 ->
                      Stream.of("added " + route.destination());
                  case Change.DeleteRoute(var route) when route.destination().length() == 26 ->
                      Stream.of("deleted " + route.destination());
                  default -> Stream.<String>empty();
                })
        .sorted()
        .toList();
  }

  @Test
  void aRouteStaysAsItIsUntilTheOtherEndIsReady() {
    start(in(ALWAYS, NEVER).get());

    show(vxlan(ALWAYS, NEAR));

    assertThat(bench.ours())
        .contains(
            "10.244.5.0/26 via 10.244.5.1 dev vxlan.calico proto 77 onlink",
            "10.244.8.0/26 via 10.1.8.10 dev tunl0 proto 77 onlink");
    assertThat(bench.status().issues())
        .extracting(RouteIssue::reason)
        .containsExactly(Reason.TUNNEL_END_NOT_READY);
    // The kernel would drop the routes of tunl0 with its last address.
    assertThat(bench.kernel.addresses).contains(Sketch.on(Sketch.TUNL0, "10.244.9.0/32"));

    show(vxlan(ALWAYS, NEAR, FAR));

    assertThat(bench.ours())
        .contains("10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink");
    bench.pass(KeeperBench.OPTIONS.linger());
    bench.settle();
    assertThat(bench.kernel.addresses).doesNotContain(Sketch.on(Sketch.TUNL0, "10.244.9.0/32"));
    assertThat(bench.status().issues()).isEmpty();
  }

  @Test
  void aRouteThatWaitsGoesWithWhatWasLearned() {
    start(in(ALWAYS, NEVER).get());
    show(vxlan(ALWAYS, NEAR));

    bench.learn(Sketch.change("10.244.8.0/26"));
    bench.settle();

    assertThat(bench.ours()).noneMatch(line -> line.startsWith("10.244.8.0/26"));
  }

  @Test
  void aRouteThatWaitsSurvivesARestart() {
    bench.kernel.append(
        Sketch.through("10.244.8.0/26", "10.1.5.1", Sketch.ETH0)
            .withProtocol(ProgrammerOptions.MANUL_PROTOCOL));

    start(vxlan(ALWAYS, NEAR));

    assertThat(bench.ours()).contains("10.244.8.0/26 via 10.1.5.1 dev eth0 proto 77");
  }

  @Test
  void anUnusedDeviceReceivesForAWhileAndThenGoes() {
    start(vxlan(ALWAYS, NEAR, FAR));

    show(in(ALWAYS, NEVER).get());

    assertThat(neighbours()).isEmpty();
    assertThat(forwarding()).isEmpty();
    assertThat(hasDevice()).isTrue();
    assertThat(bench.kernel.addresses).contains(Sketch.on(device(), "10.244.1.1/32"));
    assertThat(bench.keeper.untilNext())
        .isLessThanOrEqualTo(KeeperBench.OPTIONS.linger().toNanos());

    bench.pass(KeeperBench.OPTIONS.linger().minusSeconds(1));
    bench.settle();
    assertThat(hasDevice()).isTrue();

    bench.pass(Duration.ofSeconds(1));
    bench.settle();
    assertThat(hasDevice()).isFalse();
    assertThat(bench.status().settled()).isTrue();
  }

  @Test
  void whatOthersDoToEndsIsPutRight() {
    start(vxlan(ALWAYS, NEAR, FAR));
    int device = device();
    List<String> neighboursBefore = neighbours();
    List<String> forwardingBefore = forwarding();
    Neighbour gone = Neighbour.permanent(device, Sketch.address("10.244.5.1"), mac("10.1.5.10"));
    ForwardingEntry wrong =
        ForwardingEntry.ofVxlan(device, mac("10.1.8.10"), Sketch.address("10.1.8.99"));
    ForwardingEntry stray =
        ForwardingEntry.ofVxlan(device, "66:00:00:00:00:01", Sketch.address("10.1.8.99"));
    bench.kernel.byHand(new Change.DeleteNeighbour(gone));
    bench.kernel.byHand(new Change.ReplaceForwarding(wrong));
    bench.kernel.byHand(new Change.ReplaceForwarding(stray));
    bench.kernel.news.add(new Event.NeighbourRemoved(gone));
    bench.kernel.news.add(new Event.ForwardingChanged(wrong));
    bench.kernel.news.add(new Event.ForwardingChanged(stray));

    bench.settle();

    assertThat(neighbours()).isEqualTo(neighboursBefore);
    assertThat(forwarding()).isEqualTo(forwardingBefore);
    bench.kernel.writes.clear();
    bench.kernel.news.add(
        new Event.ForwardingChanged(
            ForwardingEntry.ofVxlan(device, mac("10.1.8.10"), Sketch.address("10.1.8.10"))));
    bench.settle();
    assertThat(bench.kernel.writes).isEmpty();
  }

  @Test
  void otherDevicesNeighboursAreNotTouched() {
    Neighbour others =
        Neighbour.permanent(Sketch.ETH0, Sketch.address("10.1.5.77"), "02:00:00:00:00:77");
    ForwardingEntry theirs =
        ForwardingEntry.ofVxlan(77, "02:00:00:00:00:77", Sketch.address("10.1.5.77"));
    bench.kernel.byHand(new Change.ReplaceNeighbour(others));
    bench.kernel.byHand(new Change.ReplaceForwarding(theirs));

    start(vxlan(ALWAYS, NEAR, FAR));
    show(in(NEVER, NEVER).get());
    bench.pass(KeeperBench.OPTIONS.linger());
    bench.settle();

    assertThat(bench.kernel.neighbours.values()).containsExactly(others);
    assertThat(bench.kernel.forwarding.values()).containsExactly(theirs);
  }

  @Test
  void aDeviceThatIsRemovedByHandIsBackWithAllOfIt() {
    start(vxlan(ALWAYS, NEAR, FAR));
    List<String> routes = bench.ours();

    bench.kernel.byHand(new Change.DeleteLink(device()));
    bench.settle();

    assertThat(bench.ours()).isEqualTo(routes);
    assertThat(neighbours()).hasSize(2);
    assertThat(forwarding()).hasSize(2);
    assertThat(bench.kernel.addresses.stream().map(LinkAddress::linkIndex)).contains(device());
    assertThat(bench.status().settled()).isTrue();
  }

  @Test
  void kernelWithoutVxlanIsToldAndTheRoutesStayAsTheyWere() {
    start(in(ALWAYS, NEVER).get());
    List<String> before = bench.ours();
    bench.kernel.known.remove("vxlan");

    show(vxlan(ALWAYS, NEAR, FAR));

    assertThat(bench.ours()).isEqualTo(before);
    assertThat(bench.status().issues().getFirst().reason()).isEqualTo(Reason.TUNNEL_DEVICE_MISSING);
    assertThat(bench.status().issues().getFirst().message())
        .isEqualTo(
            "device vxlan.calico is not there and could not be created: operation not supported"
                + " (EOPNOTSUPP); load the kernel's module vxlan, or set the pool's vxlanMode to"
                + " Never");
    assertThat(bench.status().settled()).isFalse();

    bench.kernel.known.add("vxlan");
    bench.pass(Duration.ofSeconds(31));
    bench.settle();

    assertThat(bench.ours())
        .contains("10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink");
    assertThat(bench.status().issues()).isEmpty();
  }
}
