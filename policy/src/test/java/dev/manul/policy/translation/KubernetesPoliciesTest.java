package dev.manul.policy.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.IntOrString;
import dev.manul.model.KubernetesNetworkPolicy;
import dev.manul.model.KubernetesNetworkPolicy.EgressRule;
import dev.manul.model.KubernetesNetworkPolicy.IngressRule;
import dev.manul.model.KubernetesNetworkPolicy.IpBlock;
import dev.manul.model.KubernetesNetworkPolicy.Peer;
import dev.manul.model.KubernetesNetworkPolicy.Port;
import dev.manul.model.LabelSelector;
import dev.manul.model.LabelSelector.Requirement;
import dev.manul.model.Metadata;
import dev.manul.model.StagedAction;
import dev.manul.model.StagedKubernetesNetworkPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Kubernetes' NetworkPolicy, after the recipes that its documentation and its users have. */
final class KubernetesPoliciesTest {

  private static final String HEAD = "knp/default/p default 1000.0 ";
  private static final String HERE = "projectcalico.org/namespace == 'default'";
  private static final String PODS = "projectcalico.org/orchestrator == 'k8s'";
  private static final LabelSelector WEB = LabelSelector.of("app", "web");

  private static KubernetesNetworkPolicy policy(
      LabelSelector pods, List<IngressRule> ingress, List<EgressRule> egress, String... types) {
    return new KubernetesNetworkPolicy(
        Metadata.named("default", "p"),
        new KubernetesNetworkPolicy.Spec(pods, ingress, egress, List.of(types)));
  }

  private static Peer pods(LabelSelector pods) {
    return new Peer(Optional.of(pods), Optional.empty(), Optional.empty());
  }

  private static Peer namespaces(LabelSelector namespaces) {
    return new Peer(Optional.empty(), Optional.of(namespaces), Optional.empty());
  }

  private static Peer both(LabelSelector namespaces, LabelSelector pods) {
    return new Peer(Optional.of(pods), Optional.of(namespaces), Optional.empty());
  }

  private static Peer block(String cidr, String... except) {
    return new Peer(
        Optional.empty(), Optional.empty(), Optional.of(new IpBlock(cidr, List.of(except))));
  }

  private static Port port(String protocol, String port) {
    return new Port(protocol, Optional.of(new IntOrString(port)), Optional.empty());
  }

  private static IngressRule from(Peer... peers) {
    return new IngressRule(List.of(), List.of(peers));
  }

  private static String shown(KubernetesNetworkPolicy policy) {
    return Shown.policy(Translation.of(policy));
  }

  private static String is(String types, String pods, String... rules) {
    String whom = "(" + HERE + " && " + PODS + (pods.isEmpty() ? "" : " && " + pods) + ")";
    return HEAD
        + types
        + "\n"
        + whom
        + "\n"
        + String.join("\n", rules)
        + (rules.length > 0 ? "\n" : "");
  }

  @Test
  void directionsAreThoseSaidOrIngressAndWhatHasRules() {
    assertThat(shown(policy(LabelSelector.ALL, List.of(), List.of())))
        .isEqualTo(is("[INGRESS]", ""));
    assertThat(shown(policy(LabelSelector.ALL, List.of(), List.of(), "Ingress", "Egress")))
        .isEqualTo(is("[INGRESS, EGRESS]", ""));
    assertThat(shown(policy(LabelSelector.ALL, List.of(), List.of(), "Egress")))
        .isEqualTo(is("[EGRESS]", ""));
    EgressRule all = new EgressRule(List.of(), List.of());
    assertThat(shown(policy(LabelSelector.ALL, List.of(), List.of(all))))
        .isEqualTo(is("[INGRESS, EGRESS]", "", "< ALLOW"));
  }

  @Test
  void anEmptyRuleAllowsEverything() {
    assertThat(shown(policy(WEB, List.of(from()), List.of())))
        .isEqualTo(is("[INGRESS]", "app == 'web'", "> ALLOW"));
  }

