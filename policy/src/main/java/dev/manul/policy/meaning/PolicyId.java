package dev.manul.policy.meaning;

import java.util.Comparator;

/**
 * Which policy. Its natural order is the one in which policies of equal {@code order} are asked: by
 * name, namespace and kind.
 *
 * @param namespace "" for a policy of the whole cluster
 */
public record PolicyId(Type type, String namespace, String name) implements Comparable<PolicyId> {

  private static final Comparator<PolicyId> ORDER =
      Comparator.comparing(PolicyId::name)
          .thenComparing(PolicyId::namespace)
          .thenComparing(id -> id.type().kind());

  /** The kinds that policies come from. */
  public enum Type {
    NETWORK_POLICY("NetworkPolicy", "np"),
    GLOBAL_NETWORK_POLICY("GlobalNetworkPolicy", "gnp"),
    KUBERNETES_NETWORK_POLICY("KubernetesNetworkPolicy", "knp"),
    ADMIN_NETWORK_POLICY("AdminNetworkPolicy", "anp"),
    BASELINE_ADMIN_NETWORK_POLICY("BaselineAdminNetworkPolicy", "banp"),
    CLUSTER_NETWORK_POLICY("ClusterNetworkPolicy", "cnp"),
    STAGED_NETWORK_POLICY("StagedNetworkPolicy", "snp"),
    STAGED_GLOBAL_NETWORK_POLICY("StagedGlobalNetworkPolicy", "sgnp"),
    STAGED_KUBERNETES_NETWORK_POLICY("StagedKubernetesNetworkPolicy", "sknp");

    private final String kind;
    private final String shortName;

    Type(String kind, String shortName) {
      this.kind = kind;
      this.shortName = shortName;
    }

    /** As users know it. */
    public String kind() {
      return kind;
    }

    /** As it stands in the names of chains. */
    public String shortName() {
      return shortName;
    }
  }

  @Override
  public int compareTo(PolicyId other) {
    return ORDER.compare(this, other);
  }

  /** As in {@code knp/default/allow-web}. */
  @Override
  public String toString() {
    return type.shortName() + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
