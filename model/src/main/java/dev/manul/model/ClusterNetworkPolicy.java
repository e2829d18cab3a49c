package dev.manul.model;

import java.util.List;
import java.util.Optional;

/**
 * Kubernetes' policy of administrators, which takes the place of {@link AdminNetworkPolicy} and
 * {@link BaselineAdminNetworkPolicy}.
 *
 * @see <a href="https://network-policy-api.sigs.k8s.io/">Network Policy API</a>
 */
public record ClusterNetworkPolicy(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<ClusterNetworkPolicy> KIND =
      new Kind<>(
          "policy.networking.k8s.io/v1alpha2",
          "ClusterNetworkPolicy",
          "clusternetworkpolicies",
          false,
          ClusterNetworkPolicy.class,
          List.of("clusternetworkpolicy", "cnp"));

  public ClusterNetworkPolicy {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<ClusterNetworkPolicy> kind() {
    return KIND;
  }

  @Override
  public ClusterNetworkPolicy withMetadata(Metadata newMetadata) {
    return new ClusterNetworkPolicy(newMetadata, spec);
  }

  /**
   * The policy.
   *
   * @param tier {@code Admin}: asked before any NetworkPolicy; {@code Baseline}: for pods that no
   *     NetworkPolicy is about
   * @param priority 0 to 1000; lower is asked first
   * @param subject whom it is about
   * @param ingress for traffic to them, the first that matches decides
   * @param egress for traffic from them, the first that matches decides
   */
  public record Spec(
      String tier,
      int priority,
      ClusterPeer.Subject subject,
      List<IngressRule> ingress,
      List<EgressRule> egress) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, 0, null, null, null);

    public Spec {
      tier = Absent.text(tier);
      subject = Absent.or(subject, ClusterPeer.Subject.EMPTY);
      ingress = Absent.list(ingress);
      egress = Absent.list(egress);
    }
  }

  /**
   * A rule for traffic to pods.
   *
   * @param name for people
   * @param action {@code Accept}, {@code Deny} or {@code Pass}
   * @param from one of these is the sender
   * @param protocols one of these holds; absent: any
   */
  public record IngressRule(
      String name, String action, List<ClusterPeer> from, Optional<List<Protocol>> protocols) {
    public IngressRule {
      name = Absent.text(name);
      action = Absent.text(action);
      from = Absent.list(from);
      protocols = Absent.optional(protocols);
    }
  }

  /**
   * A rule for traffic from pods.
   *
   * @param name for people
   * @param action {@code Accept}, {@code Deny} or {@code Pass}
   * @param to one of these is the receiver
   * @param protocols one of these holds; absent: any
   */
  public record EgressRule(
      String name, String action, List<ClusterPeer> to, Optional<List<Protocol>> protocols) {
    public EgressRule {
      name = Absent.text(name);
      action = Absent.text(action);
      to = Absent.list(to);
      protocols = Absent.optional(protocols);
    }
  }

  /**
   * What is asked of the protocol; one component is said.
   *
   * @param tcp packets of TCP
   * @param udp packets of UDP
   * @param sctp packets of SCTP
   * @param destinationNamedPort the name of a port of the pod, of any protocol
   */
  public record Protocol(
      Optional<Destination> tcp,
      Optional<Destination> udp,
      Optional<Destination> sctp,
      String destinationNamedPort) {
    public Protocol {
      tcp = Absent.optional(tcp);
      udp = Absent.optional(udp);
      sctp = Absent.optional(sctp);
      destinationNamedPort = Absent.text(destinationNamedPort);
    }
  }

  /**
   * What is asked of the destination.
   *
   * @param destinationPort its ports
   */
  public record Destination(Optional<Port> destinationPort) {
    public Destination {
      destinationPort = Absent.optional(destinationPort);
    }
  }

  /**
   * Ports; one component is said.
   *
   * @param number one port
   * @param range several ports
   */
  public record Port(Optional<Integer> number, Optional<Range> range) {
    public Port {
      number = Absent.optional(number);
      range = Absent.optional(range);
    }
  }

  /**
   * Ports, both ends included.
   *
   * @param start the first, 1 to 65535
   * @param end the last
   */
  public record Range(int start, int end) {}
}
