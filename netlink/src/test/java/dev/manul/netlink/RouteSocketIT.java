package dev.manul.netlink;

import static dev.manul.netlink.TestNamespaces.ip;
import static dev.manul.netlink.TestNamespaces.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import dev.manul.netlink.Change.AddAddress;
import dev.manul.netlink.Change.AddRoute;
import dev.manul.netlink.Change.AddRule;
import dev.manul.netlink.Change.AppendForwarding;
import dev.manul.netlink.Change.CreateLink;
import dev.manul.netlink.Change.DeleteAddress;
import dev.manul.netlink.Change.DeleteForwarding;
import dev.manul.netlink.Change.DeleteLink;
import dev.manul.netlink.Change.DeleteNeighbour;
import dev.manul.netlink.Change.DeleteRoute;
import dev.manul.netlink.Change.DeleteRule;
import dev.manul.netlink.Change.ReplaceForwarding;
import dev.manul.netlink.Change.ReplaceNeighbour;
import dev.manul.netlink.Change.ReplaceRoute;
import dev.manul.netlink.Change.SetLink;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every kind of object is made, read back and compared with what {@code ip} says. */
final class RouteSocketIT {

  private final TestNamespaces namespaces = new TestNamespaces();
  private NetworkNamespace here;
  private RouteSocket socket;
  private int veth;

  @BeforeEach
  void open() {
    here = namespaces.fresh();
    socket = RouteSocket.open(here);
    ok(socket.apply(List.of(new CreateLink(LinkSpec.of("v0", LinkType.Veth.of("v1"))))));
    veth = socket.link("v0").orElseThrow().index();
    int peer = socket.link("v1").orElseThrow().index();
    ok(socket.apply(List.of(new SetLink(peer, LinkUpdate.NOTHING.withUp(true)))));
    ok(socket.apply(List.of(address(veth, "10.1.5.10/24"), address(veth, "fd00:5::10/64"))));
  }

  @AfterEach
  void close() {
    socket.close();
    namespaces.close();
  }

  private static AddAddress address(int link, String text) {
    return new AddAddress(
        LinkAddress.of(link, InterfaceAddress.parse(text))
            .withFlags(text.contains(":") ? LinkAddress.NO_DUPLICATE_DETECTION : 0));
  }

  private static Prefix prefix(String text) {
    return Prefix.parse(text);
  }

  private List<Route> ours() {
    return socket.routes(RouteSelection.ALL.withProtocol(77));
  }

  @Test
  void tellsTheLinkThatItHasCreated() {
    NetworkNamespace there = namespaces.fresh();
    LinkSpec spec =
        LinkSpec.of("v2", LinkType.Veth.into(there, "eth0")).withMtu(1400).withUp(false);
    Link created = socket.create(new CreateLink(spec));
    assertThat(created).isEqualTo(socket.link("v2").orElseThrow());
    assertThat(created.mtu()).isEqualTo(1400);
    try (RouteSocket inside = RouteSocket.open(there)) {
      assertThat(created.parentIndex()).isEqualTo(inside.link("eth0").orElseThrow().index());
    }
    assertThatThrownBy(() -> socket.create(new CreateLink(spec)))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
    assertThat(socket.link("v2")).contains(created); // what is left of the answer is no trouble
  }

