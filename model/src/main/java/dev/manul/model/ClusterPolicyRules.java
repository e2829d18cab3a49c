package dev.manul.model;

import java.util.List;
import java.util.Optional;

/**
 * The rules of Kubernetes' policies for administrators, for where no API server holds them.
 *
 * @see <a href="https://network-policy-api.sigs.k8s.io/">Network Policy API</a>
 */
final class ClusterPolicyRules {

  private static final List<String> ADMIN = List.of("Allow", "Deny", "Pass");
  private static final List<String> BASELINE = List.of("Allow", "Deny");
  private static final List<String> CLUSTER = List.of("Accept", "Deny", "Pass");
  private static final int MAX_PRIORITY = 1000;

  private ClusterPolicyRules() {}

  static void check(AdminNetworkPolicy.Spec spec, FieldChecks checks) {
    checks.range("spec.priority", spec.priority(), 0, MAX_PRIORITY);
    subject(spec.subject(), checks);
    rules(spec.ingress(), spec.egress(), ADMIN, checks);
  }

  static void check(BaselineAdminNetworkPolicy policy, FieldChecks checks) {
    String name = policy.metadata().name();
    if (!name.isEmpty() && !name.equals("default")) {
      checks.refuse("metadata.name", "got \"" + name + "\", allowed is default");
    }
    subject(policy.spec().subject(), checks);
    rules(policy.spec().ingress(), policy.spec().egress(), BASELINE, checks);
  }

  static void check(ClusterNetworkPolicy.Spec spec, FieldChecks checks) {
    checks.oneOf("spec.tier", spec.tier(), List.of("Admin", "Baseline"));
    checks.range("spec.priority", spec.priority(), 0, MAX_PRIORITY);
    subject(spec.subject(), checks);
    for (int i = 0; i < spec.ingress().size(); i++) {
      String field = "spec.ingress[" + i + "].";
      ClusterNetworkPolicy.IngressRule rule = spec.ingress().get(i);
      checks.oneOf(field + "action", rule.action(), CLUSTER);
      peers(field + "from", rule.from(), false, checks);
      protocols(field + "protocols", rule.protocols(), checks);
    }
    for (int i = 0; i < spec.egress().size(); i++) {
      String field = "spec.egress[" + i + "].";
      ClusterNetworkPolicy.EgressRule rule = spec.egress().get(i);
      checks.oneOf(field + "action", rule.action(), CLUSTER);
      peers(field + "to", rule.to(), true, checks);
      protocols(field + "protocols", rule.protocols(), checks);
    }
  }

  private static void subject(ClusterPeer.Subject subject, FieldChecks checks) {
    if (subject.namespaces().isPresent() == subject.pods().isPresent()) {
      checks.refuse("spec.subject", "needs one of namespaces and pods");
    }
    subject.namespaces().ifPresent(s -> checks.selector("spec.subject.namespaces", s));
    subject.pods().ifPresent(pods -> pods("spec.subject.pods", pods, checks));
  }

  private static void pods(String field, ClusterPeer.Pods pods, FieldChecks checks) {
    checks.selector(field + ".namespaceSelector", pods.namespaceSelector());
    checks.selector(field + ".podSelector", pods.podSelector());
  }

  private static void rules(
      List<AdminNetworkPolicy.IngressRule> ingress,
      List<AdminNetworkPolicy.EgressRule> egress,
      List<String> actions,
      FieldChecks checks) {
    for (int i = 0; i < ingress.size(); i++) {
      String field = "spec.ingress[" + i + "].";
      checks.oneOf(field + "action", ingress.get(i).action(), actions);
      peers(field + "from", ingress.get(i).from(), false, checks);
      ports(field + "ports", ingress.get(i).ports(), checks);
    }
    for (int i = 0; i < egress.size(); i++) {
      String field = "spec.egress[" + i + "].";
      checks.oneOf(field + "action", egress.get(i).action(), actions);
      peers(field + "to", egress.get(i).to(), true, checks);
      ports(field + "ports", egress.get(i).ports(), checks);
    }
  }

