package dev.manul.datastore.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreContract;
import dev.manul.datastore.InvalidResourceException;
import dev.manul.datastore.RecordingSink;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.model.Condition;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IntOrString;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Key;
import dev.manul.model.KubernetesNetworkPolicy;
import dev.manul.model.LabelSelector;
import dev.manul.model.Metadata;
import dev.manul.model.Namespace;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.Node;
import dev.manul.model.Pod;
import dev.manul.model.PolicyRule;
import dev.manul.model.Prefix;
import dev.manul.model.ServiceAccount;
import dev.manul.model.WorkloadEndpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of datastores, and what is Kubernetes' own, against a real kube-apiserver. */
final class KubernetesDatastoreIT extends DatastoreContract {
  @TempDir static Path directory;

  private static ControlPlaneProcess plane;
  private static ApiObjects objects;

  @BeforeAll
  static void startPlane() throws Exception {
    plane = ControlPlaneProcess.start(directory);
    objects = new ApiObjects(plane.access());
    objects.installDefinitions();
  }

  @AfterAll
  static void stopPlane() throws Exception {
    objects.close();
    plane.close();
  }

  @Override
  protected Datastore open() {
    objects.clear();
    return KubernetesDatastore.open(plane.access());
  }

  @Override
  protected boolean countsUnchangedUpdates() {
    return false; // the API server does not either
  }

  @Override
  protected void preparePod(String namespace, String pod) {
    objects.namespace(namespace);
    objects.pod(namespace, pod, "n1");
  }

  private static <R extends dev.manul.model.Resource> R read(Optional<R> found) {
    return found.orElseThrow(() -> new AssertionError("not there"));
  }

  @Test
  void nodesAreKubernetesNodesWithAnnotations() {
    objects.node("n1");
    Node node = read(store.get(Node.KIND, Key.of("n1")));
    assertThat(node.spec().bgp()).isEmpty();
    Node.Bgp bgp =
        Node.Bgp.EMPTY.withIpv4Address(Optional.of(InterfaceAddress.parse("10.1.5.10/24")));
    Condition condition =
        new Condition(
            "NetworkUnavailable", "False", "ManulIsUp", "up", "2026-01-01T00:00:00.5Z", 0);
    Node written =
        written(
            store.update(
                node.withSpec(node.spec().withBgp(Optional.of(bgp)))
                    .withStatus(node.status().withConditions(List.of(condition)))));

    assertThat(written.spec().bgp()).contains(bgp);
    assertThat(objects.annotations("/api/v1/nodes/n1"))
        .containsEntry("projectcalico.org/IPv4Address", "10.1.5.10/24")
        .containsEntry("kept/by", "somebody else");
    assertThat(written.status().conditions())
        .extracting(each -> each.type() + "=" + each.status())
        .containsExactlyInAnyOrder("NetworkUnavailable=False", "Ready=True");
    assertThat(store.get(Node.KIND, Key.of("n1"))).contains(written);
  }

  @Test
  void heartbeatsOfANodeAreNoChanges() {
    objects.node("n1");
    Node before = read(store.get(Node.KIND, Key.of("n1")));
    String version = objects.version("/api/v1/nodes/n1");
    objects.heartbeat("n1", "2026-05-05T05:05:05Z");
    assertThat(objects.version("/api/v1/nodes/n1")).isNotEqualTo(version);

    assertThat(store.get(Node.KIND, Key.of("n1"))).contains(before);
    String beat = objects.version("/api/v1/nodes/n1");
    assertThat(written(store.update(before))).isEqualTo(before);
    assertThat(objects.version("/api/v1/nodes/n1")).isEqualTo(beat); // nothing was sent
    Node.Bgp bgp = Node.Bgp.EMPTY.withAsNumber(Optional.of(64999L));
    Node written = written(store.update(before.withSpec(before.spec().withBgp(Optional.of(bgp)))));
    assertThat(store.update(before)).isEqualTo(new WriteResult.Conflict<>(Optional.of(written)));
  }

