package dev.manul.routes;

import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.model.EncapsulationMode.CROSS_SUBNET;
import static dev.manul.model.EncapsulationMode.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EncapsulationMode;
import dev.manul.model.Prefix;
import dev.manul.netlink.Change;
import dev.manul.netlink.Errno;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkUpdate;
import dev.manul.netlink.Route;
import dev.manul.netlink.Scope;
import dev.manul.routes.RouteIssue.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteKeeperTest {

  private final KeeperBench bench = new KeeperBench();

  private static NodeView inMode(EncapsulationMode mode) {
    return Sketch.view()
        .pools(Sketch.pool("10.244.0.0/16", mode))
        .own("10.244.1.0/26")
        .workload("10.244.1.5/32", "cali1")
        .tunnelAddress("10.244.9.0")
        .get();
  }

  private static Route stray(String prefix) {
    return Sketch.through(prefix, "10.1.5.1", Sketch.ETH0)
        .withProtocol(ProgrammerOptions.MANUL_PROTOCOL);
  }

  private void start(EncapsulationMode mode) {
    bench.keeper.view(inMode(mode));
    bench.keeper.inSync();
    bench.learn(
        Sketch.change("10.244.0.0/26", "10.1.5.10"), Sketch.change("10.244.0.128/26", "10.1.8.10"));
    bench.settle();
  }

  @Test
  void nothingIsWrittenBeforeTheFirstView() {
    bench.kernel.append(stray("10.244.7.0/26"));
    bench.learn(Sketch.change("10.244.0.0/26", "10.1.5.10"));
    bench.keeper.inSync();

    bench.settle();

    assertThat(bench.kernel.writes).isEmpty();
    assertThat(bench.status().settled()).isFalse();
    assertThat(bench.keeper.underlay().link("eth0")).isPresent();
  }

  @Test
  void nothingIsRemovedBeforeAllIsKnown() {
    bench.kernel.append(stray("10.244.7.0/26"));
    bench.kernel.addresses.add(Sketch.on(Sketch.TUNL0, "10.99.0.1/32"));
    bench.keeper.view(inMode(ALWAYS));
    bench.settle();
    assertThat(bench.ours()).contains("10.244.7.0/26 via 10.1.5.1 dev eth0 proto 77");
    assertThat(bench.kernel.addresses).contains(Sketch.on(Sketch.TUNL0, "10.99.0.1/32"));

    bench.keeper.inSync();
    bench.settle();

    assertThat(bench.ours())
        .containsExactly(
            "blackhole 10.244.1.0/26 proto 77", "10.244.1.5 dev cali1 proto 77 scope link");
    assertThat(bench.kernel.addresses).doesNotContain(Sketch.on(Sketch.TUNL0, "10.99.0.1/32"));
  }

  @Test
  void routesLookAsTheyShould() {
    start(ALWAYS);

    assertThat(bench.ours())
        .containsExactly(
            "10.244.0.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink",
            "10.244.0.128/26 via 10.1.8.10 dev tunl0 proto 77 onlink",
            "blackhole 10.244.1.0/26 proto 77",
            "10.244.1.5 dev cali1 proto 77 scope link");
    assertThat(bench.keeper.lines()).containsExactlyElementsOf(bench.ours());
    assertThat(bench.status().settled()).isTrue();
    assertThat(bench.status().installed()).isEqualTo(4);
  }

  @Test
  void aPodThatSpeaksBgpFindsThisHostOnItsOwnInterface() {
    NodeView view =
        Sketch.view()
            .workload("10.244.1.5/32", "cali1")
            .podPeer("cali1", "192.0.2.179")
            .podPeer("cali-not-there", "192.0.2.179")
            .get();
    bench.keeper.view(view);
    bench.keeper.inSync();
    bench.settle();

    LinkAddress wanted = Sketch.on(Sketch.CALI, "192.0.2.179/32");
    assertThat(bench.kernel.addresses)
        .filteredOn(address -> address.linkIndex() == Sketch.CALI)
        .singleElement()
        .satisfies(
            address -> {
              assertThat(address.address()).isEqualTo(wanted.address());
              assertThat(address.scope()).isEqualTo(Scope.HOST);
            });
    assertThat(bench.ours()).containsExactly("10.244.1.5 dev cali1 proto 77 scope link");
    bench.kernel.writes.clear();

    bench.settle();

    assertThat(bench.kernel.writes).isEmpty();
  }

  @Test
  void modeChangeReplacesInPlaceAndTouchesNoMoreThanItMust() {
    start(ALWAYS);
    bench.kernel.writes.clear();

    bench.keeper.view(inMode(CROSS_SUBNET));
    bench.settle();

    assertThat(bench.kernel.writes)
        .singleElement()
        .isInstanceOfSatisfying(
            Change.ReplaceRoute.class,
            replace ->
                assertThat(replace.route().text(Sketch::linkName))
                    .isEqualTo("10.244.0.0/26 via 10.1.5.10 dev eth0 proto 77"));
  }

  @Test
  void modeNeverTakesTheTunnelsAddressAfterItsRoutes() {
    start(ALWAYS);
    bench.kernel.writes.clear();

    bench.keeper.view(inMode(NEVER));
    bench.settle();

    bench.pass(KeeperBench.OPTIONS.linger());
    bench.settle();

    assertThat(bench.kernel.writes)
        .extracting(change -> change.getClass().getSimpleName())
        .containsExactly("ReplaceRoute", "ReplaceRoute", "DeleteAddress");
    assertThat(bench.kernel.links.get(Sketch.TUNL0).up()).isTrue();
    assertThat(bench.status().issues())
        .extracting(RouteIssue::reason)
        .containsExactly(Reason.BLOCKS_UNREACHABLE);
  }

  @Test
  void tunnelGetsItsNewAddressBeforeItLosesTheOldOne() {
    start(ALWAYS);
    bench.kernel.writes.clear();

    bench.keeper.view(
        Sketch.view()
            .pools(Sketch.pool("10.244.0.0/16", ALWAYS))
            .tunnelAddress("10.244.9.1")
            .get());
    bench.settle();

    List<Change> ofAddresses =
        bench.kernel.writes.stream()
            .filter(c -> c instanceof Change.AddAddress || c instanceof Change.DeleteAddress)
            .toList();
    assertThat(ofAddresses)
        .containsExactly(
            new Change.AddAddress(Sketch.on(Sketch.TUNL0, "10.244.9.1/32")),
            new Change.DeleteAddress(Sketch.on(Sketch.TUNL0, "10.244.9.0/32")));
    assertThat(bench.status().settled()).isTrue();
  }

  @Test
  void restartWritesNothing() {
    start(CROSS_SUBNET);
    List<Route> before = bench.kernel.ours();
    bench.kernel.writes.clear();

    RouteKeeper second =
        new RouteKeeper(
            KeeperBench.OPTIONS, bench.kernel, System::nanoTime, java.time.Instant::now);
    second.view(Sketch.view().tunnelAddress("10.244.9.0").get());
    second.settle();
    second.view(inMode(CROSS_SUBNET));
    second.learned(List.of(Sketch.change("10.244.0.128/26", "10.1.8.10")));
    second.settle();
    second.learned(List.of(Sketch.change("10.244.0.0/26", "10.1.5.10")));
    second.inSync();
    second.settle();

    assertThat(bench.kernel.writes).isEmpty();
    assertThat(bench.kernel.ours()).isEqualTo(before);
    assertThat(second.status().settled()).isTrue();
  }

  @Test
  void oneLearnedRouteIsOneWrite() {
    start(ALWAYS);
    bench.kernel.writes.clear();

    bench.learn(Sketch.change("10.244.5.0/26", "10.1.8.11"));
    bench.settle();
    bench.learn(Sketch.change("10.244.5.0/26"));
    bench.settle();

    assertThat(bench.kernel.writes)
        .extracting(change -> change.getClass().getSimpleName())
        .containsExactly("AddRoute", "DeleteRoute");
  }

  @Test
  void workloadsAreThereBeforeTheBlackholeOfTheirBlock() {
    start(ALWAYS);

    List<String> order =
        bench.kernel.writes.stream()
            .filter(Change.AddRoute.class::isInstance)
            .map(change -> ((Change.AddRoute) change).route().destination().toString())
            .toList();

    assertThat(order).startsWith("10.244.1.5/32").contains("10.244.1.0/26");
  }

  @Test
  void whatWasDeletedOrChangedByHandIsPutRightAndCounted() {
    start(CROSS_SUBNET);
    List<String> before = bench.ours();
    Route direct =
        bench.kernel.ours().stream().filter(r -> isTo(r, "10.244.0.0/26")).toList().getFirst();

    bench.kernel.byHand(new Change.DeleteRoute(direct));
    bench.settle();
    bench.kernel.byHand(new Change.ReplaceRoute(stray("10.244.0.0/26")));
    bench.pass(Duration.ofSeconds(2));
    bench.settle();

    assertThat(bench.ours()).isEqualTo(before);
    assertThat(bench.status().repaired()).isEqualTo(2);
    assertThat(bench.kernel.wrongs).isEmpty();
  }

  private static boolean isTo(Route route, String prefix) {
    return route.destination().equals(Sketch.prefix(prefix));
  }

  @Test
  void foreignRouteInTheWayIsToldAndOutlived() {
    Route foreign = Sketch.through("10.244.0.0/26", "10.1.5.1", Sketch.ETH0);
    bench.kernel.append(foreign);
    start(ALWAYS);

    assertThat(bench.status().failing())
        .containsExactly(
            "10.244.0.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink: another program's route with"
                + " the same destination and metric is in the way and is left alone:"
                + " 10.244.0.0/26 via 10.1.5.1 dev eth0 proto static");
    assertThat(bench.kernel.foreign()).contains(foreign);
    assertThat(bench.status().installed()).isEqualTo(3);

    bench.kernel.byHand(new Change.DeleteRoute(foreign));
    bench.settle();

    assertThat(bench.status().failing()).isEmpty();
    assertThat(bench.ours()).contains("10.244.0.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink");
  }

  @Test
  void routeTakenOverByAnotherIsLeftToIt() {
    start(ALWAYS);
    Route foreign = Sketch.through("10.244.0.0/26", "10.1.5.1", Sketch.ETH0);
    bench.pass(Duration.ofSeconds(2));

    bench.kernel.byHand(new Change.ReplaceRoute(foreign));
    bench.settle();
    bench.keeper.view(inMode(CROSS_SUBNET));
    bench.settle();

    assertThat(bench.kernel.wrongs).isEmpty();
    assertThat(bench.kernel.foreign()).contains(foreign);
    assertThat(bench.status().failing()).hasSize(1);
  }

  @Test
  void foreignRouteThatCameUnseenMakesTheKernelRefuse() {
    start(ALWAYS);
    Route foreign = Sketch.through("10.244.5.0/26", "10.1.5.1", Sketch.ETH0);
    bench.kernel.beforeBatch =
        () -> {
          bench.kernel.beforeBatch = () -> {};
          bench.kernel.append(foreign);
        };

    bench.learn(Sketch.change("10.244.5.0/26", "10.1.8.11"));
    bench.settle();

    assertThat(bench.kernel.foreign()).contains(foreign);
    assertThat(bench.kernel.wrongs).isEmpty();
    assertThat(bench.status().failing()).singleElement().asString().contains("is left alone");
  }

  @Test
  void newsOlderThanOurOwnWriteAreNotBelieved() {
    start(ALWAYS);
    // Another program takes the route over just before our own write, and tells of it after.
    bench.kernel.beforeBatch =
        () -> {
          bench.kernel.beforeBatch = () -> {};
          bench.kernel.byHand(
              new Change.ReplaceRoute(Sketch.through("10.244.0.0/26", "10.1.5.1", Sketch.ETH0)));
        };
    bench.keeper.view(inMode(CROSS_SUBNET));
    bench.settle();
    assertThat(bench.kernel.news).hasSize(1);

    bench.settle();

    assertThat(bench.ours()).contains("10.244.0.0/26 via 10.1.5.10 dev eth0 proto 77");
    assertThat(bench.status().failing()).isEmpty();
    assertThat(bench.status().settled()).isTrue();
  }

  @Test
  void refusedRouteIsTriedAgainEverMoreRarelyAndTheOthersProceed() {
    bench.kernel.refusal =
        change ->
            change instanceof Change.AddRoute(Route route) && isTo(route, "10.244.0.0/26")
                ? Optional.of(Errno.ENOBUFS)
                : Optional.empty();
    start(ALWAYS);
    assertThat(bench.status().installed()).isEqualTo(3);
    assertThat(bench.status().failing())
        .containsExactly(
            "10.244.0.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink: no buffer space (ENOBUFS)");
    assertThat(bench.keeper.untilNext()).isEqualTo(Duration.ofMillis(100).toNanos());

    bench.pass(Duration.ofMillis(100));
    bench.settle();
    assertThat(bench.keeper.untilNext()).isEqualTo(Duration.ofMillis(200).toNanos());
    bench.kernel.refusal = change -> Optional.empty();
    bench.pass(Duration.ofMillis(199));
    bench.settle();
    assertThat(bench.status().installed()).isEqualTo(3);
    bench.pass(Duration.ofMillis(1));
    bench.settle();

    assertThat(bench.status().installed()).isEqualTo(4);
    assertThat(bench.status().settled()).isTrue();
  }

  @Test
  void linkThatGoesDownTakesItsRoutesSilentlyAndGivesThemBackWithItself() {
    start(CROSS_SUBNET);
    List<String> before = bench.ours();

    bench.setUp(Sketch.ETH0, false);
    bench.settle();
    assertThat(bench.ours()).doesNotContain("10.244.0.0/26 via 10.1.5.10 dev eth0 proto 77");
    bench.setUp(Sketch.ETH0, true);
    bench.settle();

    assertThat(bench.ours()).isEqualTo(before);
    assertThat(bench.status().settled()).isTrue();
  }

  @Test
  void tunnelThatIsDeletedIsMadeAgainWithAllItHad() {
    start(ALWAYS);
    List<String> before = bench.ours();

    bench.kernel.byHand(new Change.DeleteLink(Sketch.TUNL0));
    bench.settle();

    assertThat(bench.ours()).isEqualTo(before);
    assertThat(bench.status().settled()).isTrue();
    assertThat(bench.kernel.addresses.stream().map(LinkAddress::address).map(Object::toString))
        .contains("10.244.9.0/32");
  }

  @Test
  void kernelWithoutIpipIsToldAndTheOtherRoutesProceed() {
    bench.kernel.known.remove("ipip");
    bench.kernel.byHand(new Change.DeleteLink(Sketch.TUNL0));

    start(CROSS_SUBNET);

    assertThat(bench.ours())
        .containsExactly(
            "10.244.0.0/26 via 10.1.5.10 dev eth0 proto 77",
            "blackhole 10.244.1.0/26 proto 77",
            "10.244.1.5 dev cali1 proto 77 scope link");
    assertThat(bench.status().issues().getFirst().message())
        .isEqualTo(
            "device tunl0 is not there and could not be created: operation not supported"
                + " (EOPNOTSUPP); load the kernel's module ipip, or set the pool's ipipMode to"
                + " Never");

    bench.kernel.known.add("ipip");
    bench.pass(Duration.ofSeconds(31));
    bench.settle();

    assertThat(bench.ours()).contains("10.244.0.128/26 via 10.1.8.10 dev tunl0 proto 77 onlink");
    assertThat(bench.status().issues()).isEmpty();
    assertThat(bench.status().settled()).isTrue();
  }

  @Test
  void tunnelFollowsTheMtuOfTheLinkUnderIt() {
    start(ALWAYS);

    bench.kernel.byHand(new Change.SetLink(Sketch.ETH0, LinkUpdate.NOTHING.withMtu(1460)));
    bench.settle();

    assertThat(bench.kernel.links.get(Sketch.TUNL0).mtu()).isEqualTo(1440);
  }

  @Test
  void forwardingIsTurnedOnAndStrictReversePathIsTold() {
    bench.kernel.sysctls.put("ipv4/conf/all/rp_filter", "1");
    start(ALWAYS);

    assertThat(bench.kernel.sysctls)
        .containsEntry("ipv4/ip_forward", "1")
        .containsEntry("ipv6/conf/all/forwarding", "1")
        .containsEntry("ipv4/conf/all/rp_filter", "1");
    assertThat(bench.status().issues())
        .extracting(RouteIssue::reason)
        .containsOnly(Reason.STRICT_REVERSE_PATH);
  }

  @Test
  void anAttachedDevicesRouteIsWantedBeforeAnyViewNamesIt() {
    start(NEVER);
    bench.keeper.attached("cali1", Set.of(Prefix.parse("10.244.1.9/32")));
    bench.settle();
    assertThat(bench.ours()).contains("10.244.1.9 dev cali1 proto 77 scope link");

    bench.keeper.view(inMode(NEVER)); // which does not name it yet
    bench.settle();
    assertThat(bench.ours()).contains("10.244.1.9 dev cali1 proto 77 scope link");

    bench.keeper.attached("cali1", Set.of());
    bench.settle();
    assertThat(bench.ours())
        .doesNotContain("10.244.1.9 dev cali1 proto 77 scope link")
        .contains("10.244.1.5 dev cali1 proto 77 scope link");
  }

  @Test
  void anAttachedDeviceCountsMoreThanWhatTheViewStillSays() {
    start(NEVER);

    bench.keeper.attached("eth0", Set.of(Prefix.parse("10.244.1.5/32")));
    bench.settle();
    assertThat(bench.ours()).contains("10.244.1.5 dev eth0 proto 77 scope link");

    bench.keeper.attached("eth0", Set.of());
    bench.settle();
    assertThat(bench.ours()).contains("10.244.1.5 dev cali1 proto 77 scope link");
  }

  @Test
  void aSubnetOfThisHostsOwnLinksNeedsNoRouteOfOurs() {
    start(NEVER);
    bench.kernel.writes.clear();

    bench.learn(Sketch.change("10.1.5.0/24", "10.1.5.1"));
    bench.settle();

    assertThat(bench.kernel.writes).isEmpty();
    assertThat(bench.status().settled()).isTrue();
    assertThat(bench.status().failing()).isEmpty();
  }
}
