package dev.manul.policy.meaning;

import java.util.Comparator;

/**
 * Which policy. Its natural order is the one in which policies of equal {@code order} are asked: by
 * the text {@code name/namespace/kind}. The slash counts: {@code web-2} comes before {@code web}.
 *
 * @param namespace "" for a policy of the whole cluster
 */
public record PolicyId(Type type, String namespace, String name) implements Comparable<PolicyId> {

  private static final Comparator<PolicyId> ORDER =
      Comparator.comparing(PolicyId::name, PolicyId::compareWithSlash)
          .thenComparing(PolicyId::namespace, PolicyId::compareWithSlash)
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

  /** As the texts with a slash at their end, but without making these. */
  private static int compareWithSlash(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      if (a.charAt(i) != b.charAt(i)) {
        return Character.compare(a.charAt(i), b.charAt(i));
      }
    }
    char afterA = a.length() > common ? a.charAt(common) : '/';
    char afterB = b.length() > common ? b.charAt(common) : '/';
    return a.length() == b.length() ? 0 : Character.compare(afterA, afterB);
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
