package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Selection;
import dev.manul.model.Condition;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Nodes: Kubernetes' Node with what Calico keeps in its annotations. Kubernetes makes and removes
 * them; Manul patches annotations and conditions, through the status subresource, so that it needs
 * no right to change what a node is.
 */
final class NodeMapping implements Mapping<Node> {

  @Override
  public Kind<Node> kind() {
    return Node.KIND;
  }

  @Override
  public ObjectPath path() {
    return ObjectPath.NODES;
  }

  @Override
  public Optional<Node> read(Map<String, Object> tree) {
    Map<String, String> all = Fields.textMap(tree, "metadata", "annotations");
    NodeAnnotations calico = new NodeAnnotations(Fields.name(tree), all);
    Node.Spec spec =
        new Node.Spec(
            calico.bgp(),
            addresses(calico.bgp(), tree),
            List.of(new Node.OrchRef(Fields.name(tree), "k8s")),
            calico.ipv4VxlanAddress(),
            calico.ipv6VxlanAddress(),
            calico.vxlanMac(),
            calico.vxlanMacV6(),
            calico.wireguard(),
            calico.interfaces(),
            calico.ipv4UdpAddress(),
            calico.ipv6UdpAddress());
    Node.Status status =
        new Node.Status(
            calico.wireguardKey(), calico.wireguardKeyV6(), podCidrs(tree), conditions(tree));
    return Optional.of(ContentVersion.stamp(new Node(metadata(tree, calico), spec, status)));
  }

  private static Metadata metadata(Map<String, Object> tree, NodeAnnotations calico) {
    Metadata plain = Mapping.metadata(tree);
    Map<String, String> labels = new TreeMap<>(calico.labels());
    labels.putAll(plain.labels()); // Kubernetes' win
    Map<String, String> annotations = new TreeMap<>(calico.annotations());
    plain
        .annotations()
        .forEach(
            (name, value) -> {
              if (!name.startsWith(NodeAnnotations.PREFIX)) {
                annotations.put(name, value);
              }
            });
    return new Metadata(
        plain.name(), "", labels, annotations, "", plain.uid(), plain.creationTimestamp());
  }

  private static List<Node.NodeAddress> addresses(
      Optional<Node.Bgp> bgp, Map<String, Object> tree) {
    List<Node.NodeAddress> addresses = new ArrayList<>();
    bgp.flatMap(Node.Bgp::ipv4Address).ifPresent(own -> addresses.add(calicoAddress(own)));
    bgp.flatMap(Node.Bgp::ipv6Address).ifPresent(own -> addresses.add(calicoAddress(own)));
    for (Map<String, Object> each : Fields.maps(Fields.map(tree, "status"), "addresses")) {
      String type = Fields.text(each, "type");
      if (type.equals("InternalIP") || type.equals("ExternalIP")) {
        addresses.add(new Node.NodeAddress(Fields.text(each, "address"), type));
      }
    }
    return addresses;
  }

  private static Node.NodeAddress calicoAddress(InterfaceAddress address) {
    return new Node.NodeAddress(address.toString(), "CalicoNodeIP");
  }

  private static List<String> podCidrs(Map<String, Object> tree) {
    Map<String, Object> spec = Fields.map(tree, "spec");
    List<String> all = Fields.texts(spec, "podCIDRs");
    String first = Fields.text(spec, "podCIDR");
    return all.isEmpty() && !first.isEmpty() ? List.of(first) : all;
  }

  private static List<Condition> conditions(Map<String, Object> tree) {
    return Fields.maps(Fields.map(tree, "status"), "conditions").stream()
        .map(
            each ->
                new Condition(
                    Fields.text(each, "type"),
                    Fields.text(each, "status"),
                    Fields.text(each, "reason"),
                    Fields.text(each, "message"),
                    Fields.text(each, "lastTransitionTime"),
                    0))
        .toList();
  }

  /** Labels may be Calico's own, which the server does not know, so they are compared here. */
  @Override
  public String query(Selection selection) {
    return selection.node().map(node -> Mapping.fieldQuery("metadata.name", node)).orElse("");
  }