  @Test
  void nodesAreNeitherMadeNorRemoved() {
    Node node = new Node(Metadata.named("n9"), Node.Spec.EMPTY);
    assertThatThrownBy(() -> store.create(node))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining("Node n9 cannot be created");
    assertThatThrownBy(() -> store.delete(node)).hasMessageContaining("cannot be deleted");
    assertThat(store.update(node)).isEqualTo(new WriteResult.Conflict<>(Optional.empty()));
  }

  /** Of a kind that only agents write, and write with every pod; of others it goes on. */
  @Test
  void theServerEndsItsAccountOfAWrittenBlocksFields() {
    String block = "/apis/projectcalico.org/v3/ipamblocks/10-0-0-0-26";
    IPAMBlock.Spec spec =
        IPAMBlock.Spec.empty(Prefix.parse("10.0.0.0/26"), Optional.of("host:n1"), "", 1);
    IPAMBlock made = written(store.create(new IPAMBlock(Metadata.named("10-0-0-0-26"), spec)));
    assertThat(objects.isTracked(block)).isTrue();

    IPAMBlock second = written(store.update(made));
    assertThat(objects.isTracked(block)).isFalse();
    assertThat(store.get(IPAMBlock.KIND, made.key())).contains(second);
    assertThat(written(store.update(second))).isEqualTo(second);
    assertThat(objects.isTracked(block)).isFalse();
    assertThat(store.update(made)).isEqualTo(new WriteResult.Conflict<>(Optional.of(second)));
    assertThat(objects.metadataOfReplaced(block))
        .containsEntry("kind", "PartialObjectMetadata")
        .doesNotContainKey("spec");
  }

  @Test
  void endpointsAreWrittenIntoTheirPods() {
    preparePod("ns1", "web-0");
    WorkloadEndpoint written = written(store.create(endpoint("ns1", "web-0")));

    assertThat(written.metadata().name()).isEqualTo("n1-k8s-web--0-eth0");
    assertThat(written.spec().profiles()).containsExactly("kns.ns1");
    assertThat(objects.annotations("/api/v1/namespaces/ns1/pods/web-0"))
        .containsEntry("cni.projectcalico.org/podIP", "10.0.0.1/32")
        .containsEntry("cni.projectcalico.org/podIPs", "10.0.0.1/32")
        .containsEntry("cni.projectcalico.org/containerID", "c");
    assertThat(store.get(WorkloadEndpoint.KIND, written.key())).contains(written);
    assertThat(store.list(WorkloadEndpoint.KIND, Selection.onNode("n1")).items())
        .containsExactly(written);
    assertThat(store.list(WorkloadEndpoint.KIND, Selection.onNode("n2")).items()).isEmpty();

    assertThat(written(store.delete(written))).isEqualTo(written);
    assertThat(store.get(WorkloadEndpoint.KIND, written.key())).isEmpty();
    assertThat(objects.annotations("/api/v1/namespaces/ns1/pods/web-0"))
        .containsEntry("cni.projectcalico.org/podIP", "");
  }

