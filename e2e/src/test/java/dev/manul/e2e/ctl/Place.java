package dev.manul.e2e.ctl;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.datastore.kubernetes.KubernetesAccess;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.e2e.kube.ControlPlane;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.nio.file.Path;
import java.util.Map;

/** Where manulctl finds resources in a test: a directory, or the API of a real server. */
sealed interface Place {

  Map<String, String> environment();

  Datastore open();

  /** A node with this address on its subnet. */
  void node(String name, String address);

  /** A pod on a node, wired with this address by a container runtime. */
  void pod(String namespace, String name, String node, String address, String container);

  /** Has pods end that are told to, as a kubelet would, until it is closed. */
  default AutoCloseable endingOfPods() {
    return () -> {};
  }

  default Ran run(String... args) {
    return Ran.manulctl(environment(), "", args);
  }

  default Ran runWith(String input, String... args) {
    return Ran.manulctl(environment(), input, args);
  }

  /** Applies documents that must be good. */
  default void apply(String documents) {
    Ran ran = runWith(documents, "apply", "-f", "-");
    if (ran.code() != 0) {
      throw new AssertionError(ran.toString());
    }
  }

  /** Removes everything that manulctl can write. */
  default void clear() {
    try (Datastore datastore = open()) {
      for (Kind<? extends Resource> kind : Kinds.OWN.reversed()) {
        if (!kind.equals(Node.KIND) && !kind.equals(WorkloadEndpoint.KIND)) {
          datastore.list(kind, Selection.ALL).items().forEach(each -> delete(datastore, each));
        }
      }
    }
  }

  private static <R extends Resource> void delete(Datastore datastore, R resource) {
    var _ = datastore.delete(resource);
  }

  /** A directory of files. */
  record Files(Path directory) implements Place {

    @Override
    public Map<String, String> environment() {
      return Map.of("MANUL_DATASTORE_PATH", directory.toString());
    }

    @Override
    public Datastore open() {
      return FileDatastore.open(directory);
    }

    @Override
    public void node(String name, String address) {
      apply(
          """
          apiVersion: projectcalico.org/v3
          kind: Node
          metadata: {name: %s}
          spec: {bgp: {ipv4Address: %s}}
          """
              .formatted(name, address));
    }

    @Override
    public void pod(String namespace, String name, String node, String address, String container) {
      apply(
          """
          apiVersion: projectcalico.org/v3
          kind: WorkloadEndpoint
          metadata: {name: %s, namespace: %s}
          spec:
            orchestrator: k8s
            node: %s
            pod: %s
            endpoint: eth0
            containerID: %s
            ipNetworks: [%s/32]
            interfaceName: %s
            profiles: [kns.%s]
          """
              .formatted(
                  WorkloadEndpoint.nameOf(node, name),
                  namespace,
                  node,
                  name,
                  container,
                  address,
                  WorkloadEndpoint.deviceOf(namespace, name),
                  namespace));
    }

    @Override
    public void clear() {
      Place.super.clear();
      try (Datastore datastore = open()) {
        datastore
            .list(WorkloadEndpoint.KIND, Selection.ALL)
            .items()
            .forEach(each -> Place.delete(datastore, each));
        datastore
            .list(Node.KIND, Selection.ALL)
            .items()
            .forEach(each -> Place.delete(datastore, each));
      }
    }
  }

  /** A server of the Kubernetes API. */
  record Cluster(ControlPlane plane) implements Place {

    @Override
    public Map<String, String> environment() {
      return Map.of("KUBECONFIG", plane.kubeconfig().toString());
    }

    @Override
    public Datastore open() {
      return KubernetesDatastore.open(KubernetesAccess.file(plane.kubeconfig()));
    }

    @Override
    public void node(String name, String address) {
      var _ =
          plane.kubectlWith(
              """
              apiVersion: v1
              kind: Node
              metadata:
                name: %s
                annotations: {projectcalico.org/IPv4Address: %s}
              """
                  .formatted(name, address),
              "create",
              "--filename=-");
    }

    @Override
    public void pod(String namespace, String name, String node, String address, String container) {
      var _ =
          plane.kubectlWith(
              """
              apiVersion: v1
              kind: Pod
              metadata:
                name: %s
                namespace: %s
                annotations:
                  cni.projectcalico.org/podIP: %s/32
                  cni.projectcalico.org/podIPs: %s/32
                  cni.projectcalico.org/containerID: "%s"
              spec:
                nodeName: %s
                automountServiceAccountToken: false
                containers: [{name: c, image: none}]
              """
                  .formatted(name, namespace, address, address, container, node),
              "create",
              "--filename=-");
    }

    @Override
    public AutoCloseable endingOfPods() {
      Thread kubelet =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!Thread.currentThread().isInterrupted()) {
                      endPods();
                    }
                  });
      return kubelet::interrupt;
    }

    private void endPods() {
      String pods =
          plane.kubectl(
              "get",
              "pods",
              "--all-namespaces",
              "--output=jsonpath={range .items[?(@.metadata.deletionTimestamp)]}"
                  + "{.metadata.namespace} {.metadata.name}{\"\\n\"}{end}");
      for (String pod : pods.lines().toList()) {
        String[] names = pod.split(" ", -1);
        var _ =
            plane.kubectl(
                "delete",
                "pod",
                names[1],
                "--namespace=" + names[0],
                "--grace-period=0",
                "--force");
      }
    }

    @Override
    public void clear() {
      Place.super.clear();
      for (String namespace : new String[] {"kube-system", "default"}) {
        var _ =
            plane.kubectl(
                "delete",
                "pods",
                "--all",
                "--namespace=" + namespace,
                "--grace-period=0",
                "--force");
      }
      var _ = plane.kubectl("delete", "nodes", "--all");
    }
  }
}