  @Test
  void everyKindOfRouteReadsBackAsItWasWritten() {
    Address gateway = Address.parse("10.1.5.11");
    Address gateway6 = Address.parse("fd00:5::11");
    List<Route> routes =
        List.of(
            Route.via(prefix("10.244.1.0/26"), gateway, veth),
            Route.onlinkVia(prefix("10.244.2.0/26"), Address.parse("172.16.0.1"), veth),
            Route.blackhole(prefix("10.244.0.0/26")),
            Route.unreachable(prefix("10.244.0.64/26")),
            Route.prohibit(prefix("10.244.0.128/26")),
            Route.onLink(prefix("10.244.0.5/32"), veth),
            Route.via(prefix("10.244.3.0/26"), gateway, veth).withTable(100_000),
            Route.via(prefix("10.244.3.0/26"), gateway, veth).withTable(0xf000_0001),
            Route.via(prefix("10.244.4.0/26"), gateway, veth).withMetric(4_000_000_000L),
            Route.via(prefix("10.244.4.0/26"), gateway, veth).withMetric(5).withTos(0x10),
            Route.via(prefix("10.244.5.0/26"), gateway, veth)
                .withPreferredSource(Address.parse("10.1.5.10")),
            Route.via(prefix("0.0.0.0/0"), gateway, veth),
            Route.via(prefix("10.244.6.0/26"), gateway6, veth),
            Route.multipath(
                prefix("10.244.7.0/26"),
                List.of(
                    NextHop.via(gateway, veth).withWeight(256),
                    NextHop.onlinkVia(Address.parse("172.16.0.2"), veth))),
            Route.via(prefix("fd00:244:1::/64"), gateway6, veth),
            Route.blackhole(prefix("fd00:244::/64")),
            Route.unreachable(prefix("fd00:245::/64")).withMetric(7),
            Route.onLink(prefix("fd00:244:2::5/128"), veth).withTable(4711),
            Route.multipath(
                prefix("fd00:244:7::/64"),
                List.of(
                    NextHop.via(gateway6, veth),
                    NextHop.via(Address.parse("fd00:5::12"), veth).withWeight(3))),
            Route.via(prefix("::/0"), gateway6, veth));
    List<Route> wanted = routes.stream().map(r -> r.withProtocol(77)).toList();

    ok(socket.apply(wanted.stream().map(AddRoute::new).toList()));

    assertThat(ours()).containsExactlyInAnyOrderElementsOf(wanted);
    ok(socket.apply(wanted.stream().map(DeleteRoute::new).toList()));
    assertThat(ours()).isEmpty();
  }

  @Test
  void routesAreWrittenAsIpWritesThem() {
    Address gateway = Address.parse("10.1.5.11");
    List<Route> routes =
        List.of(
            Route.via(prefix("0.0.0.0/0"), gateway, veth),
            Route.blackhole(prefix("10.244.0.0/26")).withProtocol(77),
            Route.onlinkVia(prefix("10.244.1.0/26"), Address.parse("172.16.0.1"), veth)
                .withProtocol(77),
            Route.via(prefix("10.244.2.1/32"), gateway, veth)
                .withMetric(9)
                .withProtocol(4)
                .withPreferredSource(Address.parse("10.1.5.10")),
            Route.onLink(prefix("10.244.3.0/26"), veth).withProtocol(77).withTos(0x10),
            Route.via(prefix("10.244.4.0/26"), Address.parse("fd00:5::11"), veth));
    ok(socket.apply(routes.stream().map(AddRoute::new).toList()));
    List<Route> read =
        new ArrayList<>(socket.routes(RouteSelection.ofTable(254).withFamily(AddressFamily.IPV4)));

    String text =
        read.stream().map(r -> r.text(index -> "v0")).reduce((a, b) -> a + "\n" + b).orElse("");

    assertThat(text).isEqualTo(ip(here, "route", "show", "table", "254"));
  }

  @Test
  void aDumpGivesWhatIsSelected() {
    Route main = Route.blackhole(prefix("10.9.0.0/16")).withProtocol(77);
    Route other = main.withTable(1000);
    Route foreign = Route.blackhole(prefix("10.10.0.0/16")).withTable(1000);
    Route six = Route.blackhole(prefix("fd09::/16")).withProtocol(77);
    ok(
        socket.apply(
            List.of(
                new AddRoute(main),
                new AddRoute(other),
                new AddRoute(foreign),
                new AddRoute(six))));

    assertThat(ours()).containsExactlyInAnyOrder(main, other, six);
    assertThat(socket.routes(RouteSelection.ofTable(1000)))
        .containsExactlyInAnyOrder(other, foreign);
    assertThat(socket.routes(RouteSelection.ofTable(1000).withProtocol(77))).containsExactly(other);
    assertThat(
            socket.routes(
                RouteSelection.ofTable(254).withProtocol(77).withFamily(AddressFamily.IPV6)))
        .containsExactly(six);
    assertThat(socket.routes(RouteSelection.ofTable(4321))).isEmpty();
    assertThat(socket.routes(RouteSelection.ALL.withLink(veth)))
        .isNotEmpty()
        .allMatch(r -> r.nextHops().stream().anyMatch(hop -> hop.linkIndex() == veth));
  }

