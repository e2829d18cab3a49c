package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kinds that policy is made of, from the command line to a directory and back. */
final class PolicyCommandsTest {

  private static final String POLICIES =
      """
      apiVersion: projectcalico.org/v3
      kind: Tier
      metadata: {name: late}
      spec: {}
      ---
      apiVersion: projectcalico.org/v3
      kind: Tier
      metadata: {name: security}
      spec: {order: 10.5, defaultAction: Pass}
      ---
      apiVersion: projectcalico.org/v3
      kind: Tier
      metadata: {name: platform}
      spec: {order: 2}
      ---
      apiVersion: projectcalico.org/v3
      kind: NetworkPolicy
      metadata: {name: allow-web, namespace: shop}
      spec:
        tier: security
        order: 100
        selector: app == 'web'
        ingress:
          - {action: Allow, protocol: TCP, destination: {ports: [80, http]}}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny-all, namespace: shop}
      spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
      ---
      apiVersion: projectcalico.org/v3
      kind: GlobalNetworkPolicy
      metadata: {name: default-deny}
      spec: {types: [Ingress, Egress]}
      ---
      apiVersion: projectcalico.org/v3
      kind: StagedGlobalNetworkPolicy
      metadata: {name: try}
      spec: {order: 0.5, selector: all()}
      ---
      apiVersion: projectcalico.org/v3
      kind: StagedKubernetesNetworkPolicy
      metadata: {name: try, namespace: shop}
      spec: {podSelector: {matchLabels: {app: web}}}
      ---
      apiVersion: projectcalico.org/v3
      kind: GlobalNetworkSet
      metadata: {name: bad, labels: {threat: "yes"}}
      spec: {nets: [10.0.0.0/8, "fd00::/8"]}
      ---
      apiVersion: projectcalico.org/v3
      kind: HostEndpoint
      metadata: {name: n1-eth0}
      spec: {node: n1, interfaceName: eth0, expectedIPs: [10.0.0.1], profiles: [p, q]}
      ---
      apiVersion: projectcalico.org/v3
      kind: Profile
      metadata: {name: p}
      spec: {labelsToApply: {a: b, c: d}}
      ---
      apiVersion: policy.networking.k8s.io/v1alpha1
      kind: AdminNetworkPolicy
      metadata: {name: first}
      spec: {priority: 7, subject: {namespaces: {matchLabels: {a: b}}}}
      """;

  @TempDir Path directory;

  private String out(String... args) {
    return Ran.outputOf(directory, args);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tiers | NAME ORDER / platform 2 / security 10.5 / late",
        "tier -o wide | NAME ORDER / platform 2 / security 10.5 / late",
        "tier -o custom-columns=NAME,DEFAULTACTION | NAME DEFAULTACTION / platform Deny / security Pass / late Deny",
        "np -n shop | NAMESPACE NAME TIER / shop allow-web security",
        "networkpolicies -A | NAMESPACE NAME TIER / shop allow-web security",
        "policy -n shop -o wide | NAMESPACE NAME TIER ORDER SELECTOR / shop allow-web security 100 app == 'web'",
        "knp -A -o wide | NAMESPACE NAME PODSELECTOR / shop deny-all all()",
        "gnp | NAME TIER / default-deny default",
        "sgnp -o wide | NAME TIER ORDER SELECTOR / try default 0.5 all()",
        "stagedkubernetesnetworkpolicy -n shop -o wide | NAMESPACE NAME PODSELECTOR / shop try app == 'web'",
        "globalnetworksets -o wide | NAME NETS / bad 10.0.0.0/8,fd00::/8",
        "hep | NAME NODE / n1-eth0 n1",
        "hep -o wide | NAME NODE INTERFACE IPS PROFILES / n1-eth0 n1 eth0 10.0.0.1 p,q",
        "pro -o wide | NAME LABELS / p a=b,c=d",
        "anp -o wide | NAME PRIORITY SUBJECT / first 7 namespaces a == 'b'",
        "cnp | NAME TIER PRIORITY",
      })
  void tables(String arguments, String table) {
    Ran.apply(directory, POLICIES);
    String shown = out(("get " + arguments).split(" ", -1));
    String lines = String.join(" / ", shown.strip().lines().map(String::strip).toList());
    assertThat(lines.replaceAll(" +", " ")).isEqualTo(table);
  }

  @Test
  void kindsOfOneNameAreKeptApart() throws Exception {
    Ran.apply(directory, POLICIES);
    assertThat(out("get", "knp", "deny-all", "-n", "shop", "-o", "yaml"))
        .startsWith("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n");
    assertThat(out("get", "np", "allow-web", "-n", "shop", "-o", "yaml"))
        .startsWith("apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n");
    assertThat(out("delete", "knp", "deny-all", "-n", "shop"))
        .contains("deleted 1 'KubernetesNetworkPolicy' resource(s)");
    assertThat(out("get", "np", "-A")).contains("allow-web");
    assertThat(out("get", "knp", "-A")).doesNotContain("deny-all");
  }

  @Test
  void aPolicyIsPatchedAndStaysWhatItIs() {
    Ran.apply(directory, POLICIES);
    assertThat(out("patch", "np", "allow-web", "-n", "shop", "-p", "{spec: {order: 50.5}}"))
        .contains("Successfully patched");
    assertThat(out("get", "np", "allow-web", "-n", "shop", "-o", "yaml"))
        .contains("  order: 50.5\n", "      - 80\n", "      - http\n");
  }

  @Test
  void badPoliciesAreRefusedInOneLineAndNothingIsWritten() throws Exception {
    Path file = directory.resolve("bad.txt");
    Files.writeString(
        file,
        """
        apiVersion: projectcalico.org/v3
        kind: NetworkPolicy
        metadata: {name: bad, namespace: shop}
        spec:
          selector: role = 'x'
          ingress: [{action: Allow, protocol: TCP, destination: {ports: ["90:80"]}}]
        """);
    Ran ran = Ran.of(directory, "apply", "-f", file.toString());
    assertThat(ran.code()).isNotZero();
    assertThat(ran.err().lines().toList()).hasSize(1);
    assertThat(ran.err())
        .contains(
            "NetworkPolicy shop/bad: spec.selector: selector \"role = 'x'\": position 6",
            "spec.ingress[0].destination.ports[0]: got 90:80, which is reversed");
    assertThat(out("get", "np", "-A")).doesNotContain("bad");
  }
}
