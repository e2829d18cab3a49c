package dev.manul.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests on a real API server. */
final class ManifestsIT {

  private static final Path DEPLOY = Project.root().resolve("deploy");
  private static final String MANIFEST = DEPLOY.resolve("manul.yaml").toString();
  private static final ObjectMapper JSON = new ObjectMapper();

  private static ApiServer api;

  @BeforeAll
  static void install() {
    api = ApiServer.start();
    assertThat(api.ok("apply", "-f", MANIFEST).lines())
        .hasSize(33)
        .allMatch(line -> line.endsWith(" created"));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void manifestIsAppliedAgainWithoutAChange() {
    assertThat(api.ok("apply", "-f", MANIFEST).lines())
        .hasSize(33)
        .allMatch(line -> line.endsWith(" unchanged"));
  }

  @Test
  void kustomizeBaseIsTheSame() {
    ApiServer.Answer difference =
        api.kubectl("diff", "-k", DEPLOY.resolve("kustomize/base").toString());
    assertThat(difference.output()).isEmpty();
    assertThat(difference.status()).isZero();
  }

  @Test
  void serverSideApplyTakesItToo() {
    assertThat(
            api.ok(
                "apply", "--server-side", "--dry-run=server", "--force-conflicts", "-f", MANIFEST))
        .doesNotContain("arning");
  }

  @Test
  void cniCanBeTakenAway() {
    assertThat(
            api.ok("apply", "--dry-run=server", "-f", DEPLOY.resolve("uninstall.yaml").toString()))
        .isEqualTo("daemonset.apps/manul-uninstall created (server dry run)\n");
  }

  /** As guides change the variables of calico-node. */
  @Test
  void variablesCanBeSet() throws IOException {
    String changed =
        api.ok(
            "--namespace=kube-system",
            "set",
            "env",
            "daemonset/manul-node",
            "--containers=manul-node",
            "--dry-run=server",
            "--output=json",
            "CALICO_IPV4POOL_IPIP=CrossSubnet",
            "IP_AUTODETECTION_METHOD=interface=eth1");
    JsonNode variables = JSON.readTree(changed).at("/spec/template/spec/containers/0/env");
    List<String> found = new ArrayList<>();
    variables.forEach(v -> found.add(v.get("name").asText() + "=" + v.path("value").asText()));
    assertThat(found)
        .contains("CALICO_IPV4POOL_IPIP=CrossSubnet", "IP_AUTODETECTION_METHOD=interface=eth1")
        .doesNotHaveDuplicates();
  }

  @Test
  void agentIsNotPrivileged() throws IOException {
    JsonNode pod =
        JSON.readTree(api.ok("-n", "kube-system", "get", "daemonset", "manul-node", "-o", "json"))
            .at("/spec/template/spec");
    assertThat(pod.get("priority")).isNull();
    assertThat(pod.get("priorityClassName").asText()).isEqualTo("system-node-critical");
    List<JsonNode> containers = new ArrayList<>();
    pod.get("containers").forEach(containers::add);
    pod.get("initContainers").forEach(containers::add);
    assertThat(containers)
        .hasSize(2)
        .allSatisfy(
            container -> {
              JsonNode context = container.get("securityContext");
              assertThat(context.path("privileged").asBoolean()).isFalse();
              assertThat(context.get("readOnlyRootFilesystem").asBoolean()).isTrue();
              assertThat(context.get("allowPrivilegeEscalation").asBoolean()).isFalse();
              assertThat(context.at("/capabilities/drop").toString()).isEqualTo("[\"ALL\"]");
            });
    assertThat(pod.path("hostPID").asBoolean()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list nodes",
        "watch nodes",
        "patch nodes --subresource=status",
        "list pods --all-namespaces",
        "watch pods --all-namespaces",
        "patch pods --subresource=status --namespace=default",
        "list namespaces",
        "list services --all-namespaces",
        "list endpointslices.discovery.k8s.io --all-namespaces",
        "list networkpolicies.networking.k8s.io --all-namespaces",
        "list felixconfigurations.projectcalico.org",
        "watch networkpolicies.projectcalico.org --all-namespaces",
        "watch globalnetworkpolicies.projectcalico.org",
        "watch tiers.projectcalico.org",
        "watch hostendpoints.projectcalico.org",
        "list networksets.projectcalico.org --all-namespaces",
        "list serviceaccounts --all-namespaces",
        "watch bgppeers.projectcalico.org",
        "watch bgpfilters.projectcalico.org",
        "watch secrets/bgp-passwords --namespace=kube-system",
        "list secrets/bgp-secrets --namespace=kube-system",
        "watch kubecontrollersconfigurations.projectcalico.org",
        "list ipreservations.projectcalico.org",
        "create ippools.projectcalico.org",
        "create bgpconfigurations.projectcalico.org",
        "get ipamconfigurations.projectcalico.org",
        "create ipamblocks.projectcalico.org",
        "update ipamblocks.projectcalico.org",
        "delete ipamblocks.projectcalico.org",
        "delete blockaffinities.projectcalico.org",
        "delete ipamhandles.projectcalico.org",
        "get configmaps/kubeadm-config --namespace=kube-system",
        "create leases.coordination.k8s.io --namespace=kube-system",
        "update leases.coordination.k8s.io --namespace=kube-system",
      })
  void agentMay(String question) {
    assertThat(may(question)).as(question).isEqualTo("yes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "get secrets --namespace=kube-system",
        "list secrets --all-namespaces",
        "list secrets --namespace=kube-system",
        "get secrets/bgp-passwords --namespace=default",
        "update secrets/bgp-passwords --namespace=kube-system",
        "get configmaps --namespace=kube-system",
        "create pods --namespace=default",
        "delete pods --namespace=default",
        "create pods --subresource=exec --namespace=default",
        "create nodes",
        "delete nodes",
        "update nodes",
        "patch nodes",
        "patch pods --namespace=default",
        "update pods --subresource=status --namespace=default",
        "create serviceaccounts --subresource=token --namespace=kube-system",
        "update clusterroles.rbac.authorization.k8s.io",
        "create clusterrolebindings.rbac.authorization.k8s.io",
        "patch daemonsets.apps --namespace=kube-system",
        "delete ippools.projectcalico.org",
        "create globalnetworkpolicies.projectcalico.org",
        "update tiers.projectcalico.org",
        "create networkpolicies.networking.k8s.io --namespace=default",
        "create bgppeers.projectcalico.org",
        "update felixconfigurations.projectcalico.org",
        "update ippools.projectcalico.org",
        "update leases.coordination.k8s.io --namespace=kube-node-lease",
        "update customresourcedefinitions.apiextensions.k8s.io",
        "impersonate users",
      })
  void agentMayNot(String question) {
    assertThat(may(question)).as(question).isEqualTo("no");
  }

  private static String may(String question) {
    List<String> arguments =
        new ArrayList<>(
            List.of("auth", "can-i", "--as=system:serviceaccount:kube-system:manul-node"));
    arguments.addAll(List.of(question.split(" ")));
    // Warnings about kinds without namespaces come first.
    return api.kubectl(arguments.toArray(String[]::new)).output().lines().toList().getLast();
  }
}
