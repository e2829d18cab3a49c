package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.WriteRules;
import dev.manul.model.Node;
import java.util.Map;
import java.util.Optional;

/** Writes what Manul may say of nodes. */
final class NodeWriter {

  /** Kubelets write their nodes as well; each such write makes one attempt futile. */
  private static final int TRIES = 20;

  private final ApiServer api;
  private final ObjectReader reader;
  private final NodeMapping mapping;

  NodeWriter(ApiServer api, ObjectReader reader, NodeMapping mapping) {
    this.api = api;
    this.reader = reader;
    this.mapping = mapping;
  }

  WriteResult<Node> update(Node node) {
    WriteRules.check(node);
    String what = "update Node " + node.key();
    String expected = node.metadata().resourceVersion();
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      Optional<Map<String, Object>> tree = reader.tree(mapping, node.key());
      Optional<Node> current = tree.flatMap(mapping::read);
      if (current.isEmpty()
          || (!expected.isEmpty()
              && !expected.equals(current.get().metadata().resourceVersion()))) {
        return new WriteResult.Conflict<>(current);
      }
      Optional<Map<String, Object>> patch = NodeMapping.patch(tree.orElseThrow(), node);
      if (patch.isEmpty()) {
        return new WriteResult.Written<>(current.get());
      }
      ApiServer.Answer answer =
          api.send(
              "PATCH",
              ObjectPath.NODES.object(node.key()) + "/status",
              "application/strategic-merge-patch+json",
              ApiJson.write(patch.get()));
      if (answer.isSuccess()) {
        return new WriteResult.Written<>(
            mapping.read(ObjectReader.object(answer, what)).orElseThrow());
      }
      if (ApiFailure.isObjectMissing(answer)) {
        return new WriteResult.Conflict<>(Optional.empty());
      }
      if (!ApiFailure.isConflict(answer)) {
        throw ApiFailure.of(answer, what, ObjectPath.NODES);
      }
    }
    throw new DatastoreException(
        "cannot " + what + ": others changed it " + TRIES + " times meanwhile");
  }
}
