package dev.manul.policy.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.AdminNetworkPolicy;
import dev.manul.model.BaselineAdminNetworkPolicy;
import dev.manul.model.ClusterNetworkPolicy;
import dev.manul.model.ClusterNetworkPolicy.Destination;
import dev.manul.model.ClusterNetworkPolicy.Protocol;
import dev.manul.model.ClusterPeer;
import dev.manul.model.LabelSelector;
import dev.manul.model.Metadata;
import dev.manul.model.Resource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Kubernetes' policies for administrators, after the examples of their documentation. */
final class ClusterPoliciesTest {

  private static final String PODS = "projectcalico.org/orchestrator == 'k8s'";
  private static final String EVERYBODY = "(" + PODS + " && has(projectcalico.org/namespace))";
  private static final LabelSelector SENSITIVE = LabelSelector.of("sensitive", "true");
  private static final ClusterPeer.Subject ALL =
      new ClusterPeer.Subject(Optional.of(LabelSelector.ALL), Optional.empty());

  private static ClusterPeer namespaces(LabelSelector selector) {
    return new ClusterPeer(
        Optional.of(selector), Optional.empty(), Optional.empty(), List.of(), List.of());
  }

  private static ClusterPeer pods(LabelSelector namespaces, LabelSelector pods) {
    return new ClusterPeer(
        Optional.empty(),
        Optional.of(new ClusterPeer.Pods(namespaces, pods)),
        Optional.empty(),
        List.of(),
        List.of());
  }

  private static ClusterPeer networks(String... networks) {
    return new ClusterPeer(
        Optional.empty(), Optional.empty(), Optional.empty(), List.of(networks), List.of());
  }

  private static ClusterPeer unknown() {
    return new ClusterPeer(
        Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of());
  }

  private static AdminNetworkPolicy.IngressRule from(
      String action, ClusterPeer peer, AdminNetworkPolicy.Port... ports) {
    return new AdminNetworkPolicy.IngressRule(
        "",
        action,
        List.of(peer),
        ports.length == 0 ? Optional.empty() : Optional.of(List.of(ports)));
  }

  private static AdminNetworkPolicy.EgressRule to(String action, ClusterPeer peer) {
    return new AdminNetworkPolicy.EgressRule("", action, List.of(peer), Optional.empty());
  }

  private static AdminNetworkPolicy.Port port(int first, int last) {
    return new AdminNetworkPolicy.Port(
        Optional.empty(), "", Optional.of(new AdminNetworkPolicy.PortRange("UDP", first, last)));
  }

  private static AdminNetworkPolicy admin(
      ClusterPeer.Subject subject,
      List<AdminNetworkPolicy.IngressRule> ingress,
      List<AdminNetworkPolicy.EgressRule> egress) {
    return new AdminNetworkPolicy(
        Metadata.named("a"), new AdminNetworkPolicy.Spec(30, subject, ingress, egress));
  }

  private static String shown(Resource resource) {
    return Shown.policy(Translation.of(resource));
  }

  @Test
  void adminsPoliciesStandBeforeAllOthers() {
    AdminNetworkPolicy.Port number =
        new AdminNetworkPolicy.Port(
            Optional.of(new AdminNetworkPolicy.PortNumber("", 443)), "", Optional.empty());
    AdminNetworkPolicy.Port named =
        new AdminNetworkPolicy.Port(Optional.empty(), "metrics", Optional.empty());
    AdminNetworkPolicy policy =
        admin(
            new ClusterPeer.Subject(Optional.of(SENSITIVE), Optional.empty()),
            List.of(
                from("Allow", pods(LabelSelector.ALL, LabelSelector.of("app", "mon")), number),
                from("Pass", namespaces(LabelSelector.of("tier", "x")), port(5, 9)),
                from("Deny", namespaces(LabelSelector.ALL), named)),
            List.of(to("Deny", networks("0.0.0.0/0", "::/0"))));
    assertThat(shown(policy))
        .isEqualTo(
            "anp/a kube-admin 30.0 [INGRESS, EGRESS]\n("
                + PODS
                + " && pcns.sensitive == 'true')\n"
                + "> ALLOW proto 6 from ("
                + PODS
                + " && has(projectcalico.org/namespace) && app == 'mon') to port 443\n"
                + "> PASS proto 17 from ("
                + PODS
                + " && pcns.tier == 'x') to port 5:9\n"
                + "> DENY proto 6 from "
                + EVERYBODY
                + " to port metrics\n"
                + "> DENY proto 17 from "
                + EVERYBODY
                + " to port metrics\n"
                + "> DENY proto 132 from "
                + EVERYBODY
                + " to port metrics\n"
                + "< DENY to net 0.0.0.0/0,::/0\n");
  }

