package dev.manul.e2e.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.kubernetes.KubernetesAccess;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.e2e.ctl.Ran;
import dev.manul.ipam.AutoAssignRequest;
import dev.manul.ipam.GarbageCollector;
import dev.manul.ipam.GarbageOptions;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.PodSource;
import dev.manul.model.Address;
import dev.manul.model.BlockAffinity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users and the collector do with a store that is a real API server. */
class ClusterStoreIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String POOL =
      """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: %s}
      spec: {cidr: %s, ipipMode: Always, natOutgoing: true, blockSize: 29}
      """;

  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: %s
        namespace: %s
        annotations: {cni.projectcalico.org/podIP: %s, cni.projectcalico.org/podIPs: %s}
      spec:
        nodeName: %s
        automountServiceAccountToken: false
        containers: [{name: c, image: none}]
      """;

  @TempDir static Path directory;
  private static ControlPlane plane;
  private static Ran withoutDefinitions;

  @BeforeAll
  static void aClusterWithNodesAndNamespaces() {
    plane = ControlPlane.start();
    withoutDefinitions = manulctl("", "get", "ippools");
    plane.applyCrds();
    for (String namespace : new String[] {"shop", "garbage"}) {
      plane.kubectl("create", "namespace", namespace);
      plane.kubectl("create", "serviceaccount", "default", "--namespace=" + namespace);
    }
    node("one");
    node("two");
  }

  @AfterAll
  static void end() {
    if (plane != null) {
      plane.close();
    }
  }

  private static void node(String name) {
    plane.kubectlWith(
        """
        apiVersion: v1
        kind: Node
        metadata:
          name: %s
          annotations: {projectcalico.org/IPv4Address: 10.1.5.10/24}
        """
            .formatted(name),
        "create",
        "--filename=-");
  }

  private static void pod(String name, String namespace, String node, Object address) {
    plane.kubectlWith(
        POD.formatted(name, namespace, address + "/32", address + "/32", node),
        "create",
        "--filename=-");
  }

  private static Ran manulctl(String input, String... args) {
    return Ran.manulctl(Map.of("KUBECONFIG", plane.kubeconfig().toString()), input, args);
  }

  private static Datastore open() {
    return KubernetesDatastore.open(KubernetesAccess.file(plane.kubeconfig()));
  }

  @Test
  void everyVerbWorksAndKubectlSeesIt() {
    assertThat(manulctl(POOL.formatted("verbs", "10.10.0.0/24"), "create", "-f", "-"))
        .isEqualTo(new Ran(0, "Successfully created 1 'IPPool' resource(s)\n", ""));
    assertThat(manulctl(POOL.formatted("verbs", "10.10.0.0/24"), "create", "-f", "-").err())
        .contains("resource already exists: IPPool(verbs)");
    assertThat(manulctl(POOL.formatted("verbs", "10.10.0.0/24"), "apply", "-f", "-").code())
        .isZero();
    assertThat(
            manulctl("", "patch", "ippool", "verbs", "-p", "{spec: {ipipMode: CrossSubnet}}").out())
        .isEqualTo("Successfully patched 1 'IPPool' resource\n");
    assertThat(manulctl("", "label", "ippool", "verbs", "rack=r1").code()).isZero();
    assertThat(
            plane.kubectl(
                "get", "ippool", "verbs", "--output=jsonpath={.spec.ipipMode} {.metadata.labels}"))
        .isEqualTo("CrossSubnet {\"rack\":\"r1\"}");
    assertThat(manulctl(POOL.formatted("verbs", "10.10.0.0/24"), "replace", "-f", "-").code())
        .isZero();
    assertThat(manulctl("", "get", "ippool", "verbs", "-o", "wide").out())
        .contains("10.10.0.0/24")
        .contains("Always");
    assertThat(manulctl("", "delete", "ippool", "verbs").code()).isZero();
    assertThat(manulctl("", "get", "ippool", "verbs"))
        .isEqualTo(new Ran(1, "", "resource does not exist: IPPool(verbs)\n"));
  }

  @Test
  void triesComparesAndTakesPathsAsKubectlDoes() {
    String pool = POOL.formatted("tried", "10.11.0.0/24");
    assertThat(manulctl(pool, "create", "--dry-run", "-f", "-").out())
        .isEqualTo("Successfully created 1 'IPPool' resource(s) (dry run)\n");
    assertThat(manulctl(pool, "diff", "-f", "-").out())
        .startsWith("--- nothing\n+++ applied IPPool(tried)\n");
    assertThat(manulctl("", "get", "ippool", "tried").code()).isEqualTo(1);
    assertThat(manulctl(pool, "create", "-f", "-").code()).isZero();
    assertThat(manulctl(pool, "diff", "-f", "-")).isEqualTo(new Ran(0, "", ""));
    assertThat(manulctl("", "pool", "mode", "tried", "--vxlan", "Always", "--dry-run").code())
        .isZero();
    assertThat(manulctl("", "delete", "ippool", "tried", "--dry-run").code()).isZero();
    String path =
        "{range .items[?(@.metadata.name==\"tried\")]}"
            + "{.spec.cidr} {.spec.ipipMode} {.spec.allowedUses[-1]}{\"\\n\"}{end}";
    assertThat(manulctl("", "get", "ippools", "-o", "jsonpath=" + path).out())
        .isEqualTo("10.11.0.0/24 Always Tunnel\n")
        .isEqualTo(plane.kubectl("get", "ippools", "--output=jsonpath=" + path));
    assertThat(manulctl("", "delete", "ippool", "tried").code()).isZero();
  }

  @Test
  void aClusterIsExportedIntoADirectory() throws IOException {
    assertThat(manulctl(POOL.formatted("moved", "10.12.0.0/24"), "create", "-f", "-").code())
        .isZero();
    Ran exported = manulctl("", "datastore", "migrate", "export");
    assertThat(exported.err()).isEmpty();
    assertThat(exported.out()).contains("name: moved", "kind: Node").doesNotContain("kind: Secret");
    Map<String, String> files =
        Map.of("MANUL_DATASTORE_PATH", Files.createTempDirectory(directory, "store").toString());
    Ran imported = Ran.manulctl(files, exported.out(), "datastore", "migrate", "import", "-f", "-");
    assertThat(imported.err()).isEmpty();
    assertThat(
            Ran.manulctl(files, "", "get", "ippool", "moved", "-o", "jsonpath={.spec.cidr}").out())
        .isEqualTo("10.12.0.0/24");
    Ran refused = manulctl(exported.out(), "datastore", "migrate", "import", "-f", "-");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).startsWith("the datastore holds resources already (");
    assertThat(manulctl("", "delete", "ippool", "moved").code()).isZero();
  }

  @Test
  void policiesOfCalicoAreWrittenAndThoseOfKubernetesRead() {
    String spec = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}";
    String kubernetes =
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: theirs, namespace: shop}
        spec: %s
        """
            .formatted(spec);
    plane.kubectlWith(kubernetes, "create", "--filename=-");
    String calico =
        """
        apiVersion: projectcalico.org/v3
        kind: NetworkPolicy
        metadata: {name: ours, namespace: shop}
        spec:
          order: 7.5
          selector: app == 'web'
          ingress: [{action: Allow, protocol: TCP, destination: {ports: [80, "90:99"]}}]
        """;
    assertThat(manulctl(calico, "apply", "-f", "-"))
        .isEqualTo(new Ran(0, "Successfully applied 1 'NetworkPolicy' resource(s)\n", ""));
    assertThat(manulctl("", "get", "networkpolicies", "-A", "-o", "wide").out())
        .contains("shop        ours   default   7.5     app == 'web'")
        .doesNotContain("theirs");
    assertThat(manulctl("", "get", "knp", "-A", "-o", "wide").out())
        .contains("shop        theirs   app == 'web'")
        .doesNotContain("ours");
    assertThat(plane.kubectl("get", "networkpolicies.projectcalico.org", "--namespace=shop"))
        .contains("ours")
        .contains("7.5");
    assertThat(manulctl("", "delete", "np", "ours", "-n", "shop").code()).isZero();
    Ran foreign = manulctl("", "delete", "knp", "theirs", "-n", "shop");
    assertThat(foreign.code()).isEqualTo(1);
    assertThat(foreign.err()).contains("is Kubernetes' own and only read here; use kubectl");
    assertThat(manulctl("", "get", "adminnetworkpolicies").err())
        .contains("does not serve adminnetworkpolicies.policy.networking.k8s.io")
        .hasLineCount(1);
  }

  @Test
  void nodesAndEndpointsAreThoseOfTheCluster() throws IOException {
    pod("web", "shop", "one", "10.10.9.1");
    assertThat(manulctl("", "get", "node", "one", "-o", "wide").out()).contains("10.1.5.10/24");
    assertThat(manulctl("", "label", "node", "one", "rack=r1").code()).isZero();
    assertThat(manulctl("", "get", "wep", "-n", "shop").out()).contains("web").contains("one");
    assertThat(manulctl("", "get", "wep").out()).doesNotContain("web");
    Path file = directory.resolve("shop.conf");
    Files.copy(plane.kubeconfig(), file);
    plane.kubectl("config", "set-context", "--current", "--namespace=shop", "--kubeconfig=" + file);
    assertThat(manulctl("", "--kubeconfig=" + file, "get", "wep").out())
        .as("the namespace of the kubeconfig's context")
        .contains("10.10.9.1/32");
    Ran foreign = manulctl("", "delete", "node", "two");
    assertThat(foreign.code()).isEqualTo(1);
    assertThat(foreign.err()).contains("kubectl delete node removes one");
  }

  @Test
  void whatIsWrongIsToldInOneLine() throws IOException {
    assertThat(withoutDefinitions.code()).isEqualTo(3);
    assertThat(withoutDefinitions.err()).contains("kubectl apply -f deploy/crds").hasLineCount(1);
    String good = Files.readString(plane.kubeconfig());
    Path file = directory.resolve("wrong.conf");

    Files.writeString(file, good.replaceAll("token: [^}\\s]+", "token: nonsense"));
    Ran unknown = manulctl("", "--kubeconfig=" + file, "get", "ippools");
    assertThat(unknown.code()).isEqualTo(3);
    assertThat(unknown.err()).contains("does not know this client").hasLineCount(1);

    Files.writeString(file, good.replaceAll("https://[^,}\\s\"]+", "https://127.0.0.1:1"));
    Ran away = manulctl("", "--kubeconfig=" + file, "get", "ippools");
    assertThat(away.code()).isEqualTo(3);
    assertThat(away.err()).contains("https://127.0.0.1:1 cannot be reached").hasLineCount(1);

    Ran context = manulctl("", "--context", "none", "get", "ippools");
    assertThat(context.code()).isEqualTo(2);
    assertThat(context.err()).contains("has no context none").hasLineCount(1);

    Ran both = manulctl("", "--context", "none", "--datastore", "/tmp", "get", "ippools");
    assertThat(both.code()).isEqualTo(2);

    Map<String, String> etcd = new HashMap<>(Map.of("DATASTORE_TYPE", "etcdv3"));
    assertThat(Ran.manulctl(etcd, "", "get", "ippools").err())
        .isEqualTo("DATASTORE_TYPE: \"etcdv3\" is not kubernetes or file\n");
    Ran missing =
        Ran.manulctl(
            Map.of("DATASTORE_TYPE", "kubernetes", "KUBECONFIG", "/nowhere"), "", "get", "nodes");
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.err()).contains("/nowhere").hasLineCount(1);
  }

  @Test
  void leaksAreReleasedAndGoneNodesForgotten() {
    assertThat(manulctl(POOL.formatted("pods", "10.10.1.0/24"), "create", "-f", "-").code())
        .isZero();
    try (Datastore datastore = open()) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      Address kept = allocate(ipam, "one", "kept");
      Address leaked = allocate(ipam, "one", "leaked");
      Address slow = allocate(ipam, "one", "slow");
      Address far = allocate(ipam, "two", "far");
      pod("kept", "garbage", "one", kept);
      pod("leaked", "garbage", "one", leaked);
      pod("far", "garbage", "two", far);
      plane.kubectl(
          "run",
          "slow",
          "--image=none",
          "--namespace=garbage",
          "--overrides",
          "{\"spec\": {\"nodeName\": \"one\", \"automountServiceAccountToken\": false}}");
      try (GarbageCollector collector =
          GarbageCollector.start(
              datastore,
              ipam,
              new GarbageOptions("one", PodSource.PODS, Duration.ofSeconds(2)),
              Clock.systemUTC())) {
        await().atMost(PATIENCE).until(() -> collector.status().lastPass().isPresent());
        assertThat(plane.kubectl("get", "lease", "--namespace=kube-system", "--output=name"))
            .contains(GarbageCollector.OFFICE);
        remove("leaked");
        await().atMost(PATIENCE).until(() -> ipam.lookup(leaked).isEmpty());
        remove("far");
        plane.kubectl("delete", "node", "two");
        await().atMost(PATIENCE).until(() -> ipam.lookup(far).isEmpty());
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    datastore.list(BlockAffinity.KIND, Selection.onNode("two")).items().isEmpty());
        assertThat(ipam.lookup(kept)).isPresent();
        assertThat(ipam.lookup(slow)).as("its pod has no address yet").isPresent();
        assertThat(ipam.ownBlocks("two")).isEmpty();
        assertThat(collector.status().problem()).isEmpty();
      }
    }
    Ran check = manulctl("", "ipam", "check", "--show-problem-ips");
    assertThat(check.out())
        .contains("Found 1 IPAM blocks.")
        .contains("blocks and affinities that disagree...\nFound 0 of them.");
    assertThat(manulctl("", "ipam", "show").out()).contains("10.10.1.0/24");
  }

  private static Address allocate(Ipam ipam, String node, String pod) {
    return ipam.autoAssign(
            AutoAssignRequest.of(node, IntendedUse.WORKLOAD)
                .withCounts(1, 0)
                .withHandle("k8s-pod-network." + pod)
                .withAttributes(Map.of("namespace", "garbage", "pod", pod, "node", node)))
        .addresses()
        .getFirst();
  }

  private static void remove(String pod) {
    plane.kubectl(
        "delete", "pod", pod, "--namespace=garbage", "--grace-period=0", "--force", "--wait=false");
  }
}
