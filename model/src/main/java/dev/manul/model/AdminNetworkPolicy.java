package dev.manul.model;

import java.util.List;
import java.util.Optional;

/**
 * Kubernetes' policy of administrators that is asked before any NetworkPolicy.
 *
 * @see <a href="https://network-policy-api.sigs.k8s.io/">Network Policy API</a>
 */
public record AdminNetworkPolicy(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<AdminNetworkPolicy> KIND =
      new Kind<>(
          "policy.networking.k8s.io/v1alpha1",
          "AdminNetworkPolicy",
          "adminnetworkpolicies",
          false,
          AdminNetworkPolicy.class,
          List.of("adminnetworkpolicy", "anp"));

  public AdminNetworkPolicy {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<AdminNetworkPolicy> kind() {
    return KIND;
  }

  @Override
  public AdminNetworkPolicy withMetadata(Metadata newMetadata) {
    return new AdminNetworkPolicy(newMetadata, spec);
  }

  /**
   * The policy.
   *
   * @param priority 0 to 1000; lower is asked first
   * @param subject whom it is about
   * @param ingress for traffic to them, the first that matches decides
   * @param egress for traffic from them, the first that matches decides
   */
  public record Spec(
      int priority,
      ClusterPeer.Subject subject,
      List<IngressRule> ingress,
      List<EgressRule> egress) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(0, null, null, null);

    public Spec {
      subject = Absent.or(subject, ClusterPeer.Subject.EMPTY);
      ingress = Absent.list(ingress);
      egress = Absent.list(egress);
    }
  }

  /**
   * A rule for traffic to pods.
   *
   * @param name for people
   * @param action {@code Allow}, {@code Deny} or {@code Pass}
   * @param from one of these is the sender
   * @param ports one of these is the port; absent: any
   */
  public record IngressRule(
      String name, String action, List<ClusterPeer> from, Optional<List<Port>> ports) {
    public IngressRule {
      name = Absent.text(name);
      action = Absent.text(action);
      from = Absent.list(from);
      ports = Absent.optional(ports);
    }
  }

  /**
   * A rule for traffic from pods.
   *
   * @param name for people
   * @param action {@code Allow}, {@code Deny} or {@code Pass}
   * @param to one of these is the receiver
   * @param ports one of these is the port; absent: any
   */
  public record EgressRule(
      String name, String action, List<ClusterPeer> to, Optional<List<Port>> ports) {
    public EgressRule {
      name = Absent.text(name);
      action = Absent.text(action);
      to = Absent.list(to);
      ports = Absent.optional(ports);
    }
  }

  /**
   * Ports; one component is said.
   *
   * @param portNumber one port
   * @param namedPort the name of a port of the pod, of any protocol
   * @param portRange several ports
   */
  public record Port(
      Optional<PortNumber> portNumber, String namedPort, Optional<PortRange> portRange) {
    public Port {
      portNumber = Absent.optional(portNumber);
      namedPort = Absent.text(namedPort);
      portRange = Absent.optional(portRange);
    }
  }

  /**
   * A port of a protocol.
   *
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}; "": TCP
   * @param port 1 to 65535
   */
  public record PortNumber(String protocol, int port) {
    public PortNumber {
      protocol = Absent.text(protocol);
    }
  }

  /**
   * Ports of a protocol.
   *
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}; "": TCP
   * @param start the first, 1 to 65535
   * @param end the last
   */
  public record PortRange(String protocol, int start, int end) {
    public PortRange {
      protocol = Absent.text(protocol);
    }
  }
}