  @Test
  void endpointsOfOtherPodsOfTheSameNameAreNotTouched() {
    preparePod("ns1", "a");
    String uid = objects.uid("/api/v1/namespaces/ns1/pods/a");
    WorkloadEndpoint mine = endpoint("ns1", "a");
    WorkloadEndpoint others =
        mine.withMetadata(mine.metadata().created("00000000-0000-0000-0000-000000000001", "", ""));
    assertThat(store.create(others)).isInstanceOf(WriteResult.Conflict.class);
    assertThat(objects.annotations("/api/v1/namespaces/ns1/pods/a")).isEmpty();
    WorkloadEndpoint written =
        written(store.create(mine.withMetadata(mine.metadata().created(uid, "", ""))));

    WorkloadEndpoint old = written.withMetadata(written.metadata().created("", "", ""));
    WorkloadEndpoint oldSandbox =
        new WorkloadEndpoint(
            old.metadata(),
            WorkloadEndpoint.Spec.ofPod(
                "n1", "a", "an-older-sandbox", List.of(Prefix.parse("10.0.0.9/32")), "cali1"));
    assertThat(store.delete(oldSandbox))
        .isEqualTo(new WriteResult.Conflict<>(Optional.of(written)));
    WorkloadEndpoint oldSandboxOfThisPod =
        oldSandbox.withMetadata(old.metadata().created(uid, "", ""));
    assertThat(store.delete(oldSandboxOfThisPod))
        .isEqualTo(new WriteResult.Conflict<>(Optional.of(written)));
    assertThat(store.delete(others)).isEqualTo(new WriteResult.Conflict<>(Optional.of(written)));
    assertThat(store.create(endpoint("ns1", "not-there")))
        .isEqualTo(new WriteResult.Conflict<>(Optional.empty()));
    assertThat(store.delete(endpoint("ns1", "not-there")))
        .isEqualTo(new WriteResult.Conflict<>(Optional.empty()));
  }

  @Test
  void podsAndNamespacesAreRead() {
    preparePod("ns1", "a");
    Pod pod = read(store.get(Pod.KIND, new Key("ns1", "a")));
    assertThat(pod.spec().nodeName()).isEqualTo("n1");
    assertThat(store.list(Pod.KIND, Selection.onNode("n1")).items()).containsExactly(pod);
    assertThat(store.list(Pod.KIND, Selection.onNode("n2")).items()).isEmpty();
    assertThat(store.list(Namespace.KIND, Selection.ALL).items())
        .extracting(each -> each.metadata().name())
        .contains("ns1", "default");
    assertThatThrownBy(() -> store.delete(pod))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining("only read");
  }

  @Test
  void theVeryPodEndsUnlessABudgetKeepsIt() {
    preparePod("ns1", "a");
    Key pod = new Key("ns1", "a");
    String path = "/api/v1/namespaces/ns1/pods/a";
    String uid = objects.uid(path);
    try (KubernetesDatastore kubernetes = KubernetesDatastore.open(plane.access())) {
      PodEvictions evictions = kubernetes.evictions();
      assertThat(evictions.isThere(pod, uid)).isTrue();
      assertThat(evictions.isThere(pod, "another")).isFalse();
      assertThat(evictions.evict(new Key("ns1", "gone"), uid)).isEmpty();

      assertThat(evictions.evict(pod, "00000000-0000-0000-0000-000000000001")).isEmpty();
      assertThat(Fields.metadata(objects.tree(path)))
          .as("a pod that is another one by now is not told to end")
          .doesNotContainKey("deletionTimestamp");

      objects.running(path);
      objects.object(
          "/apis/policy/v1beta1/namespaces/ns1/poddisruptionbudgets",
          """
          {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"},
           "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "a"}}}}
          """);
      assertThat(evictions.evict(pod, uid)).get().asString().contains("disruption budget");
      objects.remove("/apis/policy/v1beta1/namespaces/ns1/poddisruptionbudgets/b");

      assertThat(evictions.evict(pod, uid)).isEmpty();
      assertThat(Fields.metadata(objects.tree(path))).containsKey("deletionTimestamp");
      assertThat(evictions.isThere(pod, uid)).as("until its kubelet has ended it").isTrue();
      objects.remove(path);
      assertThat(evictions.isThere(pod, uid)).isFalse();
    }
  }

