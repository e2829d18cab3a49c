package dev.manul.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The kinds of resources that documents may be of: Manul's own, and Kubernetes' policies and
 * Secrets, which are kept where there is no Kubernetes to keep them. What else Manul reads of
 * Kubernetes ({@link Pod}, {@link Namespace}, …) is in no list.
 */
public final class Kinds {

  /**
   * In the order in which documents of them are best applied. A kind's place is its number in the
   * locks of directories that several versions of Manul may use, so new kinds go to the end.
   */
  public static final List<Kind<? extends Resource>> ALL =
      List.of(
          FelixConfiguration.KIND,
          KubeControllersConfiguration.KIND,
          BGPConfiguration.KIND,
          IPAMConfiguration.KIND,
          IPPool.KIND,
          IPReservation.KIND,
          Node.KIND,
          BGPPeer.KIND,
          WorkloadEndpoint.KIND,
          BlockAffinity.KIND,
          IPAMBlock.KIND,
          IPAMHandle.KIND,
          Tier.KIND,
          GlobalNetworkSet.KIND,
          NetworkSet.KIND,
          Profile.KIND,
          GlobalNetworkPolicy.KIND,
          NetworkPolicy.KIND,
          StagedGlobalNetworkPolicy.KIND,
          StagedNetworkPolicy.KIND,
          StagedKubernetesNetworkPolicy.KIND,
          HostEndpoint.KIND,
          KubernetesNetworkPolicy.KIND,
          AdminNetworkPolicy.KIND,
          BaselineAdminNetworkPolicy.KIND,
          ClusterNetworkPolicy.KIND,
          BGPFilter.KIND,
          Secret.KIND,
          ClusterInformation.KIND);

  /** Those of {@code projectcalico.org/v3}, in the same order. */
  public static final List<Kind<? extends Resource>> OWN =
      ALL.stream().filter(Kind::isOwn).<Kind<? extends Resource>>map(kind -> kind).toList();

  private Kinds() {}

  /**
   * The kind called so: by name, plural or alias, in any case. What two kinds are called, such as
   * {@code networkpolicies}, is Manul's own.
   */
  public static Optional<Kind<? extends Resource>> find(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (Kind<? extends Resource> kind : ALL) {
      if (kind.plural().equals(lower) || kind.aliases().contains(lower)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** The kinds of exactly this name, as in a document's {@code kind} field; of one group each. */
  public static List<Kind<? extends Resource>> named(String name) {
    return ALL.stream()
        .filter(kind -> kind.name().equals(name))
        .<Kind<? extends Resource>>map(kind -> kind)
        .toList();
  }
}
