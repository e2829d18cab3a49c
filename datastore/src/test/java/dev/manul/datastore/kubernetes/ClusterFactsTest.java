package dev.manul.datastore.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Prefix;
import org.junit.jupiter.api.Test;

class ClusterFactsTest {

  @Test
  void kubeadmTellsThePodSubnet() {
    String configuration =
        """
        apiServer:
          extraArgs:
            authorization-mode: Node,RBAC
        networking:
          dnsDomain: cluster.local
          podSubnet: 10.244.0.0/16
          serviceSubnet: 10.96.0.0/12
        """;

    assertThat(ClusterFacts.podSubnets(configuration))
        .containsExactly(Prefix.parse("10.244.0.0/16"));
  }

  @Test
  void inBothFamilies() {
    assertThat(
            ClusterFacts.podSubnets("networking:\n  podSubnet: \"10.244.0.0/16,fd00:10::/56\"\n"))
        .containsExactly(Prefix.parse("10.244.0.0/16"), Prefix.parse("fd00:10::/56"));
  }

  @Test
  void whatCannotBeReadIsPassedOver() {
    assertThat(ClusterFacts.podSubnets("networking:\n  podSubnet: 10.244.0.0/99,fd00:10::/56\n"))
        .containsExactly(Prefix.parse("fd00:10::/56"));
    assertThat(ClusterFacts.podSubnets("networking:\n  serviceSubnet: 10.96.0.0/12\n")).isEmpty();
  }
}
