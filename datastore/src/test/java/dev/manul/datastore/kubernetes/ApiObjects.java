package dev.manul.datastore.kubernetes;

import static org.awaitility.Awaitility.await;

import dev.manul.datastore.ResourceText;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes, changes and looks at objects of the API as others than Manul would. */
final class ApiObjects implements AutoCloseable {
  private static final String JSON = "application/json";

  private static final String COLLECTIONS = "/apis/projectcalico.org/v3/";

  private final ApiServer api;
  private final List<String> defined = new ArrayList<>();

  ApiObjects(KubernetesAccess access) {
    this.api = new ApiServer(AccessConfig.of(access, Patience.USUAL), Patience.USUAL);
  }

  /** Installs the definitions that are deployed with Manul and waits until they are served. */
  void installDefinitions() throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(root().resolve("deploy/crds"), "*.yaml")) {
      for (Path file : files) {
        Object tree = ResourceText.parseTrees(Files.readString(file), file.toString()).getFirst();
        install(tree);
        defined.add(file.getFileName().toString().replace(".yaml", ""));
      }
    }
    if (defined.isEmpty()) {
      throw new IllegalStateException("no definitions in deploy/crds");
    }
    awaitServed();
  }

  /** Installs one definition that was removed. */
  void installDefinition(String plural) throws IOException {
    Path file = root().resolve("deploy/crds/" + plural + ".yaml");
    install(ResourceText.parseTrees(Files.readString(file), plural).getFirst());
    awaitServed();
  }

  /** Removes one definition and waits until its kind is not served any more. */
  void removeDefinition(String plural) {
    delete(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + plural + ".projectcalico.org");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> api.get(COLLECTIONS + plural).status() == 404);
  }

  @SuppressWarnings("unchecked") // a document is a map
  private void install(Object tree) {
    post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", (Map<String, Object>) tree);
  }

  private void awaitServed() {
    for (String plural : defined) {
      String path = COLLECTIONS + plural;
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> require(api.get(path), "list " + path));
    }
  }

  private static Path root() {
    String named = System.getenv("MANUL_ROOT");
    Path at = Path.of(named == null ? "" : named).toAbsolutePath();
    while (at != null && !Files.isDirectory(at.resolve("deploy/crds"))) {
      at = at.getParent();
    }
    if (at == null) {
      throw new IllegalStateException("no deploy/crds above the working directory");
    }
    return at;
  }

  /** Makes any object. */
  void object(String collection, String json) {
    try {
      post(collection, ApiJson.read(json.getBytes(StandardCharsets.UTF_8), 0, json.length()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes what tests make. */
  void clear() {
    for (Kind<?> kind : Kinds.OWN) {
      if (!kind.namespaced() && defined.contains(kind.plural())) {
        delete(COLLECTIONS + kind.plural());
      }
    }
    delete("/api/v1/nodes");
    for (String namespace : List.of("ns1", "ns2")) {
      delete("/api/v1/namespaces/" + namespace + "/pods");
      delete(COLLECTIONS + "namespaces/" + namespace + "/networkpolicies");
    }
    delete("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases");
  }

  /** Removes one object at once. */
  void remove(String path) {
    delete(path);
  }

  /** Says of a pod what its kubelet says when it runs. */
  void running(String pod) {
    patch(
        pod + "/status",
        Map.of(
            "status",
            Map.of(
                "phase",
                "Running",
                "conditions",
                List.of(Map.of("type", "Ready", "status", "True")))));
  }

  private void delete(String path) {
    require(api.send("DELETE", path, JSON, "{\"gracePeriodSeconds\":0}"), "delete " + path);
  }

  private static ApiServer.Answer require(ApiServer.Answer answer, String what) {
    if (!answer.isSuccess()) {
      throw new AssertionError(what + ": " + answer.status() + " " + ApiFailure.message(answer));
    }
    return answer;
  }

  private void post(String collection, Map<String, Object> tree) {
    ApiServer.Answer answer = api.send("POST", collection, JSON, ApiJson.write(tree));
    if (answer.status() != 409) { // there already
      require(answer, "create " + collection);
    }
  }

  void namespace(String name) {
    post(
        "/api/v1/namespaces",
        object("v1", "Namespace", Map.of("name", name, "labels", Map.of("team", "red"))));
  }

  void pod(String namespace, String name, String node) {
    Map<String, Object> pod =
        object("v1", "Pod", Map.of("name", name, "labels", Map.of("app", name)));
    pod.put(
        "spec",
        Map.of(
            "nodeName",
            node,
            "automountServiceAccountToken",
            false,
            "containers",
            List.of(
                Map.of(
                    "name",
                    "main",
                    "image",
                    "none",
                    "ports",
                    List.of(Map.of("containerPort", 80L, "name", "http"))))));
    post("/api/v1/namespaces/" + namespace + "/pods", pod);
  }

  void node(String name) {
    Map<String, Object> node =
        object(
            "v1", "Node", Map.of("name", name, "annotations", Map.of("kept/by", "somebody else")));
    post("/api/v1/nodes", node);
    heartbeat(name, "2026-01-01T00:00:00Z");
  }

  /** What a kubelet says every few seconds. */
  void heartbeat(String node, String time) {
    Map<String, Object> ready = new LinkedHashMap<>();
    ready.put("type", "Ready");
    ready.put("status", "True");
    ready.put("reason", "KubeletReady");
    ready.put("lastHeartbeatTime", time);
    ready.put("lastTransitionTime", "2026-01-01T00:00:00Z");
    String path = "/api/v1/nodes/" + node + "/status";
    require(
        api.send(
            "PATCH",
            path,
            "application/strategic-merge-patch+json",
            ApiJson.write(Map.of("status", Map.of("conditions", List.of(ready))))),
        "patch " + path);
  }

  void handles(List<String> names) {
    for (String name : names) {
      Map<String, Object> handle =
          object("projectcalico.org/v3", "IPAMHandle", Map.of("name", name));
      handle.put("spec", Map.of("handleID", name));
      post(ObjectPath.of(IPAMHandle.KIND).collection(Optional.empty()), handle);
    }
  }

  private static Map<String, Object> object(
      String version, String kind, Map<String, Object> metadata) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("apiVersion", version);
    tree.put("kind", kind);
    tree.put("metadata", metadata);
    return tree;
  }

  void patch(String path, Map<String, Object> patch) {
    require(
        api.send("PATCH", path, "application/merge-patch+json", ApiJson.write(patch)),
        "patch " + path);
  }

  /** Whether the server keeps account of who has set which field of an object. */
  boolean isTracked(String path) {
    byte[] body = require(api.get(path), "read " + path).body();
    return new String(body, StandardCharsets.UTF_8).contains("\"managedFields\"");
  }

  Map<String, Object> tree(String path) {
    return tree(api.get(path), "read " + path);
  }

  /** What the server answers to a replacement of an object by itself, asked for its metadata. */
  Map<String, Object> metadataOfReplaced(String path) {
    return tree(api.putForMetadata(path, ApiJson.write(tree(path))), "update " + path);
  }

  private static Map<String, Object> tree(ApiServer.Answer answer, String what) {
    byte[] body = require(answer, what).body();
    try {
      return ApiJson.read(body, 0, body.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Map<String, String> annotations(String path) {
    return Fields.textMap(tree(path), "metadata", "annotations");
  }

  List<String> finalizers(String path) {
    return Fields.texts(Fields.metadata(tree(path)), "finalizers");
  }

  String version(String path) {
    return Fields.version(tree(path));
  }

  String uid(String path) {
    return Fields.uid(tree(path));
  }

  /** Makes a definition take every field, as that of a newer version takes more. */
  void relax(String definition) {
    String path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + definition;
    Map<String, Object> tree = tree(path);
    for (Map<String, Object> version : Fields.maps(Fields.map(tree, "spec"), "versions")) {
      version.put(
          "schema",
          Map.of(
              "openAPIV3Schema",
              Map.of("type", "object", "x-kubernetes-preserve-unknown-fields", true)));
    }
    require(api.send("PUT", path, JSON, ApiJson.write(tree)), "update " + path);
  }

  /** Makes or replaces an object of a kind of Manul's. */
  void put(String collection, String name, Map<String, Object> spec) {
    String path = collection + "/" + name;
    ApiServer.Answer answer = api.get(path);
    Map<String, Object> tree =
        answer.isSuccess()
            ? tree(path)
            : object("projectcalico.org/v3", "IPAMHandle", Map.of("name", name));
    tree.put("spec", spec);
    if (answer.isSuccess()) {
      require(api.send("PUT", path, JSON, ApiJson.write(tree)), "update " + path);
    } else {
      post(collection, tree);
    }
  }

  Map<String, Object> spec(String path) {
    return Fields.map(tree(path), "spec");
  }

  @Override
  public void close() {
    api.close();
  }
}
