package dev.manul.cli;

import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.ResourceText;
import dev.manul.model.Resource;
import dev.manul.model.Spelling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the environment, or calicoctl's configuration file in its place, says of the datastore: a
 * document of kind {@code CalicoAPIConfig}, each of whose fields stands for a variable.
 */
final class Connection {
  private static final String INSECURE = "K8S_INSECURE_SKIP_TLS_VERIFY";

  /** Where a file is read without {@code --config}, the first that there is. */
  private static final List<Path> USUAL =
      List.of(Path.of("/etc/manul/manulctl.cfg"), Path.of("/etc/calico/calicoctl.cfg"));

  private static final String KIND = "CalicoAPIConfig";
  private static final String INLINE = "kubeconfigInline";

  /** Fields, and the variables that say the same; "" for what is read and means nothing here. */
  private static final Map<String, String> VARIABLES = new LinkedHashMap<>();

  static {
    VARIABLES.put("datastoreType", "DATASTORE_TYPE");
    VARIABLES.put("datastorePath", "MANUL_DATASTORE_PATH");
    VARIABLES.put("kubeconfig", "KUBECONFIG");
    VARIABLES.put("k8sAPIEndpoint", "K8S_API_ENDPOINT");
    VARIABLES.put("k8sKeyFile", "K8S_KEY_FILE");
    VARIABLES.put("k8sCertFile", "K8S_CERT_FILE");
    VARIABLES.put("k8sCAFile", "K8S_CA_FILE");
    VARIABLES.put("k8sAPIToken", "K8S_API_TOKEN");
    VARIABLES.put("k8sInsecureSkipTLSVerify", INSECURE);
    VARIABLES.put("k8sCurrentContext", "K8S_CURRENT_CONTEXT");
    VARIABLES.put(INLINE, "");
    VARIABLES.put("k8sClientQPS", "");
    VARIABLES.put("k8sClientBurst", "");
    VARIABLES.put("usePodCIDR", "");
    VARIABLES.put("calicoAPIGroup", "");
  }

  private Connection() {}

  /**
   * The variables in force.
   *
   * @param config the file named with {@code --config}, or null
   * @throws CommandFailure when the file cannot be read or says something unknown
   */
  static Map<String, String> of(String config, Map<String, String> environment) {
    Map<String, String> variables = variables(config, environment);
    if (!variables.getOrDefault("K8S_API_ENDPOINT", "").isEmpty()
        && variables.getOrDefault("KUBECONFIG", "").isEmpty()) {
      variables.put("KUBECONFIG", kubeconfig(variables).toString());
    }
    return variables;
  }

  private static Map<String, String> variables(String config, Map<String, String> environment) {
    if (config != null) {
      return fromFile(config, environment);
    }
    for (Path usual : USUAL) {
      if (Files.isRegularFile(usual)) {
        return fromFile(usual.toString(), environment);
      }
    }
    Map<String, String> variables = new HashMap<>(environment);
    for (String variable : VARIABLES.values()) {
      String prefixed = environment.getOrDefault("CALICO_" + variable, "");
      if (!variable.isEmpty() && !prefixed.isEmpty()) {
        variables.putIfAbsent(variable, prefixed);
      }
    }
    return variables;
  }