  private static void peers(
      String field, List<ClusterPeer> peers, boolean outward, FieldChecks checks) {
    if (peers.isEmpty()) {
      checks.refuse(field, "is missing");
    }
    for (int i = 0; i < peers.size(); i++) {
      ClusterPeer peer = peers.get(i);
      String place = field + "[" + i + "]";
      int outside =
          (peer.nodes().isPresent() ? 1 : 0)
              + (peer.networks().isEmpty() ? 0 : 1)
              + (peer.domainNames().isEmpty() ? 0 : 1);
      int said =
          outside + (peer.namespaces().isPresent() ? 1 : 0) + (peer.pods().isPresent() ? 1 : 0);
      if (said != 1 || (outside > 0 && !outward)) {
        checks.refuse(
            place,
            "needs one of namespaces"
                + (outward ? ", pods, nodes, networks and domainNames" : " and pods"));
      }
      peer.namespaces().ifPresent(s -> checks.selector(place + ".namespaces", s));
      peer.pods().ifPresent(pods -> pods(place + ".pods", pods, checks));
      peer.nodes().ifPresent(s -> checks.selector(place + ".nodes", s));
      checks.nets(place + ".networks", peer.networks());
    }
  }

  private static void ports(
      String field, Optional<List<AdminNetworkPolicy.Port>> ports, FieldChecks checks) {
    List<AdminNetworkPolicy.Port> all = ports.orElse(List.of());
    for (int i = 0; i < all.size(); i++) {
      AdminNetworkPolicy.Port port = all.get(i);
      String place = field + "[" + i + "].";
      int said =
          (port.portNumber().isPresent() ? 1 : 0)
              + (port.portRange().isPresent() ? 1 : 0)
              + (port.namedPort().isEmpty() ? 0 : 1);
      if (said != 1) {
        checks.refuse(field + "[" + i + "]", "needs one of portNumber, portRange and namedPort");
      }
      port.portNumber()
          .ifPresent(
              number -> {
                protocol(place + "portNumber.protocol", number.protocol(), checks);
                checks.range(place + "portNumber.port", number.port(), 1, 65_535);
              });
      port.portRange()
          .ifPresent(
              range -> {
                protocol(place + "portRange.protocol", range.protocol(), checks);
                range(place + "portRange", range.start(), range.end(), checks);
              });
    }
  }

  private static void protocol(String field, String protocol, FieldChecks checks) {
    checks.attempt(field, () -> RuleValues.kubernetesProtocol(protocol));
  }

  private static void range(String field, int start, int end, FieldChecks checks) {
    checks.range(field + ".start", start, 1, 65_535);
    checks.range(field + ".end", end, start, 65_535);
  }

  private static void protocols(
      String field, Optional<List<ClusterNetworkPolicy.Protocol>> protocols, FieldChecks checks) {
    List<ClusterNetworkPolicy.Protocol> all = protocols.orElse(List.of());
    for (int i = 0; i < all.size(); i++) {
      ClusterNetworkPolicy.Protocol protocol = all.get(i);
      String place = field + "[" + i + "]";
      int said =
          (protocol.tcp().isPresent() ? 1 : 0)
              + (protocol.udp().isPresent() ? 1 : 0)
              + (protocol.sctp().isPresent() ? 1 : 0)
              + (protocol.destinationNamedPort().isEmpty() ? 0 : 1);
      if (said != 1) {
        checks.refuse(place, "needs one of tcp, udp, sctp and destinationNamedPort");
      }
      protocol.tcp().ifPresent(to -> destination(place + ".tcp", to, checks));
      protocol.udp().ifPresent(to -> destination(place + ".udp", to, checks));
      protocol.sctp().ifPresent(to -> destination(place + ".sctp", to, checks));
    }
  }

  private static void destination(
      String field, ClusterNetworkPolicy.Destination destination, FieldChecks checks) {
    if (destination.destinationPort().isEmpty()) {
      return;
    }
    ClusterNetworkPolicy.Port port = destination.destinationPort().get();
    String place = field + ".destinationPort";
    if (port.number().isPresent() == port.range().isPresent()) {
      checks.refuse(place, "needs one of number and range");
    }
    checks.range(place + ".number", port.number(), 1, 65_535);
    port.range().ifPresent(r -> range(place + ".range", r.start(), r.end(), checks));
  }
}
