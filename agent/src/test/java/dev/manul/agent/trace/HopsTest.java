package dev.manul.agent.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Address;
import dev.manul.model.FlowExplanation.Half;
import dev.manul.model.NodeTrace;
import dev.manul.model.NodeTrace.Hop;
import dev.manul.model.Prefix;
import dev.manul.netlink.Errno;
import dev.manul.netlink.Link;
import dev.manul.netlink.NextHop;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteAnswer;
import dev.manul.policy.explanation.Flow;
import dev.manul.routes.Decision;
import dev.manul.routes.Underlay;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a leg comes to when one thing of it is not as it should be. */
class HopsTest {
  private static final Address FROM = Address.parse("10.244.1.2");
  private static final Address TO = Address.parse("10.244.2.3");
  private static final Link POD = link(5, "cali1", "veth", 1450, true);
  private static final Link NIC = link(2, "eth0", "", 1500, true);
  private static final Link TUNNEL = link(3, "vxlan.calico", "vxlan", 1450, true);
  private static final OtherNode OTHER = new OtherNode("b", Address.parse("10.1.6.11"), 64512);
  private static final Route WANTED =
      Route.of(
              Prefix.parse("10.244.2.0/26"),
              dev.manul.netlink.RouteType.UNICAST,
              List.of(NextHop.onlinkVia(Address.parse("10.244.2.1"), 3)))
          .withProtocol(77);
  private static final Flow FLOW = new Flow(FROM, TO, Flow.ICMP, 0, 0, 8, 0);

  /** A leg of which one part after the other can be put wrong. */
  private static final class Sketch {
    private Link pod = POD;
    private Link tunnel = TUNNEL;
    private Link nic = NIC;
    private RouteAnswer answer = new RouteAnswer.Taken(WANTED);
    private RouteAnswer outer = new RouteAnswer.Taken(Route.onLink(Prefix.parse("10.1.6.0/24"), 2));
    private RouteAnswer wayBack = new RouteAnswer.Taken(Route.onLink(FROM.toPrefix(), POD.index()));
    private final Map<String, String> settings =
        new HashMap<>(Map.of("ipv4/ip_forward", "1", "ipv4/conf/all/rp_filter", "0"));
    private List<String> filter = List.of("-P FORWARD ACCEPT");
    private String policy = "allowed";
    private PodSight inside =
        new PodSight.Seen(
            "eth0", true, 1450, new RouteAnswer.Taken(Route.onLink(Prefix.parse("0.0.0.0/0"), 2)));

    Leg leg() {
      return new Leg(
          NodeTrace.THERE,
          FROM,
          TO,
          Optional.of(new PodEnd("cali1", Optional.ofNullable(pod), inside)),
          Optional.empty(),
          Optional.of(OTHER),
          Optional.of(new Decision.Install(WANTED, Optional.empty())),
          Optional.ofNullable(pod),
          Optional.ofNullable(answer),
          Optional.of(wayBack),
          Optional.of(nic),
          Optional.of(outer),
          Optional.empty(),
          BgpSight.NOTHING,
          List.of(
              new Half(
                  "egress",
                  FROM.text(),
                  "x",
                  policy,
                  "a profile",
                  List.of(),
                  "",
                  "",
                  "",
                  "",
                  List.of())),
          Map.of("iptables-nft", filter),
          settings,
          Underlay.of(
              java.util.stream.Stream.of(pod, tunnel, nic)
                  .filter(java.util.Objects::nonNull)
                  .toList(),
              List.of(),
              List.of()));
    }

    /** The first hop that is broken. */
    Hop broken() {
      return hops().stream()
          .filter(hop -> hop.status().equals(NodeTrace.BROKEN))
          .findFirst()
          .orElseThrow();
    }

    List<Hop> hops() {
      return Tracing.hops(leg(), FLOW);
    }
  }

  private static Link link(int index, String name, String kind, int mtu, boolean up) {
    return new Link(
        index, name, kind, mtu, up, up, false, Optional.empty(), 0, 0, Optional.empty());
  }

  @Test
  void aLegWithoutFaultIsOk() {
    assertThat(new Sketch().hops())
        .allSatisfy(hop -> assertThat(hop.status()).as(hop.toString()).isEqualTo(NodeTrace.OK));
    assertThat(new Sketch().hops())
        .extracting(Hop::name)
        .containsExactly(
            "pod-interface",
            "host-interface",
            "ip-forward",
            "reverse-path",
            "policy",
            "iptables-forward",
            "bgp-session",
            "bgp-route",
            "tunnel-device",
            "kernel-route",
            "pool-mode",
            "underlay",
            "mtu");
  }

