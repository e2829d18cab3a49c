package dev.manul.datastore.kubernetes;

import dev.manul.datastore.InvalidResourceException;
import dev.manul.model.Node;
import dev.manul.model.Resource;

/** What cannot be done to resources that are Kubernetes' own. */
final class Refusal {
  private Refusal() {}

  static InvalidResourceException notOurs(Node node, String verb) {
    return new InvalidResourceException(
        "Node "
            + node.key()
            + " cannot be "
            + verb
            + " here: nodes are Kubernetes'; a kubelet makes its own, kubectl delete node removes"
            + " one");
  }

  static InvalidResourceException onlyRead(Resource resource) {
    return new InvalidResourceException(
        resource.kind()
            + " "
            + resource.key()
            + " is Kubernetes' own and only read here; use kubectl");
  }
}
