package dev.manul.model;

import java.util.List;

/**
 * A Kubernetes namespace: its labels and annotations say which pools its pods may use. Manul never
 * writes one.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/">Namespace
 *     v1</a>
 */
public record Namespace(Metadata metadata) implements Resource {

  public static final Kind<Namespace> KIND =
      new Kind<>(
          "v1", "Namespace", "namespaces", false, Namespace.class, List.of("namespace", "ns"));

  @Override
  public Kind<Namespace> kind() {
    return KIND;
  }

  @Override
  public Namespace withMetadata(Metadata newMetadata) {
    return new Namespace(newMetadata);
  }
}