  @Test
  void thePodsInterface() {
    Sketch sketch = new Sketch();
    sketch.inside = new PodSight.Addressless();
    assertThat(sketch.broken().summary())
        .isEqualTo("no interface in the pod has the address 10.244.1.2");
    sketch.inside =
        new PodSight.Seen("eth0", true, 1450, new RouteAnswer.Refused(Errno.ENETUNREACH));
    assertThat(sketch.broken().summary()).contains("no route of the pod leads");
    sketch.inside = new PodSight.Seen("eth0", false, 1450, sketch.answer);
    assertThat(sketch.broken().summary()).isEqualTo("eth0 in the pod is down");
  }

  @Test
  void theHostsInterface() {
    Sketch sketch = new Sketch();
    sketch.pod = link(5, "cali1", "veth", 1450, false);
    sketch.answer = null;
    assertThat(sketch.broken().name()).isEqualTo("host-interface");
    assertThat(sketch.broken().summary()).startsWith("cali1 is down");
    sketch.pod = null;
    assertThat(sketch.broken().summary()).contains("is not there");
  }

  @Test
  void forwarding() {
    Sketch sketch = new Sketch();
    sketch.answer = new RouteAnswer.Refused(Errno.EHOSTUNREACH);
    sketch.settings.put("ipv4/conf/cali1/forwarding", "0");
    assertThat(sketch.broken().summary()).startsWith("net.ipv4.conf.cali1.forwarding is 0");
    sketch.settings.put("ipv4/ip_forward", "0");
    assertThat(sketch.broken().summary()).startsWith("net.ipv4.ip_forward is 0");
  }

  @Test
  void reversePathFiltering() {
    Sketch sketch = new Sketch();
    sketch.answer = new RouteAnswer.Refused(Errno.EXDEV);
    sketch.settings.put("ipv4/conf/cali1/rp_filter", "1");
    assertThat(sketch.broken().name()).isEqualTo("reverse-path");
    assertThat(sketch.broken().summary()).contains("net.ipv4.conf.cali1.rp_filter=1");
    sketch.answer = new RouteAnswer.Refused(Errno.EINVAL);
    assertThat(sketch.broken().name()).as("a blackhole, perhaps").isNotEqualTo("reverse-path");
    sketch.wayBack = new RouteAnswer.Taken(Route.onLink(FROM.toPrefix(), NIC.index()));
    assertThat(sketch.broken().name()).isEqualTo("reverse-path");
  }

  @Test
  void policyAndPacketFilter() {
    Sketch sketch = new Sketch();
    sketch.filter = List.of("-P FORWARD ACCEPT", "-A FORWARD -d 10.244.2.3/32 -j DROP");
    assertThat(sketch.broken().summary())
        .isEqualTo("iptables-nft: dropped by -A FORWARD -d 10.244.2.3/32 -j DROP");
    sketch.policy = "denied";
    assertThat(sketch.broken().summary()).isEqualTo("denied, egress: a profile");
  }

  @Test
  void theRoute() {
    Sketch sketch = new Sketch();
    sketch.answer = new RouteAnswer.Taken(Route.onLink(Prefix.parse("0.0.0.0/0"), 2));
    assertThat(sketch.hops())
        .filteredOn(hop -> hop.name().equals("kernel-route"))
        .singleElement()
        .satisfies(
            hop ->
                assertThat(hop.summary())
                    .startsWith("no route to the pod: only the default route")
                    .contains("wanted is 10.244.2.0/26 via 10.244.2.1 dev vxlan.calico"));
    assertThat(sketch.broken().name())
        .as("without a session nobody tells of the route")
        .isEqualTo("bgp-session");
  }

  @Test
  void theModeOfThePool() {
    Sketch sketch = new Sketch();
    sketch.answer =
        new RouteAnswer.Taken(
            Route.via(Prefix.parse("10.244.2.0/26"), OTHER.address(), 2).withProtocol(77));
    assertThat(sketch.broken().name()).isEqualTo("pool-mode");
    assertThat(sketch.broken().summary())
        .contains(
            "in VXLAN by vxlan.calico to 10.244.2.1", "sends them directly by eth0 to 10.1.6.11");
  }

  @Test
  void theTunnelsDevice() {
    Sketch sketch = new Sketch();
    sketch.tunnel = link(3, "vxlan.calico", "vxlan", 1450, false);
    assertThat(sketch.broken().name()).isEqualTo("tunnel-device");
  }

  @Test
  void theLengthOfPackets() {
    Sketch sketch = new Sketch();
    sketch.nic = link(2, "eth0", "", 1400, true);
    assertThat(sketch.broken().name()).isEqualTo("mtu");
    assertThat(sketch.broken().mtu()).isEqualTo(1350);
    assertThat(sketch.broken().summary()).contains("eth0 takes 1400 with 50 of vxlan.calico");
  }

  @Test
  void theWayToTheOtherNode() {
    Sketch sketch = new Sketch();
    sketch.outer = new RouteAnswer.Refused(Errno.ENETUNREACH);
    assertThat(sketch.broken().name()).isEqualTo("underlay");
  }
}
