package dev.manul.datastore.kubernetes;

import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Pod;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where in the API the objects of one type are.
 *
 * @param group such as {@code /api/v1} or {@code /apis/projectcalico.org/v3}
 * @param plural such as {@code pods}
 */
record ObjectPath(String group, String plural, boolean namespaced) {

  static final ObjectPath NODES = new ObjectPath("/api/v1", "nodes", false);
  static final ObjectPath PODS = of(Pod.KIND);

  static ObjectPath of(Kind<?> kind) {
    String group = kind.apiVersion().contains("/") ? "/apis/" : "/api/";
    return new ObjectPath(group + kind.apiVersion(), kind.plural(), kind.namespaced());
  }

  /** The collection, of one namespace or of all. */
  String collection(Optional<String> namespace) {
    return namespaced && namespace.isPresent()
        ? group + "/namespaces/" + encode(namespace.get()) + "/" + plural
        : group + "/" + plural;
  }

  String object(Key key) {
    return collection(Optional.of(key.namespace())) + "/" + encode(key.name());
  }

  /** As messages and permissions name it, such as {@code ippools.projectcalico.org}. */
  String resourceName() {
    return group.equals("/api/v1")
        ? plural
        : plural + "." + group.substring("/apis/".length()).replaceFirst("/.*", "");
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