  @Test
  void podsAndTheirEndpointsAreWatchedTogether() {
    preparePod("ns1", "a");
    RecordingSink<Pod> pods = new RecordingSink<>();
    RecordingSink<WorkloadEndpoint> endpoints = new RecordingSink<>();
    try (Watch one = store.watch(Pod.KIND, Selection.onNode("n1"), pods);
        Watch two = store.watch(WorkloadEndpoint.KIND, Selection.onNode("n1"), endpoints)) {
      assertThat(one).isNotSameAs(two);
      await().until(() -> pods.timesSynced() == 1 && endpoints.timesSynced() == 1);
      assertThat(pods.events()).containsExactly("present ns1/a", "synced");
      assertThat(endpoints.events()).containsExactly("synced");
      WorkloadEndpoint written = written(store.create(endpoint("ns1", "a")));
      await().until(() -> written.equals(endpoints.state().get(written.key())));
      var _ = written(store.delete(written));
      await().until(() -> endpoints.state().isEmpty());
      assertThat(pods.state()).hasSize(1);
    }
  }

  @Test
  void policiesAreKeptWholeAndFollowed() {
    objects.namespace("ns1");
    RecordingSink<NetworkPolicy> policies = new RecordingSink<>();
    try (Watch watch = store.watch(NetworkPolicy.KIND, Selection.ALL, policies)) {
      assertThat(watch).isNotNull();
      await().until(() -> policies.timesSynced() == 1);
      NetworkPolicy first =
          (NetworkPolicy)
              ResourceText.parse(
                      """
                      apiVersion: projectcalico.org/v3
                      kind: NetworkPolicy
                      metadata: {name: p, namespace: ns1}
                      spec:
                        order: 10.5
                        selector: app == 'web'
                        ingress:
                          - action: Allow
                            protocol: TCP
                            source: {selector: role == 'fe', notNets: [10.0.0.1/8]}
                            destination: {ports: [80, "81:90", http]}
                          - {action: Deny, protocol: 132}
                      """,
                      "test")
                  .getFirst()
                  .resource();
      NetworkPolicy written = written(store.create(first));
      assertThat(written.spec()).isEqualTo(first.spec());
      await().until(() -> written.equals(policies.state().get(written.key())));
      NetworkPolicy bad =
          new NetworkPolicy(
              written.metadata(),
              new NetworkPolicy.Spec(
                  "",
                  Optional.empty(),
                  List.of(PolicyRule.every("Maybe")),
                  List.of(),
                  "",
                  List.of(),
                  "",
                  List.of()));
      assertThatThrownBy(() -> store.update(bad))
          .isInstanceOf(InvalidResourceException.class)
          .hasMessageContaining("spec.ingress[0].action: got \"Maybe\"");
      var _ = written(store.delete(written));
      await().until(() -> policies.state().isEmpty());
    }
  }

