package dev.manul.routes;

import static dev.manul.model.AddressFamily.IPV4;
import static dev.manul.model.AddressFamily.IPV6;
import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.model.EncapsulationMode.CROSS_SUBNET;
import static dev.manul.model.EncapsulationMode.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.AddressFamily;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkSpec;
import dev.manul.netlink.LinkType;
import dev.manul.netlink.LinkUpdate;
import dev.manul.routes.RouteIssue.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VxlanPlanTest {

  private static final String MAC = "66:10:f5:eb:e6:ac"; // 66 and the SHA-1 of "worker"

  private static final LinkType.Vxlan TYPE =
      new LinkType.Vxlan(4096, 4789, Optional.of(Sketch.address("10.1.5.11")), Sketch.ETH0, false);

  private static Link device(LinkType.Vxlan type, int mtu, boolean up, String mac) {
    return new Link(
        Sketch.VXLAN,
        "vxlan.calico",
        "vxlan",
        mtu,
        up,
        up,
        false,
        Optional.of(mac),
        0,
        0,
        Optional.of(type));
  }

  private static Underlay underlay(List<Link> devices, LinkAddress... further) {
    List<Link> links =
        new ArrayList<>(
            Sketch.links().stream().filter(link -> !link.kind().equals("vxlan")).toList());
    links.addAll(devices);
    List<LinkAddress> addresses = new ArrayList<>(Sketch.addresses());
    addresses.addAll(List.of(further));
    return Underlay.of(links, addresses, Sketch.foreign());
  }

  private static Sketch.View view() {
    return Sketch.view()
        .pools(Sketch.pool("10.247.0.0/16", NEVER, CROSS_SUBNET))
        .vxlan(IPV4, "10.247.9.1");
  }

  private static VxlanPlan plan(AddressFamily family, Underlay underlay, NodeView view) {
    return VxlanPlan.of(family, underlay, view, true, true);
  }

  @ParameterizedTest
  @CsvSource({
    "worker, IPV4, 66:10:f5:eb:e6:ac",
    "worker, IPV6, 66:75:48:5d:c8:30",
  })
  void hardwareAddressesAreDerivedAsCalicoDoes(String node, AddressFamily family, String mac) {
    assertThat(VxlanTunnel.derivedMac(node, family)).isEqualTo(mac);
  }

  @Test
  void aDeviceThatIsNotThereIsMadeWhole() {
    VxlanPlan plan = plan(IPV4, underlay(List.of()), view().get());

    assertThat(plan.before())
        .containsExactly(
            new Change.CreateLink(LinkSpec.of("vxlan.calico", TYPE).withMtu(1450).withMac(MAC)));
    assertThat(plan.after()).isEmpty();
    assertThat(plan.issue()).isEmpty();
  }

  @Test
  void ipv6HasADeviceOfItsOwnAndALongerHeader() {
    NodeView view =
        Sketch.view()
            .pools(Sketch.pool("fd00:12::/48", NEVER, ALWAYS))
            .vxlan(IPV6, "fd00:12::1")
            .get();
    var type =
        new LinkType.Vxlan(
            4096, 4789, Optional.of(Sketch.address("2001:db8:5::11")), Sketch.ETH0, false);

    assertThat(plan(IPV6, underlay(List.of()), view).before())
        .containsExactly(
            new Change.CreateLink(
                LinkSpec.of("vxlan-v6.calico", type).withMtu(1430).withMac("66:75:48:5d:c8:30")));
    assertThat(plan(IPV4, underlay(List.of()), view).before()).isEmpty();
  }

  @Test
  void whatALivingDeviceLacksIsPutRight() {
    LinkAddress stranger = Sketch.on(Sketch.VXLAN, "10.247.7.7/32");
    Underlay underlay = underlay(List.of(device(TYPE, 1400, false, "66:00:00:00:00:01")), stranger);

    VxlanPlan plan = plan(IPV4, underlay, view().get());

    assertThat(plan.before())
        .containsExactly(
            new Change.SetLink(
                Sketch.VXLAN, LinkUpdate.NOTHING.withMtu(1450).withMac(MAC).withUp(true)),
            new Change.AddAddress(Sketch.on(Sketch.VXLAN, "10.247.9.1/32")));
    assertThat(plan.after()).containsExactly(new Change.DeleteAddress(stranger));
  }

  /** As on the device of IP-in-IP: IPv4 gives no link an address by itself. */
  @Test
  void aLinkLocalAddressOfIpv4IsAStranger() {
    LinkAddress stranger = Sketch.on(Sketch.VXLAN, "169.254.7.7/32");
    Underlay underlay =
        underlay(
            List.of(device(TYPE, 1450, true, MAC)),
            Sketch.on(Sketch.VXLAN, "10.247.9.1/32"),
            stranger);

    VxlanPlan plan = plan(IPV4, underlay, view().get());

    assertThat(plan.after()).containsExactly(new Change.DeleteAddress(stranger));
  }

  @Test
  void aDeviceThatIsRightIsLeftAlone() {
    Underlay underlay =
        underlay(
            List.of(device(TYPE, 1450, true, MAC)),
            Sketch.on(Sketch.VXLAN, "10.247.9.1/32"),
            Sketch.on(Sketch.VXLAN, "fe80::1/64"));

    VxlanPlan plan = plan(IPV4, underlay, view().get());

    assertThat(plan).isEqualTo(new VxlanPlan(List.of(), List.of(), Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({
    "4097, 4789, 10.1.5.11, 2, false",
    "4096, 8472, 10.1.5.11, 2, false",
    "4096, 4789, 10.1.5.12, 2, false",
    "4096, 4789, 10.1.5.11, 9, false",
    "4096, 4789, 10.1.5.11, 2, true",
  })
  void whatCannotBeChangedMakesItAnew(
      int vni, int port, String local, int parent, boolean learning) {
    var other = new LinkType.Vxlan(vni, port, Optional.of(Sketch.address(local)), parent, learning);

    VxlanPlan plan = plan(IPV4, underlay(List.of(device(other, 1450, true, MAC))), view().get());

    assertThat(plan.before())
        .containsExactly(
            new Change.DeleteLink(Sketch.VXLAN),
            new Change.CreateLink(LinkSpec.of("vxlan.calico", TYPE).withMtu(1450).withMac(MAC)));
  }

  @Test
  void settingsOfTheClusterCount() {
    Sketch.View view = view();
    view.vxlan.put(
        IPV4, new VxlanTunnel(7, 8472, OptionalInt.of(1400), Optional.empty(), MAC, Map.of()));
    var type =
        new LinkType.Vxlan(7, 8472, Optional.of(Sketch.address("10.1.5.11")), Sketch.ETH0, false);

    assertThat(plan(IPV4, underlay(List.of()), view.get()).before())
        .containsExactly(
            new Change.CreateLink(LinkSpec.of("vxlan.calico", type).withMtu(1400).withMac(MAC)));
  }

  @Test
  void anotherProgramsDeviceStandsInTheWay() {
    Underlay underlay =
        underlay(List.of(Sketch.link(Sketch.VXLAN, "vxlan.calico", "veth", 1500, true)));

    VxlanPlan plan = plan(IPV4, underlay, view().get());

    assertThat(plan.before()).isEmpty();
    assertThat(plan.issue().orElseThrow().reason()).isEqualTo(Reason.TUNNEL_DEVICE_MISSING);
    assertThat(plan.issue().orElseThrow().message())
        .isEqualTo(
            "device vxlan.calico is of kind \"veth\", not vxlan: another program's; rename or"
                + " remove it");
    NodeView unused = Sketch.view().get();
    assertThat(plan(IPV4, underlay, unused).after()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"true, true, true", "false, true, false", "true, false, false"})
  void anAbandonedDeviceIsRemovedOnceThatIsSafe(
      boolean removing, boolean abandoned, boolean removed) {
    VxlanPlan plan =
        VxlanPlan.of(
            IPV4,
            underlay(List.of(device(TYPE, 1450, true, MAC))),
            Sketch.view().get(),
            removing,
            abandoned);

    assertThat(plan.before()).isEmpty();
    assertThat(plan.after().equals(List.of(new Change.DeleteLink(Sketch.VXLAN))))
        .isEqualTo(removed);
    assertThat(plan.after().isEmpty()).isEqualTo(!removed);
  }
}
