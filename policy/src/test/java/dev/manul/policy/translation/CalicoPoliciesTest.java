package dev.manul.policy.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EntityRule;
import dev.manul.model.EntityRule.ServiceAccountMatch;
import dev.manul.model.EntityRule.ServiceMatch;
import dev.manul.model.GlobalNetworkPolicy;
import dev.manul.model.IntOrString;
import dev.manul.model.Metadata;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.PolicyRule;
import dev.manul.model.PolicyRule.Http;
import dev.manul.model.PolicyRule.Icmp;
import dev.manul.model.StagedAction;
import dev.manul.model.StagedGlobalNetworkPolicy;
import dev.manul.model.StagedNetworkPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** NetworkPolicy and GlobalNetworkPolicy of Calico, staged ones too. */
final class CalicoPoliciesTest {

  private static final String HERE = "projectcalico.org/namespace == 'prod'";

  private static NetworkPolicy policy(
      String selector, String accounts, List<PolicyRule> ingress, List<PolicyRule> egress) {
    return new NetworkPolicy(
        Metadata.named("prod", "p"),
        new NetworkPolicy.Spec(
            "", Optional.of(10.0), ingress, egress, selector, List.of(), accounts, List.of()));
  }

  private static GlobalNetworkPolicy global(
      String selector,
      String namespaces,
      boolean doNotTrack,
      boolean preDnat,
      PolicyRule... rules) {
    return new GlobalNetworkPolicy(
        Metadata.named("g"),
        new GlobalNetworkPolicy.Spec(
            "security",
            Optional.empty(),
            List.of(rules),
            List.of(),
            selector,
            List.of(),
            doNotTrack,
            preDnat,
            doNotTrack || preDnat,
            "",
            namespaces,
            List.of()));
  }

  /** An end with some selectors. */
  private static EntityRule selected(
      String selector, String namespaces, Optional<ServiceAccountMatch> accounts) {
    return new EntityRule(
        null, selector, namespaces, Optional.empty(), null, null, null, null, accounts);
  }

  private static EntityRule ports(String... ports) {
    return new EntityRule(
        null,
        null,
        null,
        Optional.empty(),
        Arrays.stream(ports).map(IntOrString::new).toList(),
        null,
        null,
        null,
        Optional.empty());
  }

  private static EntityRule nets(List<String> nets, List<String> notNets) {
    return new EntityRule(
        nets, null, null, Optional.empty(), null, notNets, null, null, Optional.empty());
  }

  private static EntityRule service(String namespace, String name) {
    return new EntityRule(
        null,
        null,
        null,
        Optional.of(new ServiceMatch(name, namespace)),
        null,
        null,
        null,
        null,
        Optional.empty());
  }

