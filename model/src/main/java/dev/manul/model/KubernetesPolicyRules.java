package dev.manul.model;

import java.util.List;

/**
 * The rules of Kubernetes' NetworkPolicy, for where no API server holds them: in directories, and
 * in staged policies.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/">NetworkPolicy
 *     v1</a>
 */
final class KubernetesPolicyRules {
  private KubernetesPolicyRules() {}

  static void check(StagedKubernetesNetworkPolicy.Spec spec, FieldChecks checks) {
    if (spec.stagedAction() == StagedAction.DELETE
        && !spec.enforced().equals(KubernetesNetworkPolicy.Spec.EMPTY)) {
      checks.refuse("spec.stagedAction", "got Delete, beside which nothing may be said");
    }
    check(spec.enforced(), checks);
  }

  static void check(KubernetesNetworkPolicy.Spec spec, FieldChecks checks) {
    checks.selector("spec.podSelector", spec.podSelector());
    checks.types("spec.policyTypes", spec.policyTypes());
    for (int i = 0; i < spec.ingress().size(); i++) {
      String field = "spec.ingress[" + i + "].";
      ports(field, spec.ingress().get(i).ports(), checks);
      peers(field + "from", spec.ingress().get(i).from(), checks);
    }
    for (int i = 0; i < spec.egress().size(); i++) {
      String field = "spec.egress[" + i + "].";
      ports(field, spec.egress().get(i).ports(), checks);
      peers(field + "to", spec.egress().get(i).to(), checks);
    }
  }

  private static void ports(
      String field, List<KubernetesNetworkPolicy.Port> ports, FieldChecks checks) {
    for (int i = 0; i < ports.size(); i++) {
      port(field + "ports[" + i + "].", ports.get(i), checks);
    }
  }

  private static void port(String field, KubernetesNetworkPolicy.Port port, FieldChecks checks) {
    checks.attempt(field + "protocol", () -> RuleValues.kubernetesProtocol(port.protocol()));
    boolean named = false;
    if (port.port().isPresent()) {
      IntOrString said = port.port().get();
      if (said.isNumber()) {
        checks.range(field + "port", said.number(), 1, 65_535);
      } else {
        named = true;
        checks.attempt(field + "port", () -> RuleValues.portName(said.text()));
      }
    }
    if (port.endPort().isEmpty()) {
      return;
    }
    int end = port.endPort().get();
    checks.range(field + "endPort", end, 1, 65_535);
    if (named || port.port().isEmpty()) {
      checks.refuse(field + "endPort", "needs a port that is a number");
    } else if (port.port().get().isNumber() && port.port().get().number() > end) {
      checks.refuse(
          field + "endPort", "got " + end + ", allowed are " + port.port().get() + " to 65535");
    }
  }

  private static void peers(
      String field, List<KubernetesNetworkPolicy.Peer> peers, FieldChecks checks) {
    for (int i = 0; i < peers.size(); i++) {
      KubernetesNetworkPolicy.Peer peer = peers.get(i);
      String place = field + "[" + i + "]";
      boolean selects = peer.podSelector().isPresent() || peer.namespaceSelector().isPresent();
      if (selects == peer.ipBlock().isPresent()) {
        checks.refuse(place, "needs podSelector, namespaceSelector or both, or ipBlock alone");
      }
      peer.podSelector().ifPresent(s -> checks.selector(place + ".podSelector", s));
      peer.namespaceSelector().ifPresent(s -> checks.selector(place + ".namespaceSelector", s));
      peer.ipBlock().ifPresent(block -> block(place + ".ipBlock.", block, checks));
    }
  }

  private static void block(
      String field, KubernetesNetworkPolicy.IpBlock block, FieldChecks checks) {
    if (!checks.present(field + "cidr", block.cidr())) {
      return;
    }
    Prefix all;
    try {
      all = RuleValues.net(block.cidr());
    } catch (IllegalArgumentException e) {
      checks.refuse(field + "cidr", e.getMessage());
      return;
    }
    for (int i = 0; i < block.except().size(); i++) {
      String place = field + "except[" + i + "]";
      String text = block.except().get(i);
      try {
        Prefix except = RuleValues.net(text);
        if (!all.contains(except) || except.equals(all)) {
          checks.refuse(place, "got " + text + ", allowed are prefixes inside " + block.cidr());
        }
      } catch (IllegalArgumentException e) {
        checks.refuse(place, e.getMessage());
      }
    }
  }
}
