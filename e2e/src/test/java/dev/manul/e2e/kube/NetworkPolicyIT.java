package dev.manul.e2e.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Policies applied with kubectl to a real API server, and what packets come through on a node.
 *
 * <p>The pods: {@code web} and {@code client} in the namespace {@code shop}, {@code ally} in {@code
 * friends}, {@code foe} in {@code strangers}. A node reaches its own pods whatever policies say,
 * since the kubelet's probes come from it.
 */
class NetworkPolicyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int HTTP = 8080;
  private static final int METRICS = 9090;
  private static final String NODE = PolicyPods.NODE;
  private static final Set<String> ALL = Set.of(NODE, "client", "ally", "foe");
  private static final List<String> KINDS =
      List.of(
          "networkpolicies.networking.k8s.io",
          "networkpolicies.projectcalico.org",
          "networksets.projectcalico.org");

  private static final String DENY_ALL =
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny-all, namespace: shop}
      spec: {podSelector: {}, policyTypes: [Ingress]}
      """;

  @TempDir static Path directory;
  private static PolicyPods pods;

  @BeforeAll
  static void podsInThreeNamespaces() {
    pods = PolicyPods.start(directory);
    List.of("shop", "friends", "strangers").forEach(pods::namespace);
    pods.pod("shop", "web");
    pods.pod("shop", "client");
    pods.pod("friends", "ally");
    pods.pod("strangers", "foe");
    reach("web", HTTP, ALL);
    reach("web", METRICS, ALL);
  }

  @AfterAll
  static void end() throws IOException {
    if (pods != null) {
      pods.close();
    }
  }

  /** Every test ends with the proof that without its policies everybody is let through again. */
  @AfterEach
  void withoutPoliciesNothingIsClosed() {
    if (pods.node().agent().isEmpty()) {
      pods.node().startAgent();
    }
    String _ =
        pods.kubectl("delete", String.join(",", KINDS), "--all", "--all-namespaces", "--wait");
    String _ =
        pods.kubectl(
            "delete",
            "globalnetworkpolicies.projectcalico.org,tiers.projectcalico.org",
            "--all",
            "--wait");
    String _ = pods.kubectl("label", "--overwrite", "namespace", "strangers", "team=strangers");
    reach("web", HTTP, ALL);
    reach("web", METRICS, ALL);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(pods.nodeStatus()).doesNotContain("BadPolicy"));
  }

  private static void reach(String to, int port, Set<String> from) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(pods.whoReaches(to, port)).isEqualTo(from));
  }

  @Test
  void denyAllClosesANamespaceToAllButItsNode() {
    pods.apply(DENY_ALL);

    reach("web", HTTP, Set.of(NODE));
    reach("client", HTTP, Set.of(NODE));
    assertThat(pods.whoReaches("ally", HTTP)).contains("web", "client", "foe");
  }

  @Test
  void aNamespaceIsAllowedByItsLabelAndALabelMayChange() {
    pods.apply(DENY_ALL);
    pods.apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: from-friends, namespace: shop}
        spec:
          podSelector: {matchLabels: {app: web}}
          ingress: [{from: [{namespaceSelector: {matchLabels: {team: friends}}}]}]
        """);
    reach("web", HTTP, Set.of(NODE, "ally"));
    reach("client", HTTP, Set.of(NODE));

    String _ = pods.kubectl("label", "--overwrite", "namespace", "strangers", "team=friends");
    reach("web", HTTP, Set.of(NODE, "ally", "foe"));

    String _ = pods.kubectl("label", "namespace", "strangers", "team-");
    reach("web", HTTP, Set.of(NODE, "ally"));
  }

  @Test
  void aPodIsAllowedByItsLabelAndALabelMayChange() {
    pods.apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: from-buyers, namespace: shop}
        spec:
          podSelector: {matchLabels: {app: web}}
          ingress: [{from: [{podSelector: {matchLabels: {role: buyer}}}]}]
        """);
    reach("web", HTTP, Set.of(NODE));

    String _ = pods.kubectl("label", "pod", "client", "--namespace=shop", "role=buyer");
    String _ = pods.kubectl("label", "pod", "foe", "--namespace=strangers", "role=buyer");
    reach("web", HTTP, Set.of(NODE, "client"));
    assertThat(pods.whoReaches("client", HTTP)).as("no policy is about it").isNotEmpty();

    String _ = pods.kubectl("label", "pod", "web", "--namespace=shop", "--overwrite", "app=moved");
    reach("web", HTTP, ALL);

    String _ = pods.kubectl("label", "pod", "web", "--namespace=shop", "--overwrite", "app=web");
    String _ = pods.kubectl("label", "pod", "client", "--namespace=shop", "role-");
    reach("web", HTTP, Set.of(NODE));
  }

  @Test
  void egressGoesToOneRangeButForItsExceptions() {
    List<String> targets = List.of(PolicyPods.WORLD, PolicyPods.OTHER_WORLD, pods.address("ally"));
    assertThat(pods.reachedBy("client", HTTP, targets))
        .containsExactlyInAnyOrderElementsOf(targets);
    pods.apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: to-the-world, namespace: shop}
        spec:
          podSelector: {matchLabels: {app: client}}
          policyTypes: [Egress]
          egress: [{to: [{ipBlock: {cidr: 198.51.100.0/24, except: [198.51.100.16/28]}}]}]
        """);

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(pods.reachedBy("client", HTTP, targets))
                    .containsExactly(PolicyPods.WORLD));
    assertThat(pods.whoReaches("client", HTTP)).as("ingress is not its matter").contains("foe");
    assertThat(pods.reachedBy("foe", HTTP, targets)).hasSize(targets.size());
  }

  @Test
  void aPortIsAllowedByItsName() {
    pods.apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: http-only, namespace: shop}
        spec:
          podSelector: {}
          ingress: [{ports: [{port: http}]}]
        """);

    reach("web", METRICS, Set.of(NODE));
    assertThat(pods.whoReaches("web", HTTP)).isEqualTo(ALL);
  }

  @Test
  void calicosPoliciesHaveAnOrderAndTiers() {
    pods.apply(
        """
        apiVersion: projectcalico.org/v3
        kind: GlobalNetworkPolicy
        metadata: {name: default.close-shops}
        spec:
          order: 100
          selector: projectcalico.org/namespace == 'shop'
          types: [Ingress]
        """);
    reach("web", HTTP, Set.of(NODE));

    pods.apply(
        """
        apiVersion: projectcalico.org/v3
        kind: NetworkPolicy
        metadata: {name: default.open-web, namespace: shop}
        spec:
          order: 50
          selector: app == 'web'
          ingress:
            - action: Deny
              source: {namespaceSelector: team == 'strangers'}
            - action: Allow
              protocol: TCP
              destination: {ports: ['8000:8100']}
        """);
    reach("web", HTTP, Set.of(NODE, "client", "ally"));
    assertThat(pods.whoReaches("web", METRICS)).containsExactly(NODE);

    pods.apply(
        """
        apiVersion: projectcalico.org/v3
        kind: Tier
        metadata: {name: security}
        spec: {order: 10}
        ---
        apiVersion: projectcalico.org/v3
        kind: GlobalNetworkPolicy
        metadata: {name: security.no-allies}
        spec:
          tier: security
          selector: app == 'web'
          ingress:
            - {action: Deny, source: {selector: app == 'ally'}}
            - {action: Pass}
        """);
    reach("web", HTTP, Set.of(NODE, "client"));
  }

  @Test
  void aBadPolicyIsToldOfAndClosesWhatItIsAbout() {
    pods.apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: friends-http, namespace: friends}
        spec: {podSelector: {}, ingress: [{ports: [{port: 8080}]}]}
        ---
        apiVersion: projectcalico.org/v3
        kind: NetworkPolicy
        metadata: {name: default.bad, namespace: shop}
        spec: {selector: role = 'buyer', ingress: [{action: Allow}]}
        ---
        apiVersion: projectcalico.org/v3
        kind: GlobalNetworkPolicy
        metadata: {name: default.bad}
        spec: {selector: nonsense, ingress: [{action: Deny}]}
        """);

    reach("web", HTTP, Set.of(NODE));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(pods.nodeStatus())
                    .contains("BadPolicy")
                    .contains("NetworkPolicy shop/default.bad: spec.selector: selector")
                    .contains("GlobalNetworkPolicy default.bad: spec.selector: "));
    assertThat(pods.whoReaches("ally", HTTP)).as("the rest is in force").contains("foe", "web");
    assertThat(pods.whoReaches("ally", METRICS)).containsExactly(NODE);
    assertThat(pods.whoReaches("foe", HTTP)).as("about nobody known").contains("web", "ally");

    pods.apply(
        """
        apiVersion: projectcalico.org/v3
        kind: NetworkPolicy
        metadata: {name: default.bad, namespace: shop}
        spec: {selector: app == 'web', ingress: [{action: Allow, source: {selector: app == 'client'}}]}
        """);
    reach("web", HTTP, Set.of(NODE, "client"));
  }

  @Test
  void whatWasDeniedStaysDeniedWhileTheAgentIsAwayAndComesBack() {
    pods.apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: from-friends, namespace: shop}
        spec:
          podSelector: {}
          ingress: [{from: [{namespaceSelector: {matchLabels: {team: friends}}}]}]
        """);
    Set<String> allowed = Set.of(NODE, "ally");
    reach("web", HTTP, allowed);

    pods.node().killAgent();
    assertThat(pods.whoReaches("web", HTTP)).isEqualTo(allowed);
    pods.node().startAgent();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(pods.whoReaches("web", HTTP)).isEqualTo(allowed);
              return pods.nodeStatus().contains("BGP");
            });
    pods.node().awaitReady();
    assertThat(pods.whoReaches("web", HTTP)).isEqualTo(allowed);
    String _ = pods.kubectl("label", "--overwrite", "namespace", "strangers", "team=friends");
    reach("web", HTTP, Set.of(NODE, "ally", "foe"));
  }
}