  @Test
  void aReplacementTakesTheOldRoutesPlace() {
    Route first = Route.blackhole(prefix("10.244.1.0/26")).withProtocol(77);
    Route second =
        Route.via(prefix("10.244.1.0/26"), Address.parse("10.1.5.11"), veth).withProtocol(77);
    Route six = Route.blackhole(prefix("fd00:1::/64")).withProtocol(77);
    Route sixVia =
        Route.via(prefix("fd00:1::/64"), Address.parse("fd00:5::11"), veth).withProtocol(77);
    ok(socket.apply(List.of(new ReplaceRoute(first), new ReplaceRoute(six))));
    assertThat(ours()).containsExactly(first, six);
    ok(socket.apply(List.of(new ReplaceRoute(second), new ReplaceRoute(sixVia))));
    assertThat(ours()).containsExactly(second, sixVia);
  }

  @Test
  void aDeletionSparesAnothersRoute() {
    Route foreign = Route.blackhole(prefix("10.244.1.0/26")).withProtocol(4);
    ok(socket.apply(List.of(new AddRoute(foreign))));

    ApplyReport report = socket.apply(List.of(new DeleteRoute(foreign.withProtocol(77))));

    assertThat(report.failures()).singleElement().extracting(f -> f.errno()).isEqualTo(Errno.ESRCH);
    assertThat(socket.routes(RouteSelection.ALL.withProtocol(4))).containsExactly(foreign);
  }

  @Test
  void aFailureInTheMiddleIsToldAndTheRestIsDone() {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      Prefix destination = Prefix.of(new Ipv4Address(0x0a80_0000 + (i << 8)), 24);
      changes.add(new AddRoute(Route.blackhole(destination).withProtocol(77)));
    }
    changes.set(10, changes.get(9));
    changes.set(
        2500, new AddRoute(Route.via(prefix("10.3.0.0/24"), Address.parse("9.9.9.9"), veth)));
    changes.set(
        2501,
        new CreateLink(
            LinkSpec.of("w0", LinkType.Veth.into(NetworkNamespace.named("mnnl-not-there"), "w1"))));
    changes.set(4999, new DeleteLink(4242));

    ApplyReport report = socket.apply(changes);

