package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Selection;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Pod;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
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
  public Optional<Key> objectKey(Key key) {
    return Optional.of(key);
  }

  @Override
  public Key keyOf(Map<String, Object> tree) {
    return new Key(Fields.namespace(tree), Fields.name(tree));
  }

  @Override
  public Optional<Pod> read(Map<String, Object> tree) {
    return Optional.of(ContentVersion.stamp(pod(tree)));
  }

  /** A pod without a version. */
  static Pod pod(Map<String, Object> tree) {
    Map<String, Object> spec = Fields.map(tree, "spec");
    Map<String, Object> status = Fields.map(tree, "status");
    return new Pod(
        Mapping.metadata(tree),
        new Pod.Spec(
            Fields.text(spec, "nodeName"),
            Fields.text(spec, "serviceAccountName"),
            Fields.truth(spec, "hostNetwork"),
            ports(spec)),
        new Pod.Status(
            Fields.text(status, "phase"), Fields.text(status, "reason"), addresses(status)));
  }

  private static List<WorkloadEndpoint.Port> ports(Map<String, Object> spec) {
    List<WorkloadEndpoint.Port> ports = new ArrayList<>();
    for (Map<String, Object> container : Fields.maps(spec, "containers")) {
      for (Map<String, Object> port : Fields.maps(container, "ports")) {
        String protocol = Fields.text(port, "protocol");
        ports.add(
            new WorkloadEndpoint.Port(
                Fields.text(port, "name"),
                protocol.isEmpty() ? "TCP" : protocol,
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