  private static PolicyRule rule(
      String action, String protocol, EntityRule source, EntityRule destination) {
    return new PolicyRule(
        action,
        Optional.empty(),
        protocol.isEmpty() ? Optional.empty() : Optional.of(new IntOrString(protocol)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        source,
        destination,
        Optional.empty(),
        Optional.empty());
  }

  private static List<String> rules(Translated translated) {
    String shown = Shown.policy(new Translated(translated.facts(), List.of()));
    return shown.lines().skip(2).toList();
  }

  @Test
  void aNamespacesPolicyIsAboutItsNamespace() {
    assertThat(Shown.policy(Translation.of(policy("", "", List.of(), List.of()))))
        .isEqualTo("np/prod/p default 10.0 [INGRESS]\n" + HERE + "\n");
    assertThat(Shown.policy(Translation.of(policy("all()", "all()", List.of(), List.of()))))
        .isEqualTo("np/prod/p default 10.0 [INGRESS]\n" + HERE + "\n");
    assertThat(
            Shown.policy(
                Translation.of(policy("a == 'b' || has(c)", "team != 'x'", List.of(), List.of()))))
        .isEqualTo(
            "np/prod/p default 10.0 [INGRESS]\n("
                + HERE
                + " && pcsa.team != 'x' && (a == 'b' || has(c)))\n");
  }

  @Test
  void directionsFollowRulesWhenTheyAreNotSaid() {
    List<PolicyRule> some = List.of(PolicyRule.every("Allow"));
    assertThat(Shown.policy(Translation.of(policy("", "", some, List.of()))))
        .contains(" [INGRESS]\n");
    assertThat(Shown.policy(Translation.of(policy("", "", List.of(), some))))
        .contains(" [EGRESS]\n");
    assertThat(Shown.policy(Translation.of(policy("", "", some, some))))
        .contains(" [INGRESS, EGRESS]\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      value = {
        // selector, namespaceSelector, accounts' names, accounts' selector; in prod, in no
        // namespace
        "role == 'fe' | - | - | - | (NS && role == 'fe') | role == 'fe'",
        "all() | - | - | - | NS | all()",
        "- | all() | - | - | has(projectcalico.org/namespace) | has(projectcalico.org/namespace)",
        "a == 'b' | n == 'm' | - | - | (pcns.n == 'm' && a == 'b') | (pcns.n == 'm' && a == 'b')",
        "a == 'b' | !has(n) && m in {'x'} | - | - | (!has(pcns.n) && pcns.m in {'x'} && a == 'b') | (!has(pcns.n) && pcns.m in {'x'} && a == 'b')",
        "a == 'b' | global() | - | - | (global() && a == 'b') | (global() && a == 'b')",
        "- | - | web | - | (NS && projectcalico.org/serviceaccount == 'web') | projectcalico.org/serviceaccount == 'web'",
        "- | - | web,api | role == 'x' | (NS && projectcalico.org/serviceaccount in {'api', 'web'} && pcsa.role == 'x') | (projectcalico.org/serviceaccount in {'api', 'web'} && pcsa.role == 'x')",
        "- | k starts with 'p' | - | has(x) | (pcns.k starts with 'p' && has(pcsa.x)) | (pcns.k starts with 'p' && has(pcsa.x))",
      })
  void selectorsOfRulesAreScoped(
      String selector,
      String namespaces,
      String names,
      String accounts,
      String inProd,
      String inNone) {
    Optional<ServiceAccountMatch> match =
        names == null && accounts == null
            ? Optional.empty()
            : Optional.of(
                new ServiceAccountMatch(
                    names == null ? List.of() : List.of(names.split(",", -1)), accounts));
    PolicyRule rule = rule("Allow", "", selected(selector, namespaces, match), EntityRule.ANY);
    assertThat(rules(Translation.of(policy("", "", List.of(rule), List.of()))))
        .containsExactly("> ALLOW from " + inProd.replace("NS", HERE));
    assertThat(rules(Translation.of(global("", "", false, false, rule))))
        .containsExactly("> ALLOW from " + inNone);
  }

  @Test
  void whatMustNotBeIsNotScoped() {
    EntityRule not =
        new EntityRule(
            List.of("10.0.0.0/8"),
            null,
            null,
            Optional.empty(),
            null,
            List.of("10.1.2.3"),
            "role == 'x'",
            List.of(new IntOrString("80"), new IntOrString("http")),
            Optional.empty());
    PolicyRule rule = rule("Deny", "TCP", EntityRule.ANY, not);
    assertThat(rules(Translation.of(policy("", "", List.of(), List.of(rule)))))
        .containsExactly(
            "< DENY proto 6 to net 10.0.0.0/8 !net 10.1.2.3/32 !role == 'x' !port 80 !port http");
  }

  @Test
  void protocolsAndMessagesAreNumbers() {
    PolicyRule ping =
        new PolicyRule(
            "Allow",
            Optional.of(6),
            Optional.of(new IntOrString("icmpv6")),
            Optional.of(new Icmp(Optional.of(128), Optional.of(0))),
            Optional.of(new IntOrString("UDPLite")),
            Optional.of(new Icmp(Optional.of(1), Optional.empty())),
            EntityRule.ANY,
            EntityRule.ANY,
            Optional.empty(),
            Optional.empty());
    PolicyRule any =
        new PolicyRule(
            "Log",
            Optional.empty(),
            Optional.of(new IntOrString("ICMP")),
            Optional.of(new Icmp(Optional.empty(), Optional.empty())),
            Optional.empty(),
            Optional.empty(),
            EntityRule.ANY,
            EntityRule.ANY,
            Optional.empty(),
            Optional.empty());
    assertThat(
            rules(
                Translation.of(
                    policy(
                        "",
                        "",
                        List.of(ping, any, rule("Pass", "47", EntityRule.ANY, EntityRule.ANY)),
                        List.of()))))
        .containsExactly(
            "> ALLOW IPV6 proto 58 !proto 136 icmp 128/0 !icmp 1",
            "> LOG proto 1",
            "> PASS proto 47");
  }

  @Test
  void namesOfPortsWithoutProtocolStandForEachProtocolWithPorts() {
    assertThat(
            rules(
                Translation.of(
                    policy(
                        "",
                        "",
                        List.of(
                            rule("Allow", "", EntityRule.ANY, ports("http")),
                            rule("Allow", "UDP", ports("1:9", "0"), ports("dns", "53"))),
                        List.of()))))
        .containsExactly(
            "> ALLOW proto 6 to port http",
            "> ALLOW proto 17 to port http",
            "> ALLOW proto 132 to port http",
            "> ALLOW proto 17 from port 1:9,0 to port 53 port dns");
  }

  @Test
  void servicesAreOfThePolicysNamespaceWhenTheySayNone() {
    assertThat(
            rules(
                Translation.of(
                    policy(
                        "",
                        "",
                        List.of(rule("Allow", "", service("ops", "probe"), EntityRule.ANY)),
                        List.of(rule("Allow", "", EntityRule.ANY, service("", "web")))))))
        .containsExactly("> ALLOW from service ops/probe", "< ALLOW to service prod/web");
  }

  @Test
  void globalPoliciesHaveStagesAndNamespaces() {
    assertThat(Shown.policy(Translation.of(global("a == 'b'", "has(x)", false, false))))
        .isEqualTo("gnp/g security Infinity [INGRESS]\n(has(pcns.x) && a == 'b')\n");
    assertThat(Shown.policy(Translation.of(global("", "", true, false))))
        .isEqualTo("gnp/g security Infinity [INGRESS] UNTRACKED forward\nall()\n");
    assertThat(Shown.policy(Translation.of(global("", "", false, true))))
        .isEqualTo("gnp/g security Infinity [INGRESS] PRE_DNAT forward\nall()\n");
    assertThat(Shown.policy(Translation.of(global("", "all()", false, false))))
        .endsWith("\nhas(projectcalico.org/namespace)\n");
  }

  @Test
  void rulesThatCannotBeReadErrTowardsIsolation() {
    EntityRule bad = nets(List.of("10.0.0.0/8", "10.0.0.0/99"), List.of());
    Translated translated =
        Translation.of(
            policy(
                "",
                "",
                List.of(
                    rule("Allow", "", bad, EntityRule.ANY),
                    rule("Log", "", bad, EntityRule.ANY),
                    rule("Pass", "", bad, EntityRule.ANY),
                    rule("Deny", "", EntityRule.ANY, ports("80")),
                    rule("permit", "", EntityRule.ANY, EntityRule.ANY),
                    rule("Allow", "", EntityRule.ANY, EntityRule.ANY)),
                List.of()));
    assertThat(rules(translated)).containsExactly("> DENY", "> DENY", "> DENY", "> ALLOW");
    assertThat(translated.problems())
        .containsExactly(
            "NetworkPolicy prod/p: spec.ingress[0].source.nets[1]: a prefix length of 99 is not"
                + " within 0 to 32",
            "NetworkPolicy prod/p: spec.ingress[1].source.nets[1]: a prefix length of 99 is not"
                + " within 0 to 32",
            "NetworkPolicy prod/p: spec.ingress[2].source.nets[1]: a prefix length of 99 is not"
                + " within 0 to 32",
            "NetworkPolicy prod/p: spec.ingress[3].destination.ports: need the protocol TCP, UDP"
                + " or SCTP, got no protocol",
            "NetworkPolicy prod/p: spec.ingress[4].action: got \"permit\", allowed are Allow,"
                + " Deny, Log, Pass");
  }

  @Test
  void requestsOfHttpAreNotSeenAndSoNotAllowed() {
    PolicyRule http =
        new PolicyRule(
            "Allow",
            Optional.empty(),
            Optional.of(new IntOrString("TCP")),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            EntityRule.ANY,
            EntityRule.ANY,
            Optional.of(new Http(List.of("GET"), List.of())),
            Optional.empty());
    Translated translated = Translation.of(policy("", "", List.of(http), List.of()));
    assertThat(rules(translated)).isEmpty();
    assertThat(translated.problems())
        .containsExactly(
            "NetworkPolicy prod/p: spec.ingress[0].http: cannot be enforced here; the rule does"
                + " not count");
  }

  @Test
  void aSelectorThatCannotBeReadClosesTheNamespaceButNotTheCluster() {
    Translated translated =
        Translation.of(policy("role = 'x'", "", List.of(PolicyRule.every("Allow")), List.of()));
    assertThat(Shown.policy(new Translated(translated.facts(), List.of())))
        .isEqualTo("np/prod/p default 10.0 [INGRESS]\n" + HERE + "\n> DENY\n");
    assertThat(translated.problems())
        .containsExactly(
            "NetworkPolicy prod/p: spec.selector: selector \"role = 'x'\": position 6: expected"
                + " ==, !=, in, not in, contains, starts with or ends with, found '='");
    Translated tooLong =
        Translation.of(policy("a == '" + "x".repeat(1020) + "'", "", List.of(), List.of()));
    assertThat(rules(tooLong)).containsExactly("> DENY");
    assertThat(tooLong.problems())
        .containsExactly(
            "NetworkPolicy prod/p: spec.selector: got 1027 characters, allowed are up to 1024");
    Translated global =
        Translation.of(global("", "nonsense", false, false, PolicyRule.every("Deny")));
    assertThat(global.facts()).isEmpty();
    assertThat(global.problems()).hasSize(1);
    assertThat(global.problems().getFirst())
        .startsWith("GlobalNetworkPolicy g: spec.namespaceSelector: ");
  }

  @Test
  void stagedPoliciesAreMarked() {
    NetworkPolicy.Spec spec = policy("", "", List.of(), List.of()).spec();
    StagedNetworkPolicy staged =
        new StagedNetworkPolicy(
            Metadata.named("prod", "p"),
            new StagedNetworkPolicy.Spec(
                null, spec.tier(), spec.order(), null, null, null, null, null, null));
    assertThat(Shown.policy(Translation.of(staged)))
        .isEqualTo("snp/prod/p default 10.0 [INGRESS] staged\n" + HERE + "\n");
    StagedGlobalNetworkPolicy learning =
        new StagedGlobalNetworkPolicy(
            Metadata.named("g"),
            new StagedGlobalNetworkPolicy.Spec(
                StagedAction.LEARN,
                null,
                Optional.empty(),
                null,
                null,
                null,
                null,
                false,
                false,
                false,
                null,
                null,
                null));
    assertThat(Translation.of(learning).facts()).containsExactly(Translation.gone(learning));
  }
}
