package dev.manul.model;

import java.util.List;
import java.util.Optional;

/**
 * A Kubernetes service, as far as Manul reads it. Manul never writes one.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/">Service
 *     v1</a>
 */
public record Service(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<Service> KIND =
      new Kind<>("v1", "Service", "services", true, Service.class, List.of("service", "svc"));

  public Service {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<Service> kind() {
    return KIND;
  }

  @Override
  public Service withMetadata(Metadata newMetadata) {
    return new Service(newMetadata, spec);
  }

  /**
   * What was asked for.
   *
   * @param type such as {@code ClusterIP}
   * @param clusterIPs its own addresses
   * @param ports what it answers on
   */
  public record Spec(String type, List<String> clusterIPs, List<Port> ports) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, null, null);

    public Spec {
      type = Absent.text(type);
      clusterIPs = Absent.list(clusterIPs);
      ports = Absent.list(ports);
    }
  }

  /**
   * A port of the service.
   *
   * @param name or ""
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
   * @param port the service's own
   * @param targetPort that of the pods: a number or a name
   */
  public record Port(String name, String protocol, int port, Optional<IntOrString> targetPort) {
    public Port {
      name = Absent.text(name);
      protocol = Absent.text(protocol);
      targetPort = Absent.optional(targetPort);
    }
  }
}