  /**
   * The strategic merge patch of the status subresource that makes {@code tree} say what {@code
   * wanted} says: annotations that differ, and conditions that differ by type. Conditions that
   * {@code wanted} does not have stay, since most are the kubelet's.
   *
   * @return empty when nothing differs
   */
  static Optional<Map<String, Object>> patch(Map<String, Object> tree, Node wanted) {
    Node current = new NodeMapping().read(tree).orElseThrow();
    Map<String, Object> annotations = annotationChanges(tree, current, wanted);
    List<Object> conditions = conditionChanges(current.status(), wanted.status());
    if (annotations.isEmpty() && conditions.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("uid", Fields.uid(tree));
    metadata.put("resourceVersion", Fields.version(tree));
    if (!annotations.isEmpty()) {
      metadata.put("annotations", annotations);
    }
    Map<String, Object> patch = new LinkedHashMap<>();
    patch.put("metadata", metadata);
    if (!conditions.isEmpty()) {
      patch.put("status", Map.of("conditions", conditions));
    }
    return Optional.of(patch);
  }

  private static Map<String, Object> annotationChanges(
      Map<String, Object> tree, Node current, Node wanted) {
    Map<String, String> before = annotationsOf(tree, current);
    Map<String, String> after = annotationsOf(tree, wanted);
    Map<String, Object> changes = new TreeMap<>();
    after.forEach(
        (name, value) -> {
          if (!value.equals(before.get(name))) {
            changes.put(name, value);
          }
        });
    before.keySet().stream()
        .filter(name -> !after.containsKey(name))
        .forEach(name -> changes.put(name, null));
    return changes;
  }

  private static Map<String, String> annotationsOf(Map<String, Object> tree, Node node) {
    Map<String, String> made = new HashMap<>(NodeAnnotations.of(node));
    putOwn(
        made,
        NodeAnnotations.LABELS,
        node.metadata().labels(),
        Fields.map(tree, "metadata", "labels"));
    putOwn(
        made,
        NodeAnnotations.ANNOTATIONS,
        node.metadata().annotations(),
        Fields.map(tree, "metadata", "annotations"));
    return made;
  }

  /** Puts what Kubernetes does not have itself as JSON. */
  private static void putOwn(
      Map<String, String> into, String name, Map<String, String> all, Map<String, Object> theirs) {
    Map<String, String> own = new TreeMap<>(all);
    own.keySet().removeAll(theirs.keySet());
    if (!own.isEmpty()) {
      into.put(name, ApiJson.write(own));
    }
  }

  private static List<Object> conditionChanges(Node.Status before, Node.Status after) {
    Map<String, Condition> known = new LinkedHashMap<>();
    before.conditions().forEach(each -> known.put(each.type(), each));
    List<Object> changes = new ArrayList<>();
    for (Condition wanted : after.conditions()) {
      Condition stored = known.get(wanted.type());
      if (stored == null || !same(stored, wanted)) {
        changes.add(tree(wanted));
      }
    }
    return changes;
  }

  private static boolean same(Condition a, Condition b) {
    return a.status().equals(b.status())
        && a.reason().equals(b.reason())
        && a.message().equals(b.message())
        && (b.lastTransitionTime().isEmpty()
            || seconds(a.lastTransitionTime()).equals(seconds(b.lastTransitionTime())));
  }

  /** RFC 3339 without fractions of a second, which Kubernetes does not keep. */
  private static String seconds(String time) {
    return time.replaceFirst("\\.\\d+Z$", "Z");
  }

  private static Map<String, Object> tree(Condition condition) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("type", condition.type());
    tree.put("status", condition.status());
    tree.put("reason", condition.reason());
    tree.put("message", condition.message());
    if (!condition.lastTransitionTime().isEmpty()) {
      tree.put("lastTransitionTime", seconds(condition.lastTransitionTime()));
      tree.put("lastHeartbeatTime", seconds(condition.lastTransitionTime()));
    }
    return tree;
  }
}
