package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Selection;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Pod;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pods as Manul reads them. */
final class PodMapping implements Mapping<Pod> {

  @Override
  public Kind<Pod> kind() {
    return Pod.KIND;
  }

  @Override
  public ObjectPath path() {
    return ObjectPath.PODS;
  }

  @Override
  public Optional<Pod> read(Map<String, Object> tree) {
    return Optional.of(ContentVersion.stamp(pod(tree)));
  }

  /**
   * A pod without a version.
   *
   * <p>An agent holds all pods of the cluster when it has policies, and what they have in common,
   * the names and values of labels first of all, is most of what is kept of them. So such texts are
   * interned, and annotations that nobody here reads are left away.
   */
  static Pod pod(Map<String, Object> tree) {
    Map<String, Object> spec = Fields.map(tree, "spec");
    Map<String, Object> status = Fields.map(tree, "status");
    return new Pod(
        metadata(tree),
        new Pod.Spec(
            Fields.text(spec, "nodeName").intern(),
            Fields.text(spec, "serviceAccountName").intern(),
            Fields.truth(spec, "hostNetwork"),
            ports(spec)),
        new Pod.Status(
            Fields.text(status, "phase").intern(),
            Fields.text(status, "reason").intern(),
            addresses(status)));
  }

  private static Metadata metadata(Map<String, Object> tree) {
    Metadata all = Mapping.withOwnAnnotations(Mapping.metadata(tree));
    Map<String, String> labels = new HashMap<>();
    all.labels().forEach((name, value) -> labels.put(name.intern(), value.intern()));
    return new Metadata(
        all.name(),
        all.namespace().intern(),
        labels,
        all.annotations(),
        all.resourceVersion(),
        all.uid(),
        all.creationTimestamp());
  }

  private static List<WorkloadEndpoint.Port> ports(Map<String, Object> spec) {
    List<WorkloadEndpoint.Port> ports = new ArrayList<>();
    for (Map<String, Object> container : Fields.maps(spec, "containers")) {
      for (Map<String, Object> port : Fields.maps(container, "ports")) {
        String protocol = Fields.text(port, "protocol");
        ports.add(
            new WorkloadEndpoint.Port(
                Fields.text(port, "name").intern(),
                protocol.isEmpty() ? "TCP" : protocol.intern(),
                Fields.number(port, "containerPort"),
                Fields.number(port, "hostPort"),
                Fields.text(port, "hostIP")));
      }
    }
    return ports;
  }

  private static List<String> addresses(Map<String, Object> status) {
    List<String> all =
        Fields.maps(status, "podIPs").stream()
            .map(entry -> Fields.text(entry, "ip"))
            .filter(ip -> !ip.isEmpty())
            .toList();
    String first = Fields.text(status, "podIP");
    return all.isEmpty() && !first.isEmpty() ? List.of(first) : all;
  }

  @Override
  public String query(Selection selection) {
    return Mapping.labelQuery(selection.labels())
        + selection.node().map(node -> Mapping.fieldQuery("spec.nodeName", node)).orElse("");
  }
}
