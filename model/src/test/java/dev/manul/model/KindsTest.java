package dev.manul.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KindsTest {

  @ParameterizedTest
  @CsvSource({
    "ippool, IPPool",
    "IPPools, IPPool",
    "ipp, IPPool",
    "pool, IPPool",
    "bgpconfig, BGPConfiguration",
    "bgpp, BGPPeer",
    "bp, BGPPeer",
    "bgpfilters, BGPFilter",
    "secret, Secret",
    "no, Node",
    "nodes, Node",
    "wep, WorkloadEndpoint",
    "fc, FelixConfiguration",
    "ipamconfig, IPAMConfiguration",
    "reservation, IPReservation",
    "blockaffinities, BlockAffinity",
    "ipamblock, IPAMBlock",
    "ipamhandle, IPAMHandle",
    "kubecontrollersconfiguration, KubeControllersConfiguration",
    "gnp, GlobalNetworkPolicy",
    "np, NetworkPolicy",
    "policy, NetworkPolicy",
    "pol, NetworkPolicy",
    "networkpolicies, NetworkPolicy",
    "knp, KubernetesNetworkPolicy",
    "hep, HostEndpoint",
    "netset, NetworkSet",
    "globalnetworksets, GlobalNetworkSet",
    "pro, Profile",
    "tier, Tier",
    "stagedkubernetesnetworkpolicies, StagedKubernetesNetworkPolicy",
    "anp, AdminNetworkPolicy",
    "cnp, ClusterNetworkPolicy",
  })
  void findsByNameAndAlias(String alias, String kind) {
    assertThat(Kinds.find(alias)).map(Kind::toString).contains(kind);
  }

  @Test
  void everyKindIsFoundByItsNamesAndNoneByAnothers() {
    Set<String> seen = new HashSet<>();
    for (Kind<? extends Resource> kind : Kinds.ALL) {
      boolean shared = kind.equals(KubernetesNetworkPolicy.KIND);
      assertThat(Kinds.find(kind.toString())).contains(kind);
      assertThat(Kinds.find(kind.plural())).contains(shared ? NetworkPolicy.KIND : kind);
      assertThat(Kinds.named(kind.name()))
          .contains(kind)
          .hasSize(kind.name().equals("NetworkPolicy") ? 2 : 1);
      assertThat(kind.aliases()).contains(kind.toString().toLowerCase(Locale.ROOT));
      assertThat(seen.add(kind.plural())).isNotEqualTo(shared);
      kind.aliases().forEach(alias -> assertThat(seen.add(alias)).as(alias).isTrue());
      assertThat(kind.type().getSimpleName())
          .isEqualTo(shared ? "KubernetesNetworkPolicy" : kind.name());
    }
    assertThat(Kinds.find("nonsense")).isEmpty();
    assertThat(Kinds.named("ippool")).isEmpty();
  }
}
