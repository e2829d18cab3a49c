package dev.manul.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.e2e.kube.ControlPlane;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How long an API server takes for the two writes that an ADD consists of, for a client that does
 * nothing else and has no agent beside it: over one connection, the same requests as an agent's, in
 * turns as in one ADD after another.
 *
 * @param blockMicros for a block of addresses, each write
 * @param podMicros for a pod's annotations, each write
 */
record ServerWrites(List<Long> blockMicros, List<Long> podMicros) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WARM_UP = 200;
  private static final int PAIRS = 200;
  private static final double THOUSAND = 1e3;
  private static final String SEQUENCE = "sequenceNumber";

  ServerWrites {
    blockMicros = blockMicros.stream().sorted().toList();
    podMicros = podMicros.stream().sorted().toList();
  }

  /**
   * Measures.
   *
   * @param block a block with addresses of pods in it, as the server had it
   * @param pod where a pod is, below the server's root
   */
  static ServerWrites measure(ControlPlane plane, JsonNode block, String pod) throws IOException {
    String name = block.path("metadata").path("name").textValue();
    String path = "/apis/projectcalico.org/v3/ipamblocks/" + name;
    List<Long> blocks = new ArrayList<>();
    List<Long> pods = new ArrayList<>();
    JsonNode now = JSON.readTree(plane.kubectl("get", "--raw", path));
    ((ObjectNode) now).set("spec", block.path("spec"));
    for (int i = -WARM_UP; i < PAIRS; i++) {
      String next = changed(now);
      long begun = System.nanoTime();
      String answer = plane.put(path, next);
      long written = System.nanoTime();
      now = JSON.readTree(answer);
      String annotations = annotations(i);
      long begunPod = System.nanoTime();
      plane.mergePatch(pod + "/status", annotations);
      long writtenPod = System.nanoTime();
      if (i >= 0) {
        blocks.add(Math.round((written - begun) / THOUSAND));
        pods.add(Math.round((writtenPod - begunPod) / THOUSAND));
      }
    }
    return new ServerWrites(blocks, pods);
  }

  /** As an agent writes it, changed: a write that changes nothing is none. */
  private static String changed(JsonNode block) {
    ObjectNode next = block.deepCopy();
    ObjectNode metadata = (ObjectNode) next.path("metadata");
    metadata.remove("generation");
    metadata.putArray("managedFields").addObject();
    ObjectNode spec = (ObjectNode) next.path("spec");
    spec.put(SEQUENCE, spec.path(SEQUENCE).longValue() + 1);
    return next.toString();
  }

  private static String annotations(int turn) {
    String address = "10.86.0.%d/32".formatted(Math.floorMod(turn, 2));
    ObjectNode change = JSON.createObjectNode();
    change
        .putObject("metadata")
        .putObject("annotations")
        .put("cni.projectcalico.org/podIP", address)
        .put("cni.projectcalico.org/podIPs", address)
        .put("cni.projectcalico.org/containerID", "bench");
    return change.toString();
  }
}
