package dev.manul.routes;

import static dev.manul.model.AddressFamily.IPV4;
import static dev.manul.model.AddressFamily.IPV6;
import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.model.EncapsulationMode.CROSS_SUBNET;
import static dev.manul.model.EncapsulationMode.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.InterfaceAddress;
import dev.manul.model.Prefix;
import dev.manul.netlink.Link;
import dev.manul.netlink.Route;
import dev.manul.routes.RouteIssue.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteCalculationTest {

  private static final String NO_ISSUE = "";

  private static NodeView clusterView() {
    Sketch.View view =
        Sketch.view()
            .pools(
                Sketch.pool("10.244.0.0/16", ALWAYS),
                Sketch.pool("10.245.0.0/16", CROSS_SUBNET),
                Sketch.pool("10.246.0.0/16", NEVER),
                Sketch.pool("10.247.0.0/16", NEVER, ALWAYS),
                Sketch.pool("10.248.0.0/16", NEVER, CROSS_SUBNET),
                Sketch.pool("fd00:12::/48", NEVER, ALWAYS),
                Sketch.pool("fd00:10::/48", NEVER),
                Sketch.pool("fd00:11::/48", ALWAYS))
            .own("10.244.1.0/26", "10.244.2.7/32", "fd00:10:0:1::/122")
            .workload("10.244.1.5/32", "cali1")
            .workload("10.244.1.6/32", "cali2")
            .workload("10.244.2.7/32", "cali1")
            .workload("fd00:10:0:1::5/128", "cali1")
            .tunnelAddress("10.244.9.0")
            .vxlan(IPV4, "10.247.9.1", "10.1.5.10 10.247.5.1", "10.1.8.10 10.247.8.1")
            .vxlan(IPV6, "fd00:12::1", "2001:db8:8::10 fd00:12:8::1");
    view.nodes.addAll(
        List.of(
            Sketch.address("10.1.5.10"),
            Sketch.address("10.1.8.10"),
            Sketch.address("10.1.8.11"),
            Sketch.address("10.1.5.11")));
    return view.get();
  }

  private static RouteCalculation calculation(Underlay underlay, NodeView view) {
    return new RouteCalculation(underlay, view, ProgrammerOptions.DEFAULT);
  }

  private static String text(Decision decision) {
    return decision.wanted().map(route -> route.text(Sketch::linkName)).orElse("none");
  }

  private static String reason(Decision decision) {
    return decision.issue().map(issue -> issue.reason().name()).orElse(NO_ISSUE);
  }

  @ParameterizedTest(name = "{0} by {1}: {2} {3}")
  @CsvSource(
      nullValues = "-",
      delimiter = '|',
      textBlock =
          """
          # pool in mode Always: the tunnel, whatever the subnet
          10.244.0.0/26   | 10.1.5.10         | 10.244.0.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink | ''
          10.244.0.128/26 | 10.1.8.10         | 10.244.0.128/26 via 10.1.8.10 dev tunl0 proto 77 onlink | ''
          # a borrowed address inside an own block is more specific than its blackhole
          10.244.1.9/32   | 10.1.8.10         | 10.244.1.9 via 10.1.8.10 dev tunl0 proto 77 onlink | ''
          # the tunnel's other end ought to be a node
          10.244.7.0/26   | 10.1.8.99         | 10.244.7.0/26 via 10.1.8.99 dev tunl0 proto 77 onlink | TUNNEL_END_UNKNOWN
          # CrossSubnet: by the subnet
          10.245.0.0/26   | 10.1.5.10         | 10.245.0.0/26 via 10.1.5.10 dev eth0 proto 77 | ''
          10.245.0.128/26 | 10.1.8.10         | 10.245.0.128/26 via 10.1.8.10 dev tunl0 proto 77 onlink | ''
          10.245.0.192/26 | 10.1.5.10 10.1.8.10 | 10.245.0.192/26 proto 77 nexthop via 10.1.5.10 dev eth0 weight 1 nexthop via 10.1.8.10 dev tunl0 weight 1 onlink | ''
          # Never: direct, or through the router, which may not know
          10.246.0.0/26   | 10.1.5.10         | 10.246.0.0/26 via 10.1.5.10 dev eth0 proto 77 | ''
          10.246.0.128/26 | 10.1.8.10         | 10.246.0.128/26 via 10.1.5.1 dev eth0 proto 77 | BLOCKS_UNREACHABLE
          10.246.0.192/26 | 10.1.5.12 10.1.5.10 | 10.246.0.192/26 proto 77 nexthop via 10.1.5.10 dev eth0 weight 1 nexthop via 10.1.5.12 dev eth0 weight 1 | ''
          10.246.1.0/26   | 10.1.8.10 10.1.8.11 | 10.246.1.0/26 via 10.1.5.1 dev eth0 proto 77 | BLOCKS_UNREACHABLE
          # outside all pools: as learned, and no doubt about routers
          172.16.0.0/12   | 10.1.5.1          | 172.16.0.0/12 via 10.1.5.1 dev eth0 proto 77 | ''
          172.16.0.0/12   | 10.1.8.10         | 172.16.0.0/12 via 10.1.5.1 dev eth0 proto 77 | ''
          0.0.0.0/0       | 10.1.5.254        | default via 10.1.5.254 dev eth0 proto 77 | ''
          10.0.0.0/8      | 10.1.5.10         | 10.0.0.0/8 via 10.1.5.10 dev eth0 proto 77 | ''
          # VXLAN Always: by the other device's own address
          10.247.0.0/26   | 10.1.5.10         | 10.247.0.0/26 via 10.247.5.1 dev vxlan.calico proto 77 onlink | ''
          10.247.0.64/26  | 10.1.8.10         | 10.247.0.64/26 via 10.247.8.1 dev vxlan.calico proto 77 onlink | ''
          10.247.0.128/26 | 10.1.5.10 10.1.8.10 | 10.247.0.128/26 proto 77 nexthop via 10.247.5.1 dev vxlan.calico weight 1 onlink nexthop via 10.247.8.1 dev vxlan.calico weight 1 onlink | ''
          10.247.0.128/26 | 10.1.5.10 10.1.8.11 | 10.247.0.128/26 via 10.247.5.1 dev vxlan.calico proto 77 onlink | TUNNEL_END_NOT_READY
          10.247.0.192/26 | 10.1.8.11         | none | TUNNEL_END_NOT_READY
          10.247.3.0/26   | 10.1.5.11         | none | NEXT_HOP_IS_SELF
          # VXLAN CrossSubnet: by the subnet
          10.248.0.0/26   | 10.1.5.10         | 10.248.0.0/26 via 10.1.5.10 dev eth0 proto 77 | ''
          10.248.0.64/26  | 10.1.8.10         | 10.248.0.64/26 via 10.247.8.1 dev vxlan.calico proto 77 onlink | ''
          10.248.0.128/26 | 10.1.8.11         | none | TUNNEL_END_NOT_READY
          # what is learned of a tunnel's own end is of no use
          10.247.5.1/32   | 10.1.8.10         | none | LOCAL
          # IPv6 has a device of its own, which is down here
          fd00:12::/122   | 2001:db8:8::10    | none | TUNNEL_DEVICE_MISSING
          # IPv6 goes direct; there is no IP-in-IP for it
          fd00:10::/122   | 2001:db8:5::10    | fd00:10::/122 via 2001:db8:5::10 dev eth0 proto 77 metric 1024 | ''
          fd00:10::100/122 | 2001:db8:8::10   | fd00:10::100/122 via 2001:db8:5::1 dev eth0 proto 77 metric 1024 | BLOCKS_UNREACHABLE
          fd00:99::/64    | 2001:db8:8::10    | fd00:99::/64 via 2001:db8:5::1 dev eth0 proto 77 metric 1024 | ''
          fd00:11::/122   | 2001:db8:5::10    | none | IPIP_NOT_FOR_IPV6
          fd00:10::200/122 | fe80::1          | none | NEXT_HOP_UNREACHABLE
          # own blocks and workloads win
          10.244.1.0/26   | 10.1.5.10         | none | LOCAL
          10.244.1.5/32   | 10.1.8.10         | none | LOCAL
          fd00:10:0:1::5/128 | 2001:db8:5::10 | none | LOCAL
          # this host is no next hop for itself
          10.244.3.0/26   | 10.1.5.11         | none | NEXT_HOP_IS_SELF
          10.246.3.0/26   | 10.1.5.11         | none | NEXT_HOP_IS_SELF
          10.246.3.0/26   | 10.1.5.11 10.1.5.10 | 10.246.3.0/26 via 10.1.5.10 dev eth0 proto 77 | NEXT_HOP_IS_SELF
          """)
  void learnedRoute(String prefix, String nextHops, String route, String issue) {
    RouteCalculation calculation = calculation(Sketch.underlay(), clusterView());

    Decision decision = calculation.learned(Sketch.learned(prefix, nextHops.split(" ")));

    assertThat(text(decision)).isEqualTo(route);
    assertThat(reason(decision)).isEqualTo(issue);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          10.244.1.0/26      | blackhole 10.244.1.0/26 proto 77 | ''
          10.244.1.5/32      | 10.244.1.5 dev cali1 proto 77 scope link | ''
          10.244.1.6/32      | none | WORKLOAD_LINK_MISSING
          10.244.2.7/32      | 10.244.2.7 dev cali1 proto 77 scope link | ''
          fd00:10:0:1::/122  | blackhole fd00:10:0:1::/122 proto 77 metric 1024 | ''
          fd00:10:0:1::5/128 | fd00:10:0:1::5 dev cali1 proto 77 metric 1024 | ''
          10.247.5.1/32      | 10.247.5.1 dev vxlan.calico proto 77 scope link | ''
          10.247.8.1/32      | 10.247.8.1 dev vxlan.calico proto 77 scope link | ''
          """)
  void localRoute(String prefix, String route, String issue) {
    RouteCalculation calculation = calculation(Sketch.underlay(), clusterView());

    Decision decision = calculation.local().get(Prefix.parse(prefix));

    assertThat(text(decision)).isEqualTo(route);
    assertThat(reason(decision)).isEqualTo(issue);
  }

  @Test
  void blockOfOneAddressHasNoBlackhole() {
    NodeView view = Sketch.view().own("10.244.2.7/32").get();

    Decision decision =
        calculation(Sketch.underlay(), view).local().get(Prefix.parse("10.244.2.7/32"));

    assertThat(decision.wanted()).isEmpty();
    assertThat(decision.issue().orElseThrow().reason().isTrouble()).isFalse();
  }

  @Test
  void whatIsInARangeOfServicesIsLeftToTheirProxy() {
    RouteCalculation calculation =
        calculation(Sketch.underlay(), Sketch.view().leftAlone("10.96.0.0/12").get());

    for (String prefix : List.of("10.96.0.0/12", "10.96.0.10/32")) {
      Decision decision = calculation.learned(Sketch.learned(prefix, "10.1.5.10"));
      assertThat(decision.wanted()).as(prefix).isEmpty();
      assertThat(decision.issue().orElseThrow().reason()).isEqualTo(Reason.LEFT_ALONE);
      assertThat(decision.issue().orElseThrow().reason().isTrouble()).isFalse();
    }
    assertThat(text(calculation.learned(Sketch.learned("10.0.0.0/8", "10.1.5.10"))))
        .isEqualTo("10.0.0.0/8 via 10.1.5.10 dev eth0 proto 77");
  }

  @Test
  void aPeerIsReachedByTheGatewayGivenForIt() {
    NodeView view = Sketch.view().host("192.0.2.1", "10.1.5.10").get();
    RouteCalculation calculation = calculation(Sketch.underlay(), view);

    assertThat(text(calculation.local().get(Prefix.parse("192.0.2.1/32"))))
        .isEqualTo("192.0.2.1 via 10.1.5.10 dev eth0 proto 77");
    assertThat(text(calculation.learned(Sketch.learned("198.51.100.0/24", "192.0.2.1"))))
        .as("what it announces goes the same way")
        .isEqualTo("198.51.100.0/24 via 10.1.5.10 dev eth0 proto 77");
    assertThat(calculation.isLocal(Prefix.parse("192.0.2.1/32"))).isTrue();
  }

  @Test
  void aGatewayThatIsOnNoLinkIsNamed() {
    NodeView view = Sketch.view().host("192.0.2.1", "192.0.2.254").get();

    Decision decision =
        calculation(Sketch.underlay(), view).local().get(Prefix.parse("192.0.2.1/32"));

    assertThat(decision.wanted()).isEmpty();
    assertThat(decision.issue().orElseThrow().message())
        .isEqualTo("192.0.2.1 is to be reached by 192.0.2.254, which is on no link of this host");
  }

  @Test
  void aPodThatSpeaksBgpIsANeighbourInEveryMode() {
    NodeView view =
        Sketch.view()
            .pools(Sketch.pool("10.244.0.0/16", ALWAYS))
            .own("10.244.1.0/26")
            .workload("10.244.1.5/32", "cali1")
            .get();
    RouteCalculation calculation = calculation(Sketch.underlay(), view);

    assertThat(text(calculation.learned(Sketch.learned("198.51.100.0/24", "10.244.1.5"))))
        .isEqualTo("198.51.100.0/24 via 10.244.1.5 dev cali1 proto 77 onlink");
    assertThat(text(calculation.learned(Sketch.learned("10.244.7.0/26", "10.244.1.5"))))
        .isEqualTo("10.244.7.0/26 via 10.244.1.5 dev cali1 proto 77 onlink");
  }

  @Test
  void aPodOnABridgeIsReachedByTheSubnetOfThat() {
    NodeView view =
        Sketch.view()
            .pools(Sketch.pool("10.244.0.0/16", NEVER))
            .own("10.244.1.0/26")
            .workload("10.244.1.0/26", "cni0")
            .workload("10.244.1.5/32", "cali9")
            .get();
    List<Link> links =
        List.of(
            Sketch.link(Sketch.ETH0, "eth0", "", 1500, true),
            Sketch.link(20, "cni0", "bridge", 1500, true),
            new Link(
                21,
                "cali9",
                "veth",
                1500,
                true,
                true,
                false,
                Optional.empty(),
                20,
                0,
                Optional.empty()));
    RouteCalculation calculation = calculation(Underlay.of(links, List.of(), List.of()), view);

    assertThat(calculation.local(Sketch.prefix("10.244.1.0/26")))
        .isInstanceOfSatisfying(
            Decision.Install.class,
            install -> assertThat(install.route().nextHops().getFirst().linkIndex()).isEqualTo(20));
    assertThat(reason(calculation.local(Sketch.prefix("10.244.1.5/32")))).isEqualTo("LOCAL");
  }

  @Test
  void silentGatewayIsNamed() {
    NodeView view = Sketch.view().pools(Sketch.pool("10.244.0.0/16", NEVER)).get();

    Decision decision =
        calculation(Sketch.underlay(), view)
            .learned(Sketch.learned("10.244.0.128/26", "10.1.8.10"));

    assertThat(decision.issue().orElseThrow().message())
        .isEqualTo(
            "10.244.0.128/26 via 10.1.8.10 is behind gateway 10.1.5.1, which does not speak BGP"
                + " with this node; in mode Never it can only work if that router knows the"
                + " block");
  }

  @Test
  void gatewayThatSpeaksIsTrusted() {
    Sketch.View view = Sketch.view().pools(Sketch.pool("10.244.0.0/16", NEVER));
    view.speaking = Set.of(Sketch.address("10.1.5.1"));

    Decision decision =
        calculation(Sketch.underlay(), view.get())
            .learned(Sketch.learned("10.244.0.128/26", "10.1.8.10"));

    assertThat(text(decision)).isEqualTo("10.244.0.128/26 via 10.1.5.1 dev eth0 proto 77");
    assertThat(decision.issue()).isEmpty();
  }

  @Test
  void addressOfFullLengthDoesNotMakeStrangersOfNeighbours() {
    Sketch.View view = Sketch.view().pools(Sketch.pool("10.245.0.0/16", CROSS_SUBNET));
    view.ipv4 = Optional.of(InterfaceAddress.parse("10.1.5.11/32"));
    Underlay underlay =
        Underlay.of(Sketch.links(), List.of(Sketch.on(2, "10.1.5.11/32")), Sketch.foreign());

    Decision decision =
        calculation(underlay, view.get()).learned(Sketch.learned("10.245.0.0/26", "10.1.5.10"));

    assertThat(text(decision)).isEqualTo("10.245.0.0/26 via 10.1.5.10 dev eth0 proto 77");
  }

  @Test
  void subnetOfTheNodeCountsWhereNoRouteSaysSo() {
    NodeView view = Sketch.view().pools(Sketch.pool("10.245.0.0/16", CROSS_SUBNET)).get();
    Underlay underlay =
        Underlay.of(
            Sketch.links(),
            Sketch.addresses(),
            List.of(Sketch.through("0.0.0.0/0", "10.1.5.1", Sketch.ETH0)));

    Decision decision =
        calculation(underlay, view).learned(Sketch.learned("10.245.0.0/26", "10.1.5.10"));

    assertThat(text(decision)).isEqualTo("10.245.0.0/26 via 10.1.5.10 dev eth0 proto 77 onlink");
  }

  @Test
  void moreSpecificRouteThroughRouterBeatsTheSubnet() {
    NodeView view = Sketch.view().pools(Sketch.pool("10.245.0.0/16", CROSS_SUBNET)).get();
    List<Route> routes = new ArrayList<>(Sketch.foreign());
    routes.add(Sketch.through("10.1.5.10/32", "10.1.5.1", Sketch.ETH0));
    Underlay underlay = Underlay.of(Sketch.links(), Sketch.addresses(), routes);

    Decision decision =
        calculation(underlay, view).learned(Sketch.learned("10.245.0.0/26", "10.1.5.10"));

    assertThat(text(decision)).isEqualTo("10.245.0.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink");
  }

  @ParameterizedTest
  @CsvSource({"gone,", "other,dummy"})
  void withoutTunnelDeviceThereIsNoRouteAndAReason(String what, String kind) {
    List<Link> links = new ArrayList<>(Sketch.links());
    links.removeIf(link -> link.name().equals("tunl0"));
    if (kind != null) {
      links.add(Sketch.link(Sketch.TUNL0, "tunl0", kind, 1480, true));
    }
    Underlay underlay = Underlay.of(links, Sketch.addresses(), Sketch.foreign());

    Decision decision =
        calculation(underlay, clusterView()).learned(Sketch.learned("10.244.0.0/26", "10.1.5.10"));

    assertThat(what).isNotEmpty();
    assertThat(reason(decision)).isEqualTo(Reason.TUNNEL_DEVICE_MISSING.name());
    assertThat(decision.wanted()).isEmpty();
  }

  @Test
  void nextHopResolvedThroughSeveralRoutersUsesAll() {
    List<Route> routes =
        List.of(
            Sketch.connected("10.1.5.0/24", Sketch.ETH0),
            Route.multipath(
                Sketch.prefix("10.1.8.0/24"),
                List.of(
                    dev.manul.netlink.NextHop.via(Sketch.address("10.1.5.2"), Sketch.ETH0),
                    dev.manul.netlink.NextHop.via(Sketch.address("10.1.5.1"), Sketch.ETH0))));
    Underlay underlay = Underlay.of(Sketch.links(), Sketch.addresses(), routes);

    Decision decision =
        calculation(underlay, clusterView()).learned(Sketch.learned("10.246.0.0/26", "10.1.8.10"));

    assertThat(text(decision))
        .isEqualTo(
            "10.246.0.0/26 proto 77 nexthop via 10.1.5.1 dev eth0 weight 1"
                + " nexthop via 10.1.5.2 dev eth0 weight 1");
  }

  @Test
  void unreachableNextHopHasNoRouteAndAReason() {
    Underlay underlay =
        Underlay.of(
            Sketch.links(),
            Sketch.addresses(),
            List.of(Sketch.connected("10.1.5.0/24", Sketch.ETH0)));

    Decision decision =
        calculation(underlay, clusterView()).learned(Sketch.learned("10.246.0.0/26", "10.1.8.10"));

    assertThat(decision.wanted()).isEmpty();
    assertThat(decision.issue().orElseThrow().message())
        .isEqualTo("10.246.0.0/26: next hop 10.1.8.10 cannot be reached: no route leads to it");
  }

  @Test
  void lowerMetricWinsAmongRoutesToOnePrefix() {
    Underlay underlay =
        Underlay.of(
            Sketch.links(),
            Sketch.addresses(),
            List.of(
                Sketch.connected("10.1.5.0/24", Sketch.ETH0),
                Sketch.through("0.0.0.0/0", "10.1.5.2", Sketch.ETH0).withMetric(100),
                Sketch.through("0.0.0.0/0", "10.1.5.1", Sketch.ETH0).withMetric(20)));

    assertThat(underlay.resolve(Sketch.address("10.1.8.10")))
        .isInstanceOfSatisfying(
            Reach.Behind.class,
            behind ->
                assertThat(behind.gateways().getFirst().gateway())
                    .contains(Sketch.address("10.1.5.1")));
  }
}
