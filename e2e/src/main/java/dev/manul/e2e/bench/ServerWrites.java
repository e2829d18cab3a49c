package dev.manul.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.e2e.LabException;
import dev.manul.e2e.kube.ControlPlane;
import dev.manul.e2e.lab.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How long an API server takes for the two writes that an ADD consists of, when a small client does
 * nothing else: curl, over one connection, the writes in turns as in one ADD after another.
 *
 * @param blockMicros for a block of addresses, each write
 * @param podMicros for a pod's annotations, each write
 */
record ServerWrites(List<Long> blockMicros, List<Long> podMicros) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WARM_UP = 50;
  private static final int PAIRS = 200;
  private static final double MILLION = 1e6;

  ServerWrites {
    blockMicros = blockMicros.stream().sorted().toList();
    podMicros = podMicros.stream().sorted().toList();
  }

  /**
   * Measures.
   *
   * @param block a block of addresses, as JSON
   * @param pod where a pod is, below the server's root
   */
  static ServerWrites measure(ControlPlane plane, Path directory, JsonNode block, String pod)
      throws IOException {
    String name = block.path("metadata").path("name").textValue();
    String blocks = "/apis/projectcalico.org/v3/ipamblocks/" + name;
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < WARM_UP + PAIRS; i++) {
      int turn = i % 2; // a write that changes nothing is none
      Path change = directory.resolve("block-" + turn + ".json");
      if (i < 2) {
        Files.writeString(change, changed(block, turn));
      }
      request(requests, plane, blocks, "@" + change);
      request(requests, plane, pod + "/status", annotations(turn));
    }
    Path script = Files.writeString(directory.resolve("writes.curl"), requests);
    String said = Run.ok("curl", "--silent", "--fail-early", "--config", script.toString());
    List<String> lines = said.lines().toList();
    if (lines.size() != 2 * (WARM_UP + PAIRS)) {
      throw new LabException("curl: %s", said.strip());
    }
    List<Long> ofBlocks = new ArrayList<>();
    List<Long> ofPods = new ArrayList<>();
    for (int i = 2 * WARM_UP; i < lines.size(); i++) {
      String[] words = lines.get(i).split(" ", -1);
      if (!words[0].equals("200")) {
        throw new LabException("the API server answered a write with status %s", words[0]);
      }
      (i % 2 == 0 ? ofBlocks : ofPods).add(Math.round(Double.parseDouble(words[1]) * MILLION));
    }
    return new ServerWrites(ofBlocks, ofPods);
  }

  /** All that the agent's update says, but for the version. */
  private static String changed(JsonNode block, int turn) {
    ObjectNode change = JSON.createObjectNode();
    ObjectNode spec = block.path("spec").deepCopy();
    change.set("spec", spec.put("sequenceNumber", spec.path("sequenceNumber").longValue() + turn));
    return change.toString();
  }

  private static String annotations(int turn) {
    String address = "10.86.0.%d/32".formatted(1 + turn);
    ObjectNode change = JSON.createObjectNode();
    change
        .putObject("metadata")
        .putObject("annotations")
        .put("cni.projectcalico.org/podIP", address)
        .put("cni.projectcalico.org/podIPs", address)
        .put("cni.projectcalico.org/containerID", "bench");
    return change.toString();
  }

  private static void request(StringBuilder to, ControlPlane plane, String path, String data) {
    if (!to.isEmpty()) {
      to.append("next\n");
    }
    to.append("url = ").append(quoted(plane.advertisedUrl() + path)).append('\n');
    to.append("request = PATCH\n");
    to.append("cacert = ").append(quoted(plane.authority().toString())).append('\n');
    header(to, "Authorization: Bearer " + plane.token(ControlPlane.ADMIN));
    header(to, "Content-Type: application/merge-patch+json");
    to.append("data-binary = ").append(quoted(data)).append('\n');
    to.append("output = /dev/null\n");
    to.append("write-out = \"%{http_code} %{time_total}\\n\"\n");
  }

  private static void header(StringBuilder to, String header) {
    to.append("header = ").append(quoted(header)).append('\n');
  }

  /** As curl's configuration files have it. */
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
