package dev.manul.e2e.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.manul.e2e.LabException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a topology file in containerlab's format.
 *
 * <p>Of a node: {@code kind} (bridge or linux), {@code group}, {@code labels}, {@code env}, {@code
 * sysctls}, {@code binds} and {@code exec}; {@code defaults} applies to nodes as it does there.
 * What else the format has, such as images, is for containerlab and passed over.
 */
public final class TopologyReader {

  private final Path file;
  private final JsonNode defaults;

  private TopologyReader(Path file, JsonNode defaults) {
    this.file = file;
    this.defaults = defaults;
  }

  /** Reads {@code file}; what is wrong with it is told as file, place and cause. */
  public static Topology read(Path file) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new LabException("%s: %s", file, e.getMessage());
    }
    JsonNode topology = root.path("topology");
    return new TopologyReader(file, topology.path("defaults"))
        .topology(root.path("name").asText(""), topology);
  }

  private Topology topology(String name, JsonNode topology) {
    if (name.isEmpty() || !topology.path("nodes").isObject()) {
      throw new LabException("%s: not a topology: name and topology.nodes are wanted", file);
    }
    List<String> bridges = new ArrayList<>();
    List<Topology.Machine> machines = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : topology.path("nodes").properties()) {
      String kind = setting(entry.getValue(), "kind").asText("");
      switch (kind) {
        case "bridge" -> bridges.add(entry.getKey());
        case "linux" -> machines.add(machine(entry.getKey(), entry.getValue()));
        default ->
            throw new LabException(
                "%s: node %s: kind '%s' is not one of bridge, linux", file, entry.getKey(), kind);
      }
    }
    List<Topology.Cable> cables = new ArrayList<>();
    for (JsonNode link : topology.path("links")) {
      JsonNode ends = link.path("endpoints");
      if (ends.size() != 2) {
        throw new LabException("%s: link %s: two endpoints are wanted", file, link);
      }
      cables.add(new Topology.Cable(port(ends.get(0).asText()), port(ends.get(1).asText())));
    }
    var result = new Topology(name, file, bridges, machines, cables);
    checkEnds(result);
    return result;
  }

  private void checkEnds(Topology topology) {
    for (Topology.Cable cable : topology.links()) {
      for (Topology.Port port : List.of(cable.left(), cable.right())) {
        if (!topology.bridges().contains(port.node())
            && topology.machines().stream().noneMatch(m -> m.name().equals(port.node()))) {
          throw new LabException("%s: a link ends at %s, which is no node", file, port.node());
        }
      }
    }
  }

  private JsonNode setting(JsonNode node, String field) {
    return node.has(field) ? node.path(field) : defaults.path(field);
  }

  private Topology.Machine machine(String name, JsonNode node) {
    return new Topology.Machine(
        name,
        setting(node, "group").asText(""),
        map(setting(node, "labels")),
        map(setting(node, "env")),
        map(setting(node, "sysctls")),
        list(setting(node, "binds")).stream().map(this::bind).toList(),
        list(setting(node, "exec")));
  }

  private Topology.Bind bind(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length < 2 || !parts[1].startsWith("/")) {
      throw new LabException("%s: bind '%s': SOURCE:/TARGET is wanted", file, text);
    }
    return new Topology.Bind(parts[0], parts[1]);
  }

  private Topology.Port port(String text) {
    int colon = text.indexOf(':');
    if (colon <= 0) {
      throw new LabException("%s: endpoint '%s': NODE:INTERFACE is wanted", file, text);
    }
    return new Topology.Port(text.substring(0, colon), text.substring(colon + 1));
  }

  private static Map<String, String> map(JsonNode node) {
    Map<String, String> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(entry.getKey(), entry.getValue().asText());
    }
    return map;
  }

  private static List<String> list(JsonNode node) {
    List<String> list = new ArrayList<>();
    node.forEach(item -> list.add(item.asText()));
    return list;
  }
}
