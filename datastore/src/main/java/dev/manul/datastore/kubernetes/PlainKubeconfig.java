package dev.manul.datastore.kubernetes;

import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.ResourceText;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a kubeconfig whose current context is of the plain sort: a server, its authority's
 * certificate and a token, all in the file, as agents and tests are given. The client's own reader
 * knows all sorts, and takes two thirds of the time that opening the datastore takes: it binds the
 * file to the whole model first.
 */
final class PlainKubeconfig {
  private static final Set<String> OF_CLUSTER = Set.of("server", "certificate-authority-data");
  private static final Set<String> OF_USER = Set.of("token");

  private PlainKubeconfig() {}

  /**
   * The configuration of a context; empty when it is of another sort or says something else
   * besides, or when the file is not understood, which is left to the client to explain.
   *
   * @param context "" for the current one
   */
  @SuppressWarnings("unchecked") // trees have maps with text keys only
  static Optional<Config> read(Path file, String context) {
    List<Object> documents;
    try {
      documents = ResourceText.parseTrees(Files.readString(file), file.toString());
    } catch (IOException | MalformedTextException e) {
      return Optional.empty();
    }
    if (documents.size() != 1 || !(documents.getFirst() instanceof Map<?, ?> tree)) {
      return Optional.empty();
    }
    Map<String, Object> root = (Map<String, Object>) tree;
    String name = context.isEmpty() ? Fields.text(root, "current-context") : context;
    Map<String, Object> chosen = named(root, "contexts", name, "context");
    Map<String, Object> cluster =
        named(root, "clusters", Fields.text(chosen, "cluster"), "cluster");
    Map<String, Object> user = named(root, "users", Fields.text(chosen, "user"), "user");
    if (!isOf(cluster, OF_CLUSTER) || !isOf(user, OF_USER)) {
      return Optional.empty();
    }
    return Optional.of(
        new ConfigBuilder(Config.empty())
            .withMasterUrl(Fields.text(cluster, "server"))
            .withCaCertData(Fields.text(cluster, "certificate-authority-data"))
            .withOauthToken(Fields.text(user, "token"))
            .build());
  }

  /** What an entry of a list holds under {@code content}; nothing when there is no such entry. */
  private static Map<String, Object> named(
      Map<String, Object> root, String list, String name, String content) {
    return Fields.maps(root, list).stream()
        .filter(entry -> Fields.text(entry, "name").equals(name))
        .findFirst()
        .map(entry -> Fields.map(entry, content))
        .orElse(Map.of());
  }

  /** Whether the fields are there, with text, and no others. */
  private static boolean isOf(Map<String, Object> tree, Set<String> fields) {
    return tree.keySet().equals(fields)
        && fields.stream().noneMatch(field -> Fields.text(tree, field).isEmpty());
  }
}