  @Test
  void podsWithoutNamespacesAreOfThePolicysOwn() {
    assertThat(shown(policy(WEB, List.of(from(pods(LabelSelector.ALL))), List.of())))
        .isEqualTo(is("[INGRESS]", "app == 'web'", "> ALLOW from (" + HERE + " && " + PODS + ")"));
    assertThat(shown(policy(WEB, List.of(from(pods(LabelSelector.of("role", "fe")))), List.of())))
        .isEqualTo(
            is(
                "[INGRESS]",
                "app == 'web'",
                "> ALLOW from (" + HERE + " && " + PODS + " && role == 'fe')"));
  }

  @Test
  void namespacesAreSelectedByLabelsThatTheirPodsInherit() {
    LabelSelector prod = LabelSelector.of("purpose", "production");
    assertThat(
            shown(
                policy(
                    WEB,
                    List.of(
                        from(namespaces(LabelSelector.ALL)),
                        from(namespaces(prod), both(prod, LabelSelector.of("type", "mon")))),
                    List.of())))
        .isEqualTo(
            is(
                "[INGRESS]",
                "app == 'web'",
                "> ALLOW from (has(projectcalico.org/namespace) && " + PODS + ")",
                "> ALLOW from (pcns.purpose == 'production' && " + PODS + ")",
                "> ALLOW from (pcns.purpose == 'production' && " + PODS + " && type == 'mon')"));
  }

  @Test
  void portsAreGatheredByProtocolAndCombinedWithEveryPeer() {
    Port range = new Port("", Optional.of(IntOrString.of(32000)), Optional.of(32768));
    EgressRule rule =
        new EgressRule(
            List.of(
                port("TCP", "80"), port("UDP", "53"), port("", "http"), port("SCTP", "7"), range),
            List.of(block("10.0.0.0/24"), pods(WEB)));
    assertThat(shown(policy(WEB, List.of(), List.of(rule), "Egress")))
        .isEqualTo(
            is(
                "[EGRESS]",
                "app == 'web'",
                "< ALLOW proto 6 to net 10.0.0.0/24 port 80,32000:32768 port http",
                "< ALLOW proto 17 to net 10.0.0.0/24 port 53",
                "< ALLOW proto 132 to net 10.0.0.0/24 port 7",
                "< ALLOW proto 6 to ("
                    + HERE
                    + " && "
                    + PODS
                    + " && app == 'web') port 80,32000:32768 port http",
                "< ALLOW proto 17 to (" + HERE + " && " + PODS + " && app == 'web') port 53",
                "< ALLOW proto 132 to (" + HERE + " && " + PODS + " && app == 'web') port 7"));
  }

  @Test
  void aPortWithoutNumberIsAllPortsOfItsProtocol() {
    Port allUdp = new Port("UDP", Optional.empty(), Optional.empty());
    assertThat(
            shown(
                policy(
                    LabelSelector.ALL,
                    List.of(new IngressRule(List.of(port("UDP", "53"), allUdp), List.of())),
                    List.of())))
        .isEqualTo(is("[INGRESS]", "", "> ALLOW proto 17"));
  }

  @Test
  void blocksHaveExceptionsAndTwoFamilies() {
    assertThat(
            shown(
                policy(
                    LabelSelector.ALL,
                    List.of(
                        from(
                            block("172.17.0.0/16", "172.17.1.0/24"),
                            block("172.17.9.9/16"),
                            block("2001:db8::/32", "2001:db8:1::/48"))),
                    List.of())))
        .isEqualTo(
            is(
                "[INGRESS]",
                "",
                "> ALLOW from net 172.17.0.0/16 !net 172.17.1.0/24",
                "> ALLOW from net 172.17.0.0/16",
                "> ALLOW from net 2001:db8::/32 !net 2001:db8:1::/48"));
  }

  @Test
  void expressionsOfSelectorsAreKnown() {
    LabelSelector selector =
        new LabelSelector(
            Map.of("b", "2", "a", "1"),
            List.of(
                new Requirement("c", "In", List.of("x", "y")),
                new Requirement("d", "NotIn", List.of("z")),
                new Requirement("e", "Exists", List.of()),
                new Requirement("f", "DoesNotExist", List.of())));
    assertThat(shown(policy(selector, List.of(), List.of())))
        .contains(
            "a == '1' && b == '2' && c in {'x', 'y'} && d not in {'z'} && has(e) && !has(f))");
  }

