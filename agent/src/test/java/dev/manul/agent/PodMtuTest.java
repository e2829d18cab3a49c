package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodMtuTest {

  private static final VxlanSettings VXLAN = VxlanSettings.of(Optional.empty(), Map.of());
  private static final UdpSettings UDP = UdpSettings.of(Optional.empty(), Map.of());

  @ParameterizedTest
  @CsvSource({
    "10.244.0.0/16, NEVER, NEVER, 1500, 0, 1500",
    "10.244.0.0/16, ALWAYS, NEVER, 1500, 0, 1480",
    "10.244.0.0/16, CROSS_SUBNET, NEVER, 9000, 0, 8980",
    "10.244.0.0/16, CROSS_SUBNET, NEVER, 9000, 1440, 1440",
    "10.244.0.0/16, NEVER, NEVER, 9000, 1440, 9000",
    "10.244.0.0/16, NEVER, ALWAYS, 1500, 0, 1450",
    "fd00::/48, NEVER, CROSS_SUBNET, 1500, 0, 1430",
  })
  void leavesRoomForTheOuterHeader(
      String cidr,
      EncapsulationMode ipip,
      EncapsulationMode vxlan,
      int link,
      int configured,
      int mtu) {
    OptionalInt tunnel = configured == 0 ? OptionalInt.empty() : OptionalInt.of(configured);

    assertThat(PodMtu.of(view(cidr, ipip, vxlan), link, tunnel, VXLAN, UDP)).isEqualTo(mtu);
  }

  @Test
  void aGivenMtuOfVxlanCountsForPodsToo() {
    VxlanSettings vxlan = VxlanSettings.of(Optional.empty(), Map.of("FELIX_VXLANMTU", "1400"));
    ClusterView view =
        view("10.244.0.0/16", EncapsulationMode.NEVER, EncapsulationMode.CROSS_SUBNET);

    assertThat(PodMtu.of(view, 9000, OptionalInt.empty(), vxlan, UDP)).isEqualTo(1400);
  }

  private static ClusterView view(String cidr, EncapsulationMode ipip, EncapsulationMode vxlan) {
    return new ClusterView(
        "a",
        Map.of(),
        List.of(
            new IPPool(
                Metadata.named("pool"),
                new IPPool.Spec(
                    Prefix.parse(cidr),
                    ipip,
                    vxlan,
                    false,
                    false,
                    false,
                    0,
                    null,
                    null,
                    null,
                    null))),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        Optional.empty(),
        ClusterView.OnDemand.NOTHING);
  }
}