  @Test
  void kubernetesOwnKindsAreReadAsFarAsTheyMatter() {
    objects.namespace("ns1");
    objects.object(
        "/apis/networking.k8s.io/v1/namespaces/ns1/networkpolicies",
        """
        {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p"},
         "spec":{"podSelector":{"matchLabels":{"a":"b"}},
          "ingress":[{"from":[{"namespaceSelector":{}},{"ipBlock":{"cidr":"10.0.0.0/8"}}],
                      "ports":[{"port":"http"},{"port":80,"protocol":"UDP"}]}]}}
        """);
    RecordingSink<KubernetesNetworkPolicy> policies = new RecordingSink<>();
    RecordingSink<ServiceAccount> accounts = new RecordingSink<>();
    try (Watch one = store.watch(KubernetesNetworkPolicy.KIND, Selection.ALL, policies);
        Watch two = store.watch(ServiceAccount.KIND, Selection.ALL, accounts)) {
      assertThat(one).isNotSameAs(two);
      await().until(() -> policies.timesSynced() == 1 && accounts.timesSynced() == 1);
      KubernetesNetworkPolicy read = policies.state().get(new Key("ns1", "p"));
      assertThat(read.spec().podSelector()).isEqualTo(LabelSelector.of("a", "b"));
      assertThat(read.spec().policyTypes()).containsExactly("Ingress"); // the server's default
      KubernetesNetworkPolicy.IngressRule rule = read.spec().ingress().getFirst();
      assertThat(rule.from())
          .containsExactly(
              new KubernetesNetworkPolicy.Peer(
                  Optional.empty(), Optional.of(LabelSelector.ALL), Optional.empty()),
              new KubernetesNetworkPolicy.Peer(
                  Optional.empty(),
                  Optional.empty(),
                  Optional.of(new KubernetesNetworkPolicy.IpBlock("10.0.0.0/8", List.of()))));
      assertThat(rule.ports())
          .containsExactly(
              new KubernetesNetworkPolicy.Port(
                  "TCP", Optional.of(new IntOrString("http")), Optional.empty()),
              new KubernetesNetworkPolicy.Port(
                  "UDP", Optional.of(IntOrString.of(80)), Optional.empty()));
      objects.object(
          "/api/v1/namespaces/ns1/serviceaccounts",
          """
          {"apiVersion":"v1","kind":"ServiceAccount",
           "metadata":{"name":"bot","labels":{"role":"x"},"annotations":{"left":"away"}}}
          """);
      Key bot = new Key("ns1", "bot");
      await().until(() -> accounts.state().containsKey(bot));
      assertThat(accounts.state().get(bot).metadata().labels()).containsEntry("role", "x");
      assertThat(accounts.state().get(bot).metadata().annotations()).isEmpty();
      assertThatThrownBy(() -> store.delete(read))
          .hasMessageContaining(
              "KubernetesNetworkPolicy ns1/p is Kubernetes' own and only read here; use kubectl");
    }
  }

  @Test
  void longListsAreReadInPages() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 510; i++) {
      names.add("h" + i);
    }
    objects.handles(names);
    assertThat(store.list(IPAMHandle.KIND, Selection.ALL).items()).hasSize(names.size());
    RecordingSink<IPAMHandle> sink = new RecordingSink<>();
    try (Watch watch = store.watch(IPAMHandle.KIND, Selection.ALL, sink)) {
      assertThat(watch).isNotNull();
      await().until(() -> sink.timesSynced() == 1);
      assertThat(sink.state()).hasSize(names.size());
    }
  }

  @Test
  void deletedObjectsMustBeTheOnesThatWereSeen() {
    IPAMHandle first = written(store.create(handle("h", 1)));
    IPAMHandle changed = written(store.update(first.withSpec(handle("h", 2).spec())));
    assertThat(store.delete(first)).isEqualTo(new WriteResult.Conflict<>(Optional.of(changed)));
    IPAMHandle otherLife =
        changed.withMetadata(
            changed.metadata().created("other", "", changed.metadata().resourceVersion()));
    assertThat(store.delete(otherLife)).isEqualTo(new WriteResult.Conflict<>(Optional.of(changed)));
  }

  @Test
  void theServersOwnRulesAreTold() {
    IPAMHandle named =
        new IPAMHandle(Metadata.named("no_underscores_in_names"), handle("h", 1).spec());
    assertThatThrownBy(() -> store.create(named))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining("no_underscores_in_names")
        .hasMessageContaining("metadata.name");
  }

  @Test
  void ownersAndFinalizersSurviveAnUpdate() {
    IPAMHandle first = written(store.create(handle("h", 1)));
    String path = "/apis/projectcalico.org/v3/ipamhandles/h";
    objects.patch(path, Map.of("metadata", Map.of("finalizers", List.of("example.org/kept"))));
    IPAMHandle seen = read(store.get(IPAMHandle.KIND, first.key()));
    IPAMHandle written = written(store.update(seen.withSpec(handle("h", 7).spec())));
    assertThat(objects.finalizers(path)).containsExactly("example.org/kept");
    objects.patch(path, Map.of("metadata", Map.of("finalizers", List.of())));
    assertThat(written.spec().block()).containsValue(7);
  }
}
