package dev.manul.e2e.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.e2e.LabException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs a list of plugins as a container runtime does (CNI spec, section 3).
 *
 * @param node the network namespace that they run in
 * @param directories where they are looked for, in order
 * @param environment more variables for all of them
 */
public record PluginChain(Path node, List<Path> directories, Map<String, String> environment) {

  private static final ObjectMapper JSON = new ObjectMapper();

  public PluginChain {
    directories = List.copyOf(directories);
    environment = Map.copyOf(environment);
  }

  /**
   * What came of a request to the whole list.
   *
   * @param status 0, or that of the first plugin that failed
   * @param result the result of the last plugin, or the error of the one that failed; a missing
   *     node where it wrote nothing
   */
  public record Outcome(int status, JsonNode result) {

    public boolean ok() {
      return status == 0;
    }

    /** The error's code, 0 where there is none. */
    public int code() {
      return result.path("code").asInt();
    }

    /** The addresses of a result of ADD, without their lengths. */
    public List<String> addresses() {
      List<String> addresses = new ArrayList<>();
      for (JsonNode ip : result.path("ips")) {
        addresses.add(ip.path("address").asText().replaceFirst("/.*", ""));
      }
      return addresses;
    }
  }

  /** Runs ADD through the list; ends with the first failure, and undoes nothing. */
  public Outcome add(String list, Sandbox sandbox, Map<String, Object> capabilities) {
    return forwards("ADD", list, sandbox, capabilities, MissingNode.getInstance());
  }

  public Outcome add(String list, Sandbox sandbox) {
    return add(list, sandbox, Map.of());
  }

  /** Runs CHECK with the result of ADD. */
  public Outcome check(String list, Sandbox sandbox, JsonNode added) {
    return forwards("CHECK", list, sandbox, Map.of(), added);
  }

  private Outcome forwards(
      String command,
      String list,
      Sandbox sandbox,
      Map<String, Object> capabilities,
      JsonNode previous) {
    JsonNode network = read(list);
    JsonNode result = previous;
    for (JsonNode plugin : network.path("plugins")) {
      Outcome outcome = one(command, sandbox, configuration(network, plugin, result, capabilities));
      if (!outcome.ok()) {
        return outcome;
      }
      if (command.equals("ADD")) {
        result = outcome.result();
      }
    }
    return new Outcome(0, result);
  }

  /**
   * Runs DEL through the list from its end.
   *
   * @param added the result of ADD, or a missing node
   */
  public Outcome delete(
      String list, Sandbox sandbox, JsonNode added, Map<String, Object> capabilities) {
    JsonNode network = read(list);
    List<JsonNode> plugins = new ArrayList<>();
    network.path("plugins").forEach(plugins::addFirst);
    for (JsonNode plugin : plugins) {
      Outcome outcome = one("DEL", sandbox, configuration(network, plugin, added, capabilities));
      if (!outcome.ok()) {
        return outcome;
      }
    }
    return new Outcome(0, MissingNode.getInstance());
  }

  public Outcome delete(String list, Sandbox sandbox) {
    return delete(list, sandbox, MissingNode.getInstance(), Map.of());
  }

  private static JsonNode read(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new LabException("not JSON: %s: %s", e.getOriginalMessage(), text);
    }
  }

  /** A plugin's configuration as the spec derives it from the list's. */
  private static ObjectNode configuration(
      JsonNode network, JsonNode plugin, JsonNode previous, Map<String, Object> capabilities) {
    ObjectNode configuration = plugin.deepCopy();
    JsonNode wanted = configuration.remove("capabilities");
    configuration.set("cniVersion", network.path("cniVersion"));
    configuration.set("name", network.path("name"));
    if (!previous.isMissingNode()) {
      configuration.set("prevResult", previous);
    }
    if (wanted != null) {
      ObjectNode runtime = JSON.createObjectNode();
      capabilities.forEach(
          (name, value) -> {
            if (wanted.path(name).asBoolean()) {
              runtime.set(name, JSON.valueToTree(value));
            }
          });
      if (!runtime.isEmpty()) {
        configuration.set("runtimeConfig", runtime);
      }
    }
    return configuration;
  }

  private Outcome one(String command, Sandbox sandbox, ObjectNode configuration) {
    String type = configuration.path("type").asText();
    Path plugin =
        directories.stream()
            .map(directory -> directory.resolve(type))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new LabException("no plugin %s in %s", type, directories));
    PluginRequest.Outcome outcome =
        PluginRequest.of(command, sandbox)
            .withEnvironment(environment)
            .withEnvironment(Map.of("CNI_PATH", path()))
            .run(node, plugin, configuration.toString());
    return new Outcome(
        outcome.status(),
        outcome.output().isBlank() ? MissingNode.getInstance() : read(outcome.output()));
  }

  private String path() {
    return directories.stream().map(Path::toString).collect(Collectors.joining(":"));
  }
}