  @Test
  void theBaselineStandsBehindAllOthers() {
    BaselineAdminNetworkPolicy policy =
        new BaselineAdminNetworkPolicy(
            Metadata.named("default"),
            new BaselineAdminNetworkPolicy.Spec(
                ALL, List.of(from("Deny", namespaces(LabelSelector.ALL))), List.of()));
    assertThat(shown(policy))
        .isEqualTo(
            "banp/default kube-baseline Infinity [INGRESS]\n"
                + EVERYBODY
                + "\n> DENY from "
                + EVERYBODY
                + "\n");
  }

  @Test
  void clusterPoliciesAreOfEitherTier() {
    Destination port80 =
        new Destination(
            Optional.of(new ClusterNetworkPolicy.Port(Optional.of(80), Optional.empty())));
    Destination range =
        new Destination(
            Optional.of(
                new ClusterNetworkPolicy.Port(
                    Optional.empty(), Optional.of(new ClusterNetworkPolicy.Range(1, 9)))));
    List<Protocol> protocols =
        List.of(
            new Protocol(Optional.of(port80), Optional.empty(), Optional.empty(), ""),
            new Protocol(Optional.empty(), Optional.of(range), Optional.empty(), ""),
            new Protocol(
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Destination(Optional.empty())),
                ""));
    ClusterNetworkPolicy policy =
        new ClusterNetworkPolicy(
            Metadata.named("c"),
            new ClusterNetworkPolicy.Spec(
                "Baseline",
                7,
                ALL,
                List.of(),
                List.of(
                    new ClusterNetworkPolicy.EgressRule(
                        "", "Accept", List.of(networks("10.0.0.0/8")), Optional.of(protocols)))));
    assertThat(shown(policy))
        .isEqualTo(
            "cnp/c kube-baseline 7.0 [EGRESS]\n"
                + EVERYBODY
                + "\n< ALLOW proto 6 to net 10.0.0.0/8 port 80"
                + "\n< ALLOW proto 17 to net 10.0.0.0/8 port 1:9"
                + "\n< ALLOW proto 132 to net 10.0.0.0/8\n");
  }

  @Test
  void whatIsNotKnownFailsClosed() {
    ClusterPeer nodes =
        new ClusterPeer(
            Optional.empty(),
            Optional.empty(),
            Optional.of(LabelSelector.ALL),
            List.of(),
            List.of());
    Translated translated =
        Translation.of(
            admin(
                ALL,
                List.of(
                    from("Allow", unknown()),
                    from("Deny", unknown()),
                    from("Allow", networks("10.0.0.0/8")),
                    from("Pass", namespaces(LabelSelector.ALL), port(9, 5)),
                    from("Permit", namespaces(LabelSelector.ALL))),
                List.of(to("Allow", nodes), to("Deny", nodes), to("Allow", networks("x")))));
    assertThat(Shown.policy(new Translated(translated.facts(), List.of())))
        .isEqualTo(
            "anp/a kube-admin 30.0 [INGRESS, EGRESS]\n"
                + EVERYBODY
                + "\n> DENY\n> DENY\n> DENY\n< DENY\n");
    assertThat(translated.problems()).hasSize(8);
    assertThat(translated.problems().get(3))
        .isEqualTo(
            "AdminNetworkPolicy a: spec.ingress[3].ports[0]: got 9 to 5, allowed are 1 to 65535,"
                + " the lower first");
    assertThat(translated.problems().get(5))
        .isEqualTo(
            "AdminNetworkPolicy a: spec.egress[0].to[0]: says nothing that is known here; allowed"
                + " are namespaces, pods and networks");
  }

  @Test
  void aPolicyAboutNobodyKnownChangesNothing() {
    ClusterPeer.Subject none = new ClusterPeer.Subject(Optional.empty(), Optional.empty());
    Translated translated = Translation.of(admin(none, List.of(), List.of()));
    assertThat(translated.facts()).isEmpty();
    assertThat(translated.problems())
        .containsExactly("AdminNetworkPolicy a: spec.subject: needs one of namespaces and pods");
  }

  @Test
  void withoutRulesItCountsInNoDirection() {
    assertThat(shown(admin(ALL, List.of(), List.of()))).startsWith("anp/a kube-admin 30.0 []\n");
  }
}
