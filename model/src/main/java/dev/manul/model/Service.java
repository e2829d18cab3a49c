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
public record Service(Metadata metadata, Spec spec, Status status) implements Resource {

  public static final Kind<Service> KIND =
      new Kind<>("v1", "Service", "services", true, Service.class, List.of("service", "svc"));

  public Service {
    spec = spec == null ? Spec.EMPTY : spec;
    status = status == null ? Status.EMPTY : status;
  }

  @Override
  public Kind<Service> kind() {
    return KIND;
  }

  @Override
  public Service withMetadata(Metadata newMetadata) {
    return new Service(newMetadata, spec, status);
  }

  /**
   * What was asked for.
   *
   * @param type {@code ClusterIP}, {@code NodePort}, {@code LoadBalancer} or {@code ExternalName}
   * @param clusterIP the first of its own addresses, or {@code None}
   * @param clusterIPs its own addresses; servers before 1.20 do not say them
   * @param externalIPs addresses at which nodes are to answer as well
   * @param externalTrafficPolicy {@code Local}: only nodes with an endpoint take traffic from
   *     outside
   * @param ports what it answers on
   */
  public record Spec(
      String type,
      String clusterIP,
      List<String> clusterIPs,
      List<String> externalIPs,
      String externalTrafficPolicy,
      List<Port> ports) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, null, null, null, null, null);

    public Spec {
      type = Absent.text(type);
      clusterIP = Absent.text(clusterIP);
      clusterIPs = Absent.list(clusterIPs);
      externalIPs = Absent.list(externalIPs);
      externalTrafficPolicy = Absent.text(externalTrafficPolicy);
      ports = Absent.list(ports);
    }

    /** Its own addresses, however they are said; a headless service has none. */
    public List<String> ownAddresses() {
      List<String> said =
          clusterIPs.isEmpty() && !clusterIP.isEmpty() ? List.of(clusterIP) : clusterIPs;
      return said.contains("None") ? List.of() : said;
    }
  }

  /**
   * What has become of it.
   *
   * @param loadBalancer what a load balancer has given it
   */
  public record Status(LoadBalancer loadBalancer) {

    /** Nothing said. */
    public static final Status EMPTY = new Status(null);

    public Status {
      loadBalancer = Absent.or(loadBalancer, LoadBalancer.NONE);
    }
  }

  /**
   * What a load balancer has given.
   *
   * @param ingress where it takes traffic
   */
  public record LoadBalancer(List<Ingress> ingress) {

    /** Nothing. */
    public static final LoadBalancer NONE = new LoadBalancer(null);

    public LoadBalancer {
      ingress = Absent.list(ingress);
    }
  }

  /**
   * Where a load balancer takes traffic.
   *
   * @param ip an address, or "" when it has only a name
   */
  public record Ingress(String ip) {
    public Ingress {
      ip = Absent.text(ip);
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
