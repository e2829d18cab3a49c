package dev.manul.model;

import java.util.List;

/**
 * Some of the addresses behind a Kubernetes service, as far as Manul reads them. Manul never writes
 * one.
 *
 * @param addressType {@code IPv4}, {@code IPv6} or {@code FQDN}
 * @param endpoints who answers
 * @param ports on which ports all of them answer
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/">EndpointSlice
 *     v1</a>
 */
public record EndpointSlice(
    Metadata metadata, String addressType, List<Endpoint> endpoints, List<Port> ports)
    implements Resource {

  public static final Kind<EndpointSlice> KIND =
      new Kind<>(
          "discovery.k8s.io/v1",
          "EndpointSlice",
          "endpointslices",
          true,
          EndpointSlice.class,
          List.of("endpointslice"));

  /** The label that names the service. */
  public static final String SERVICE_LABEL = "kubernetes.io/service-name";

  public EndpointSlice {
    addressType = Absent.text(addressType);
    endpoints = Absent.list(endpoints);
    ports = Absent.list(ports);
  }

  @Override
  public Kind<EndpointSlice> kind() {
    return KIND;
  }

  @Override
  public EndpointSlice withMetadata(Metadata newMetadata) {
    return new EndpointSlice(newMetadata, addressType, endpoints, ports);
  }

  /** The name of the service, or "". */
  public String service() {
    return metadata.labels().getOrDefault(SERVICE_LABEL, "");
  }

  /**
   * Who answers.
   *
   * @param addresses all of one pod
   */
  public record Endpoint(List<String> addresses) {
    public Endpoint {
      addresses = Absent.list(addresses);
    }
  }

  /**
   * A port.
   *
   * @param name or ""
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
   * @param port 1 to 65535; 0: all
   */
  public record Port(String name, String protocol, int port) {
    public Port {
      name = Absent.text(name);
      protocol = Absent.text(protocol);
    }
  }
}
