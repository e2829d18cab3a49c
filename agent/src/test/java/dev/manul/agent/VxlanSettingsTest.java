package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.Node;
import dev.manul.routes.VxlanTunnel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VxlanSettingsTest {

  private static final Map<String, String> NO_ENVIRONMENT = Map.of();

  private static Optional<FelixConfiguration> felix(String spec) {
    return Optional.of((FelixConfiguration) resource("FelixConfiguration", "default", spec));
  }

  private static Object resource(String kind, String name, String spec) {
    String yaml =
        "apiVersion: projectcalico.org/v3\nkind: %s\nmetadata: {name: %s}\nspec: {%s}\n"
            .formatted(kind, name, spec);
    return ResourceText.parse(yaml, "t.yaml").getFirst().resource();
  }

  /** A view from node {@code a}; each node as its name, a colon and what is in its spec. */
  private static ClusterView view(String... nodes) {
    Map<String, Node> byName = new TreeMap<>();
    for (String node : nodes) {
      String name = node.substring(0, node.indexOf(':'));
      byName.put(name, (Node) resource("Node", name, node.substring(name.length() + 1).strip()));
    }
    return new ClusterView(
        "a",
        byName,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        Optional.empty(),
        ClusterView.OnDemand.NOTHING);
  }

  @Test
  void calicosDefaultsCountWhereNothingIsSaid() {
    VxlanSettings settings = VxlanSettings.of(Optional.empty(), NO_ENVIRONMENT);

    assertThat(settings).isEqualTo(new VxlanSettings(4096, 4789, Map.of(), List.of()));
  }

  @Test
  void theEnvironmentCountsMoreThanTheCluster() {
    VxlanSettings settings =
        VxlanSettings.of(
            felix("vxlanVNI: 7, vxlanPort: 8472, vxlanMTU: 1400, vxlanMTUV6: 1380"),
            Map.of("FELIX_VXLANPORT", "9999", "FELIX_VXLANMTU", "0"));

    assertThat(settings.vni()).isEqualTo(7);
    assertThat(settings.port()).isEqualTo(9999);
    assertThat(settings.mtu(AddressFamily.IPV4)).isEmpty();
    assertThat(settings.mtu(AddressFamily.IPV6)).isEqualTo(OptionalInt.of(1380));
    assertThat(settings.problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FELIX_VXLANVNI   | 0        | FELIX_VXLANVNI: got 0, allowed are 1 to 16777215
          FELIX_VXLANVNI   | 16777216 | FELIX_VXLANVNI: got 16777216, allowed are 1 to 16777215
          FELIX_VXLANPORT  | none     | FELIX_VXLANPORT: got none, allowed are 1 to 65535
          FELIX_VXLANMTU   | -1       | FELIX_VXLANMTU: got -1, allowed are 0 to 65535
          FELIX_VXLANMTUV6 | 70000    | FELIX_VXLANMTUV6: got 70000, allowed are 0 to 65535
          """)
  void whatCannotBeReadIsToldAndDoesNotCount(String name, String value, String problem) {
    VxlanSettings settings = VxlanSettings.of(Optional.empty(), Map.of(name, value));

    assertThat(settings).isEqualTo(new VxlanSettings(4096, 4789, Map.of(), List.of(problem)));
  }

  @Test
  void theOtherEndsAreThoseOfNodesThatHaveAnAddressOfTheirOwn() {
    ClusterView view =
        view(
            "a: bgp: {ipv4Address: 10.1.5.10/24}, ipv4VXLANTunnelAddr: 10.244.0.1",
            "b: bgp: {ipv4Address: 10.1.5.11/24}, ipv4VXLANTunnelAddr: 10.244.1.1",
            "c: bgp: {ipv4Address: 10.1.8.10/24}",
            "d: bgp: {ipv4Address: 10.1.8.11/24}, ipv4VXLANTunnelAddr: 10.244.3.1,"
                + " vxlanTunnelMACAddr: 'AA:00:00:00:00:04'",
            "e: bgp: {ipv4Address: 10.1.8.12/24}, ipv4VXLANTunnelAddr: 10.244.1.1",
            "f: bgp: {ipv4Address: 10.1.8.13/24}, ipv4VXLANTunnelAddr: 10.244.5.1,"
                + " vxlanTunnelMACAddr: 'aa:00:00:00:00:04'");

    Map<AddressFamily, VxlanTunnel> tunnels =
        VxlanSettings.of(Optional.empty(), NO_ENVIRONMENT).tunnels(view, Map.of());

    assertThat(tunnels)
        .isEqualTo(
            Map.of(
                AddressFamily.IPV4,
                new VxlanTunnel(
                    4096,
                    4789,
                    OptionalInt.empty(),
                    Optional.of(Address.parse("10.244.0.1")),
                    VxlanTunnel.derivedMac("a", AddressFamily.IPV4),
                    Map.of(
                        Address.parse("10.1.5.11"),
                        new VxlanTunnel.Remote(
                            Address.parse("10.244.1.1"),
                            VxlanTunnel.derivedMac("b", AddressFamily.IPV4)),
                        Address.parse("10.1.8.11"),
                        new VxlanTunnel.Remote(
                            Address.parse("10.244.3.1"), "aa:00:00:00:00:04")))));
  }
}
