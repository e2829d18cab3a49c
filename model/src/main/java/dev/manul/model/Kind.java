package dev.manul.model;

import java.util.List;

/**
 * A kind of resource.
 *
 * @param apiVersion the API group and version, such as {@code projectcalico.org/v3}; {@code v1} for
 *     Kubernetes' core
 * @param name as in a document's {@code kind} field, such as {@code IPPool}
 * @param plural as in the API's paths, such as {@code ippools}
 * @param namespaced whether its resources live in namespaces
 * @param type the record that holds one
 * @param aliases other names that the command line accepts, lower-case
 */
public record Kind<R extends Resource>(
    String apiVersion,
    String name,
    String plural,
    boolean namespaced,
    Class<R> type,
    List<String> aliases) {

  /** A kind of Manul's own, in {@code projectcalico.org/v3}. */
  public Kind(String name, String plural, boolean namespaced, Class<R> type, List<String> aliases) {
    this(Resource.API_VERSION, name, plural, namespaced, type, aliases);
  }

  /** Whether it is of {@code projectcalico.org/v3}. */
  public boolean isOwn() {
    return apiVersion.equals(Resource.API_VERSION);
  }

  /**
   * As messages call it: its name, but {@code KubernetesNetworkPolicy} for that kind, which shares
   * its name with one of Manul's own.
   */
  @Override
  public String toString() {
    return type.getSimpleName();
  }
}
