package dev.manul.model;

import java.util.List;
import java.util.Optional;

/**
 * Kubernetes' own NetworkPolicy. In documents its kind is {@code NetworkPolicy}, as Calico's is;
 * the apiVersion tells them apart.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/">NetworkPolicy
 *     v1</a>
 */
public record KubernetesNetworkPolicy(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<KubernetesNetworkPolicy> KIND =
      new Kind<>(
          "networking.k8s.io/v1",
          "NetworkPolicy",
          "networkpolicies",
          true,
          KubernetesNetworkPolicy.class,
          List.of("kubernetesnetworkpolicy", "kubernetesnetworkpolicies", "knp"));

  public KubernetesNetworkPolicy {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<KubernetesNetworkPolicy> kind() {
    return KIND;
  }

  @Override
  public KubernetesNetworkPolicy withMetadata(Metadata newMetadata) {
    return new KubernetesNetworkPolicy(newMetadata, spec);
  }

  /**
   * The policy.
   *
   * @param podSelector which pods of the namespace it is about
   * @param ingress traffic to them that is allowed
   * @param egress traffic from them that is allowed
   * @param policyTypes {@code Ingress} and {@code Egress}, the directions in which it counts;
   *     empty: ingress, and egress when there are rules for it
   */
  public record Spec(
      LabelSelector podSelector,
      List<IngressRule> ingress,
      List<EgressRule> egress,
      List<String> policyTypes) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, null, null, null);

    public Spec {
      podSelector = Absent.or(podSelector, LabelSelector.ALL);
      ingress = Absent.list(ingress);
      egress = Absent.list(egress);
      policyTypes = Absent.list(policyTypes);
    }

    /** The directions in which the policy counts. */
    public List<String> effectiveTypes() {
      if (!policyTypes.isEmpty()) {
        return policyTypes;
      }
      return egress.isEmpty() ? List.of("Ingress") : PolicySpec.TYPES;
    }
  }

  /**
   * Traffic to the pods that is allowed.
   *
   * @param ports one of these is the port; none: any
   * @param from one of these is the sender; none: anybody
   */
  public record IngressRule(List<Port> ports, List<Peer> from) {
    public IngressRule {
      ports = Absent.list(ports);
      from = Absent.list(from);
    }
  }

  /**
   * Traffic from the pods that is allowed.
   *
   * @param ports one of these is the port; none: any
   * @param to one of these is the receiver; none: anybody
   */
  public record EgressRule(List<Port> ports, List<Peer> to) {
    public EgressRule {
      ports = Absent.list(ports);
      to = Absent.list(to);
    }
  }

  /**
   * Ports of a protocol.
   *
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}; "": TCP
   * @param port a number or a name; absent: all
   * @param endPort the last of a range that {@code port} begins
   */
  public record Port(String protocol, Optional<IntOrString> port, Optional<Integer> endPort) {
    public Port {
      protocol = Absent.text(protocol);
      port = Absent.optional(port);
      endPort = Absent.optional(endPort);
    }
  }

  /**
   * The other end of traffic: pods, or addresses.
   *
   * @param podSelector which pods; absent: all of the namespaces
   * @param namespaceSelector of which namespaces; absent: of the policy's own
   * @param ipBlock addresses; alone
   */
  public record Peer(
      Optional<LabelSelector> podSelector,
      Optional<LabelSelector> namespaceSelector,
      Optional<IpBlock> ipBlock) {
    public Peer {
      podSelector = Absent.optional(podSelector);
      namespaceSelector = Absent.optional(namespaceSelector);
      ipBlock = Absent.optional(ipBlock);
    }
  }

  /**
   * Addresses.
   *
   * @param cidr the prefix that they are in
   * @param except prefixes inside it that they are not in
   */
  public record IpBlock(String cidr, List<String> except) {
    public IpBlock {
      cidr = Absent.text(cidr);
      except = Absent.list(except);
    }
  }
}