  @Test
  void whatCannotBeReadAllowsNothingAndTheRestStays() {
    Translated translated =
        Translation.of(
            policy(
                WEB,
                List.of(
                    from(block("10.0.0.0/33")),
                    from(block("10.0.0.0/8")),
                    new IngressRule(List.of(port("ICMP", "1")), List.of()),
                    from(new Peer(Optional.empty(), Optional.empty(), Optional.empty())),
                    new IngressRule(
                        List.of(new Port("", Optional.of(IntOrString.of(90)), Optional.of(80))),
                        List.of()),
                    new IngressRule(
                        List.of(
                            new Port("", Optional.of(new IntOrString("http")), Optional.of(80))),
                        List.of())),
                List.of()));
    assertThat(Shown.policy(new Translated(translated.facts(), List.of())))
        .isEqualTo(is("[INGRESS]", "app == 'web'", "> ALLOW from net 10.0.0.0/8"));
    assertThat(translated.problems())
        .containsExactly(
            "KubernetesNetworkPolicy default/p: spec.ingress[0].from[0].ipBlock.cidr:"
                + " a prefix length of 33 is not within 0 to 32",
            "KubernetesNetworkPolicy default/p: spec.ingress[2].ports[0].protocol:"
                + " got \"ICMP\", allowed are TCP, UDP and SCTP",
            "KubernetesNetworkPolicy default/p: spec.ingress[3].from[0]:"
                + " needs podSelector, namespaceSelector or both, or ipBlock alone",
            "KubernetesNetworkPolicy default/p: spec.ingress[4].ports[0].port:"
                + " got 90 to 80, allowed are 1 to 65535, the lower first",
            "KubernetesNetworkPolicy default/p: spec.ingress[5].ports[0].endPort:"
                + " needs a port that is a number");
  }

  @Test
  void aPolicyOfWhichIsNotKnownWhomItIsAboutClosesItsNamespace() {
    LabelSelector broken =
        new LabelSelector(Map.of(), List.of(new Requirement("a", "Is", List.of())));
    Translated translated = Translation.of(policy(broken, List.of(from()), List.of()));
    assertThat(Shown.policy(new Translated(translated.facts(), List.of())))
        .isEqualTo(HEAD + "[INGRESS]\n" + HERE + "\n> DENY\n");
    assertThat(translated.problems())
        .containsExactly(
            "KubernetesNetworkPolicy default/p: spec.podSelector: matchExpressions: operator:"
                + " got \"Is\", allowed are In, NotIn, Exists and DoesNotExist");
  }

  @Test
  void typesThatAreNotKnownStandForBoth() {
    Translated translated =
        Translation.of(policy(LabelSelector.ALL, List.of(), List.of(), "ingress"));
    assertThat(Shown.policy(new Translated(translated.facts(), List.of())))
        .isEqualTo(is("[INGRESS, EGRESS]", ""));
    assertThat(translated.problems()).hasSize(1);
  }

  @Test
  void stagedOnesAreMarkedAndThoseThatProposeNothingAreNotThere() {
    StagedKubernetesNetworkPolicy staged =
        new StagedKubernetesNetworkPolicy(
            Metadata.named("default", "p"),
            new StagedKubernetesNetworkPolicy.Spec(
                StagedAction.SET, WEB, List.of(from()), List.of(), List.of()));
    assertThat(Shown.policy(Translation.of(staged)))
        .startsWith("sknp/default/p default 1000.0 [INGRESS] staged\n")
        .endsWith("> ALLOW\n");
    StagedKubernetesNetworkPolicy gone =
        new StagedKubernetesNetworkPolicy(
            Metadata.named("default", "p"),
            new StagedKubernetesNetworkPolicy.Spec(StagedAction.DELETE, null, null, null, null));
    assertThat(Translation.of(gone).facts()).containsExactly(Translation.gone(gone));
  }
}
