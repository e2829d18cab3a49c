package dev.manul.model;

import java.util.List;

/**
 * A Kubernetes pod, as far as Manul reads it. Manul never writes one: what it has to say about a
 * pod is in its {@link WorkloadEndpoint}.
 *
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/">Pod
 *     v1</a>
 */
public record Pod(Metadata metadata, Spec spec, Status status) implements Resource {

  public static final Kind<Pod> KIND =
      new Kind<>("v1", "Pod", "pods", true, Pod.class, List.of("pod", "po"));

  public Pod {
    spec = spec == null ? Spec.EMPTY : spec;
    status = status == null ? Status.EMPTY : status;
  }

  @Override
  public Kind<Pod> kind() {
    return KIND;
  }

  @Override
  public Pod withMetadata(Metadata newMetadata) {
    return new Pod(newMetadata, spec, status);
  }

  /** Whether its containers have ended for good, so that its addresses are nobody's. */
  public boolean finished() {
    return status.phase().equals("Succeeded") || status.phase().equals("Failed");
  }

  /**
   * What was asked for.
   *
   * @param nodeName the node it was given to, or ""
   * @param serviceAccountName whose rights it has, or ""
   * @param hostNetwork whether it has no network of its own
   * @param ports of all its containers
   */
  public record Spec(
      String nodeName,
      String serviceAccountName,
      boolean hostNetwork,
      List<WorkloadEndpoint.Port> ports) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, null, false, null);

    public Spec {
      nodeName = Absent.text(nodeName);
      serviceAccountName = Absent.text(serviceAccountName);
      ports = Absent.list(ports);
    }
  }

  /**
   * How it is.
   *
   * @param phase Pending, Running, Succeeded, Failed or Unknown; or ""
   * @param reason why it is so, such as Evicted; or ""
   * @param podIPs its addresses as the kubelet knows them
   */
  public record Status(String phase, String reason, List<String> podIPs) {

    /** Nothing said. */
    public static final Status EMPTY = new Status(null, null, null);

    public Status {
      phase = Absent.text(phase);
      reason = Absent.text(reason);
      podIPs = Absent.list(podIPs);
    }
  }
}