    assertThat(report.failures())
        .extracting(ApplyReport.Failure::index)
        .containsExactly(10, 2500, 2501, 4999);
    assertThat(report.failures())
        .extracting(ApplyReport.Failure::errno)
        .containsExactly(Errno.EEXIST, Errno.ENETUNREACH, Errno.ENOENT, Errno.ENODEV);
    assertThat(report.failures().get(1).message()).isEqualTo("Nexthop has invalid gateway");
    assertThat(report.failures().get(1).change()).isEqualTo(changes.get(2500));
    assertThat(ours()).hasSize(4996);
  }

  @Test
  void aBatchOfNothingButFailuresIsToldInFull() {
    Change wrong = new DeleteRoute(Route.blackhole(prefix("10.3.0.0/24")));
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      changes.add(wrong);
    }
    List<ApplyReport.Failure> failures = socket.apply(changes).failures();
    assertThat(failures).hasSize(5000);
    for (int i = 0; i < 5000; i++) {
      assertThat(failures.get(i).index()).isEqualTo(i);
    }
  }

  @Test
  void linksOfEveryKindAreMadeChangedAndDeleted() {
    NetworkNamespace there = namespaces.bare();
    ok(
        socket.apply(
            List.of(
                new CreateLink(
                    LinkSpec.of("br0", new LinkType.Bridge()).withMac("02:00:00:00:00:01")),
                new CreateLink(
                    LinkSpec.of(
                            "pod0",
                            LinkType.Veth.into(there, "eth0")
                                .withPeerMtu(1430)
                                .withPeerMac("02:00:00:00:00:02"))
                        .withMtu(1440)),
                new CreateLink(
                    LinkSpec.of(
                            "vx0",
                            new LinkType.Vxlan(
                                4096, 4789, Optional.of(Address.parse("10.1.5.10")), veth, false))
                        .withMtu(1400)))));
    Link bridge = socket.link("br0").orElseThrow();
    Link pod = socket.link("pod0").orElseThrow();
    Link vxlan = socket.link("vx0").orElseThrow();
    assertThat(bridge.kind()).isEqualTo("bridge");
    assertThat(bridge.mac()).contains("02:00:00:00:00:01");
    assertThat(pod.mtu()).isEqualTo(1440);
    assertThat(pod.up()).isTrue();
    assertThat(vxlan.settings())
        .contains(
            new LinkType.Vxlan(4096, 4789, Optional.of(Address.parse("10.1.5.10")), veth, false));
    try (RouteSocket inside = RouteSocket.open(there)) {
      Link eth0 = inside.link("eth0").orElseThrow();
      assertThat(eth0.mtu()).isEqualTo(1430);
      assertThat(eth0.mac()).contains("02:00:00:00:00:02");
      assertThat(inside.links()).extracting(Link::name).containsExactly("lo", "eth0");
    }

    ok(
        socket.apply(
            List.of(
                new SetLink(
                    pod.index(),
                    LinkUpdate.NOTHING
                        .withUp(false)
                        .withMtu(1300)
                        .withMaster(bridge.index())
                        .withMac("02:00:00:00:00:03")),
                new SetLink(pod.index(), LinkUpdate.NOTHING.withName("cali0")))));
    Link renamed = socket.link("cali0").orElseThrow();
    assertThat(renamed.index()).isEqualTo(pod.index());
    assertThat(renamed.mtu()).isEqualTo(1300);
    assertThat(renamed.masterIndex()).isEqualTo(bridge.index());
    assertThat(renamed.mac()).contains("02:00:00:00:00:03");
    assertThat(renamed.up()).isFalse();
    assertThat(ip(here, "-o", "link", "show", "cali0")).contains("mtu 1300", "master br0");
    assertThat(ip(here, "-d", "link", "show", "vx0"))
        .contains("vxlan id 4096", "local 10.1.5.10", "dstport 4789", "nolearning");

    ok(socket.apply(List.of(new SetLink(pod.index(), LinkUpdate.NOTHING.withMaster(0)))));
    assertThat(socket.link("cali0").orElseThrow().masterIndex()).isZero();
    ok(socket.apply(List.of(new DeleteLink(pod.index()), new DeleteLink(vxlan.index()))));
    assertThat(socket.link("cali0")).isEmpty();
    assertThat(socket.links()).extracting(Link::name).contains("lo", "v0", "v1", "br0");
    try (RouteSocket inside = RouteSocket.open(there)) {
      assertThat(inside.link("eth0")).isEmpty();
    }
  }

  @Test
  void anIpipTunnelIsMadeOrItsKindIsNotKnown() {
    LinkType.Ipip type =
        new LinkType.Ipip(Optional.of(new Ipv4Address(0x0a01050a)), Optional.empty(), 64, true);
    ApplyReport report = socket.apply(List.of(new CreateLink(LinkSpec.of("ip0", type))));
    if (report.ok()) {
      Link link = socket.link("ip0").orElseThrow();
      assertThat(link.kind()).isEqualTo("ipip");
      assertThat(link.mac()).isEmpty();
      assertThat(link.settings()).contains(type);
    } else { // a kernel without the ipip module
      assertThat(report.failures())
          .extracting(ApplyReport.Failure::errno)
          .containsExactly(Errno.EOPNOTSUPP);
    }
  }

  @Test
  void addressesAreAddedReadAndDeleted() {
    LinkAddress four =
        new LinkAddress(
            veth,
            InterfaceAddress.parse("192.168.7.1/24"),
            Scope.GLOBAL,
            Optional.empty(),
            Optional.of(Address.parse("192.168.7.255")),
            0);
    LinkAddress peer =
        LinkAddress.of(veth, InterfaceAddress.parse("192.168.8.1/32"))
            .withPeer(Address.parse("192.168.9.9"))
            .withScope(Scope.LINK);
    LinkAddress six =
        LinkAddress.of(veth, InterfaceAddress.parse("fd00:7::1/64"))
            .withFlags(LinkAddress.NO_DUPLICATE_DETECTION);
    ok(socket.apply(List.of(new AddAddress(four), new AddAddress(peer), new AddAddress(six))));

    List<LinkAddress> read = socket.addresses().stream().map(a -> a.withFlags(0)).toList();
    assertThat(read).contains(four, peer, six.withFlags(0));
    assertThat(ip(here, "-o", "-4", "addr", "show", "dev", "v0"))
        .contains("inet 192.168.7.1/24 brd 192.168.7.255", "192.168.8.1 peer 192.168.9.9/32");

    ok(
        socket.apply(
            List.of(new DeleteAddress(four), new DeleteAddress(peer), new DeleteAddress(six))));
    assertThat(socket.addresses().stream().map(a -> a.withFlags(0)))
        .doesNotContain(four, peer, six.withFlags(0));
  }

  @Test
  void neighboursAndForwardingEntriesAreSetReadAndDeleted() {
    Neighbour four = Neighbour.permanent(veth, Address.parse("10.1.5.77"), "02:00:00:00:00:77");
    Neighbour six = Neighbour.permanent(veth, Address.parse("fd00:5::77"), "02:00:00:00:00:78");
    ok(socket.apply(List.of(new ReplaceNeighbour(four), new ReplaceNeighbour(six))));
    assertThat(socket.neighbours()).contains(four, six);
    assertThat(ip(here, "neigh", "show", "10.1.5.77")).contains("02:00:00:00:00:77 PERMANENT");
    ok(socket.apply(List.of(new DeleteNeighbour(four), new DeleteNeighbour(six))));
    assertThat(socket.neighbours()).doesNotContain(four, six);

    ok(
        socket.apply(
            List.of(
                new CreateLink(
                    LinkSpec.of("vx0", new LinkType.Vxlan(7, 4789, Optional.empty(), 0, false))))));
    int vxlan = socket.link("vx0").orElseThrow().index();
    ForwardingEntry first =
        ForwardingEntry.ofVxlan(vxlan, "00:00:00:00:00:00", Address.parse("10.1.5.11"));
    ForwardingEntry second =
        ForwardingEntry.ofVxlan(vxlan, "00:00:00:00:00:00", Address.parse("10.1.5.12"));
    ForwardingEntry third =
        ForwardingEntry.ofVxlan(vxlan, "66:00:00:00:00:12", Address.parse("10.1.5.12"));
    ok(
        socket.apply(
            List.of(
                new AppendForwarding(first),
                new AppendForwarding(second),
                new ReplaceForwarding(third))));
    assertThat(socket.forwardingEntries(vxlan)).containsExactlyInAnyOrder(first, second, third);
    ok(socket.apply(List.of(new DeleteForwarding(first), new DeleteForwarding(third))));
    assertThat(socket.forwardingEntries(vxlan)).containsExactly(second);
  }

  @Test
  void rulesAreAddedReadAndDeleted() {
    List<Rule> before = socket.rules();
    Rule plain = Rule.lookup(AddressFamily.IPV4, 100, 4242).withFrom(prefix("10.244.0.0/16"));
    Rule marked =
        Rule.lookup(AddressFamily.IPV6, 101, 100)
            .withTo(prefix("fd00::/8"))
            .withMark(0x10, 0xf0)
            .withProtocol(77);
    ok(socket.apply(List.of(new AddRule(plain), new AddRule(marked))));
    assertThat(socket.rules()).hasSize(before.size() + 2).contains(plain, marked);
    assertThat(ip(here, "rule")).contains("100:\tfrom 10.244.0.0/16 lookup 4242");
    ok(socket.apply(List.of(new DeleteRule(plain), new DeleteRule(marked))));
    assertThat(socket.rules()).isEqualTo(before);
  }

  @Test
  void namespacesDoNotSeeEachOther() {
    NetworkNamespace there = namespaces.fresh();
    try (RouteSocket other = RouteSocket.open(there)) {
      ok(
          other.apply(
              List.of(new AddRoute(Route.blackhole(prefix("10.66.0.0/16")).withProtocol(77)))));
      assertThat(ours()).isEmpty();
      assertThat(other.link("v0")).isEmpty();
    }
    try (RouteSocket mine = RouteSocket.open()) {
      assertThat(mine.routes(RouteSelection.ALL.withProtocol(77)))
          .doesNotContain(Route.blackhole(prefix("10.66.0.0/16")).withProtocol(77));
    }
  }

  @Test
  void aHundredThousandRoutesComeAndGo() {
    List<Change> add = new ArrayList<>();
    List<Change> delete = new ArrayList<>();
    HashSet<Route> wanted = new HashSet<>();
    Address gateway = Address.parse("10.1.5.11");
    for (int i = 0; i < 100_000; i++) {
      Route route =
          Route.via(new Ipv4Address(0x0b00_0000 + i).toPrefix(), gateway, veth).withProtocol(77);
      wanted.add(route);
      add.add(new AddRoute(route));
      delete.add(new DeleteRoute(route));
    }
    ok(socket.apply(add));
    List<Route> read = ours();
    assertThat(read).hasSize(100_000);
    assertThat(new HashSet<>(read)).isEqualTo(wanted);
    ok(socket.apply(delete));
    assertThat(ours()).isEmpty();
  }
}
