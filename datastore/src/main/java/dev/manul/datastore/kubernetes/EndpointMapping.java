package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Selection;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Pod;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Workload endpoints: what pods with a network of their own have. Their addresses stand in
 * annotations of the pod, which the CNI plugin writes long before the kubelet reports them in the
 * pod's status.
 */
final class EndpointMapping implements Mapping<WorkloadEndpoint> {
  static final String POD_IP = "cni.projectcalico.org/podIP";
  static final String POD_IPS = "cni.projectcalico.org/podIPs";
  static final String CONTAINER_ID = "cni.projectcalico.org/containerID";

  private static final String CALICO = "projectcalico.org/";

  /** A node and a pod: what the name of an endpoint says. */
  record PodOnNode(String node, String pod) {}

  @Override
  public Kind<WorkloadEndpoint> kind() {
    return WorkloadEndpoint.KIND;
  }

  @Override
  public ObjectPath path() {
    return ObjectPath.PODS;
  }

  @Override
  public Optional<Key> objectKey(Key key) {
    return parse(key.name()).map(named -> new Key(key.namespace(), named.pod()));
  }

  /**
   * Takes a name {@code NODE-k8s-POD-eth0} apart, in which dashes of node and pod are doubled.
   *
   * @return empty when it is the name of no pod's endpoint
   */
  static Optional<PodOnNode> parse(String name) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) != '-') {
        part.append(name.charAt(i));
      } else if (i + 1 < name.length() && name.charAt(i + 1) == '-') {
        part.append('-');
        i++;
      } else {
        parts.add(part.toString());
        part.setLength(0);
      }
    }
    parts.add(part.toString());
    return parts.size() == 4 && parts.get(1).equals("k8s") && parts.get(3).equals("eth0")
        ? Optional.of(new PodOnNode(parts.get(0), parts.get(2)))
        : Optional.empty();
  }

  @Override
  public Key keyOf(Map<String, Object> tree) {
    String node = Fields.text(Fields.map(tree, "spec"), "nodeName");
    return new Key(Fields.namespace(tree), WorkloadEndpoint.nameOf(node, Fields.name(tree)));
  }

  @Override
  public Optional<WorkloadEndpoint> read(Map<String, Object> tree) {
    Pod pod = PodMapping.pod(tree);
    if (pod.spec().hostNetwork() || pod.spec().nodeName().isEmpty() || pod.finished()) {
      return Optional.empty();
    }
    List<Prefix> addresses = addresses(pod);
    return addresses.isEmpty()
        ? Optional.empty()
        : Optional.of(ContentVersion.stamp(endpoint(pod, addresses)));
  }

  /**
   * A pod's addresses: as the CNI plugin has written them; when it never wrote any, those of the
   * pod's status. Blank annotations say that the addresses were taken back.
   */
  private static List<Prefix> addresses(Pod pod) {
    Map<String, String> annotations = pod.metadata().annotations();
    String written = annotations.getOrDefault(POD_IPS, annotations.get(POD_IP));
    List<String> texts = written == null ? pod.status().podIPs() : List.of(written.split(",", -1));
    List<Prefix> addresses = new ArrayList<>();
    for (String text : texts) {
      try {
        InterfaceAddress address = InterfaceAddress.parse(text.strip());
        addresses.add(Prefix.of(address.address(), address.address().family().bits()));
      } catch (IllegalArgumentException e) {
        // blank, or written by hand; such an address is nobody's
      }
    }
    return addresses;
  }

  private static WorkloadEndpoint endpoint(Pod pod, List<Prefix> addresses) {
    String namespace = pod.metadata().namespace();
    String name = pod.metadata().name();
    String account = pod.spec().serviceAccountName();
    Map<String, String> labels = new TreeMap<>(pod.metadata().labels());
    labels.put(CALICO + "namespace", namespace);
    labels.put(CALICO + "orchestrator", "k8s");
    List<String> profiles = new ArrayList<>(List.of("kns." + namespace));
    if (!account.isEmpty()) {
      labels.put(CALICO + "serviceaccount", account);
      profiles.add("ksa." + namespace + "." + account);
    }
    Metadata metadata =
        new Metadata(
            WorkloadEndpoint.nameOf(pod.spec().nodeName(), name),
            namespace,
            labels,
            Map.of(),
            "",
            pod.metadata().uid(),
            pod.metadata().creationTimestamp());
    return new WorkloadEndpoint(
        metadata,
        new WorkloadEndpoint.Spec(
            "k8s",
            null,
            pod.spec().nodeName(),
            name,
            pod.metadata().annotations().get(CONTAINER_ID),
            "eth0",
            account,
            addresses,
            null,
            null,
            null,
            profiles,
            WorkloadEndpoint.deviceOf(namespace, name),
            null,
            pod.spec().ports().stream()
                .filter(port -> !port.name().isEmpty() || port.hostPort() != 0)
                .toList(),
            null,
            null));
  }

  @Override
  public String query(Selection selection) {
    Map<String, String> labels = new TreeMap<>(selection.labels());
    labels.keySet().removeIf(name -> name.startsWith(CALICO)); // the server does not know them
    return Mapping.labelQuery(labels)
        + selection.node().map(node -> Mapping.fieldQuery("spec.nodeName", node)).orElse("");
  }

  /**
   * The merge patch of a pod that writes an endpoint into it.
   *
   * @param uid the pod's, so that none of the same name that came after it is written to
   */
  static Map<String, Object> mark(WorkloadEndpoint endpoint, String uid) {
    List<Prefix> addresses = endpoint.spec().ipNetworks();
    Map<String, Object> annotations = new LinkedHashMap<>();
    annotations.put(CONTAINER_ID, endpoint.spec().containerID());
    annotations.put(POD_IP, addresses.isEmpty() ? "" : addresses.getFirst().toString());
    annotations.put(
        POD_IPS, addresses.stream().map(Prefix::toString).collect(Collectors.joining(",")));
    return Map.of("metadata", Map.of("uid", uid, "annotations", annotations));
  }

  /**
   * The merge patch that takes an endpoint back.
   *
   * @param pod the pod as it was read
   */
  static Map<String, Object> blank(Map<String, Object> pod) {
    return Map.of(
        "metadata",
        Map.of(
            "uid",
            Fields.uid(pod),
            "resourceVersion",
            Fields.version(pod),
            "annotations",
            Map.of(CONTAINER_ID, "", POD_IP, "", POD_IPS, "")));
  }

  /**
   * The JSON patch (RFC 6902) that takes an endpoint back if it is still the one of this pod and
   * sandbox, and is refused if it is not.
   */
  static List<Map<String, Object>> blankOwn(WorkloadEndpoint endpoint) {
    List<Map<String, Object>> operations = new ArrayList<>();
    operations.add(operation("test", "/metadata/uid", endpoint.metadata().uid()));
    operations.add(operation("test", annotationPath(CONTAINER_ID), endpoint.spec().containerID()));
    for (String name : List.of(CONTAINER_ID, POD_IP, POD_IPS)) {
      operations.add(operation("add", annotationPath(name), ""));
    }
    return operations;
  }

  private static Map<String, Object> operation(String verb, String path, String value) {
    return Map.of("op", verb, "path", path, "value", value);
  }

  private static String annotationPath(String name) {
    return "/metadata/annotations/" + name.replace("~", "~0").replace("/", "~1");
  }

  /** Whether the annotations of a pod are those of {@code endpoint}'s sandbox, or of none. */
  static boolean isMarkedFor(Map<String, Object> pod, WorkloadEndpoint endpoint) {
    String marked = Fields.textMap(pod, "metadata", "annotations").getOrDefault(CONTAINER_ID, "");
    String asked = endpoint.spec().containerID();
    return marked.isEmpty() || asked.isEmpty() || marked.equals(asked);
  }
}