  private static Map<String, String> fromFile(String file, Map<String, String> environment) {
    Map<?, ?> document = document(file);
    for (Object field : document.keySet()) {
      if (!List.of("apiVersion", "kind", "metadata", "spec").contains(field)) {
        throw unknown(file, String.valueOf(field), List.of("apiVersion", "kind", "spec"));
      }
    }
    if (!Resource.API_VERSION.equals(document.get("apiVersion"))
        || !KIND.equals(document.get("kind"))) {
      throw CommandFailure.failed(
          file
              + ": wanted are apiVersion "
              + Resource.API_VERSION
              + " and kind "
              + KIND
              + ", not "
              + document.get("apiVersion")
              + " and "
              + document.get("kind"));
    }
    Map<String, String> variables = new HashMap<>(environment);
    VARIABLES.values().forEach(variables::remove); // the file stands in their place
    Map<?, ?> spec = document.get("spec") instanceof Map<?, ?> map ? map : Map.of();
    spec.forEach(
        (name, value) -> {
          String field = String.valueOf(name);
          String text = Objects.toString(value, "");
          if (field.startsWith("etcd") && !text.isEmpty()) {
            throw CommandFailure.failed(
                file
                    + ": field spec."
                    + field
                    + ": there is no etcd here; a datastore is file or"
                    + " kubernetes");
          }
          if (!field.startsWith("etcd") && !VARIABLES.containsKey(field)) {
            throw unknown(file, "spec." + field, specFields());
          }
          String variable = VARIABLES.getOrDefault(field, "");
          if (!variable.isEmpty() && !text.isEmpty()) {
            variables.put(variable, text);
          }
        });
    String inline = Objects.toString(spec.get(INLINE), "");
    if (!inline.isEmpty()) {
      variables.put("KUBECONFIG", temporary(inline).toString());
    }
    return variables;
  }

  private static List<String> specFields() {
    return VARIABLES.keySet().stream().map(field -> "spec." + field).toList();
  }

  private static CommandFailure unknown(String file, String field, List<String> known) {
    return CommandFailure.failed(
        file
            + ": field in document is not recognized or is in the wrong location: "
            + field
            + Spelling.nearest(field, known)
                .map(near -> "; did you mean " + near + "?")
                .orElse(""));
  }

  private static Map<?, ?> document(String file) {
    try {
      List<Object> trees = ResourceText.parseTrees(Files.readString(Path.of(file)), file);
      if (trees.size() == 1 && trees.getFirst() instanceof Map<?, ?> document) {
        return document;
      }
      throw CommandFailure.failed(file + ": one document of kind " + KIND + " is wanted");
    } catch (MalformedTextException e) {
      throw CommandFailure.failed(Main.oneLine(e.getMessage()));
    } catch (IOException | InvalidPathException e) {
      throw CommandFailure.failed(
          file + ": the configuration file cannot be read; --config names another");
    }
  }

  /**
   * A kubeconfig for the variables that name the API and who asks it one by one.
   *
   * @return a file that only this user can read, and that goes when the program ends
   */
  private static Path kubeconfig(Map<String, String> variables) {
    Map<String, Object> cluster = new LinkedHashMap<>();
    cluster.put("server", variables.get("K8S_API_ENDPOINT"));
    put(cluster, "certificate-authority", variables.get("K8S_CA_FILE"));
    String insecure = variables.getOrDefault(INSECURE, "");
    if (insecure.equals("1") || Boolean.parseBoolean(insecure)) {
      cluster.put("insecure-skip-tls-verify", true);
    }
    Map<String, Object> user = new LinkedHashMap<>();
    put(user, "client-certificate", variables.get("K8S_CERT_FILE"));
    put(user, "client-key", variables.get("K8S_KEY_FILE"));
    put(user, "token", variables.get("K8S_API_TOKEN"));
    return temporary(
        Json.text(
            Json.object(
                "apiVersion",
                "v1",
                "kind",
                "Config",
                "clusters",
                List.of(Json.object("name", "api", "cluster", cluster)),
                "users",
                List.of(Json.object("name", "api", "user", user)),
                "contexts",
                List.of(
                    Json.object(
                        "name", "api", "context", Json.object("cluster", "api", "user", "api"))),
                "current-context",
                "api")));
  }

  private static void put(Map<String, Object> tree, String name, String value) {
    if (value != null && !value.isEmpty()) {
      tree.put(name, value);
    }
  }

  private static Path temporary(String text) {
    try {
      Path file = Files.createTempFile("manulctl", ".kubeconfig"); // for its owner alone
      file.toFile().deleteOnExit();
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("no kubeconfig can be written for this command", e);
    }
  }
}
