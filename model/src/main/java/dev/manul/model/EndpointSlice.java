package dev.manul.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  /** The key of {@code topology} that names the node. */
  private static final String HOST_LABEL = "kubernetes.io/hostname";

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

  /** The same without what changes most and some do not need: where endpoints are, and how. */
  public EndpointSlice addressesOnly() {
    return new EndpointSlice(
        metadata,
        addressType,
        endpoints.stream().map(each -> Endpoint.of(each.addresses())).toList(),
        ports);
  }

  /** Whether another slice has the same addresses and ports. */
  public boolean sameAddresses(EndpointSlice other) {
    return ports.equals(other.ports)
        && endpoints.size() == other.endpoints.size()
        && endpoints.stream()
            .map(Endpoint::addresses)
            .toList()
            .equals(other.endpoints.stream().map(Endpoint::addresses).toList());
  }

  /** The name of the service, or "". */
  public String service() {
    return metadata.labels().getOrDefault(SERVICE_LABEL, "");
  }

  /**
   * Who answers.
   *
   * @param addresses all of one pod
   * @param nodeName the node that it is on, or ""
   * @param conditions how it is
   * @param topology where {@code v1beta1} of the API says the node; not kept otherwise
   */
  public record Endpoint(
      List<String> addresses,
      String nodeName,
      Conditions conditions,
      Map<String, String> topology) {
    public Endpoint {
      addresses = Absent.list(addresses);
      nodeName = Absent.text(nodeName);
      if (nodeName.isEmpty() && topology != null) {
        nodeName = topology.getOrDefault(HOST_LABEL, "");
      }
      conditions = Absent.or(conditions, Conditions.UNKNOWN);
      topology = Map.of();
    }

    /** One of which only the addresses are known. */
    public static Endpoint of(List<String> addresses) {
      return new Endpoint(addresses, null, null, null);
    }
  }

  /**
   * How an endpoint is.
   *
   * @param ready whether it takes traffic; not said counts as yes
   */
  public record Conditions(Optional<Boolean> ready) {

    /** Nothing said. */
    public static final Conditions UNKNOWN = new Conditions(Optional.empty());

    public Conditions {
      ready = Absent.optional(ready);
    }

    /** Whether it is to be given traffic. */
    public boolean isReady() {
      return ready.orElse(true);
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
