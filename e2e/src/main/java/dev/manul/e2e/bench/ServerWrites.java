package dev.manul.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.e2e.kube.ControlPlane;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * How long an API server takes for the two writes that an ADD consists of, for a client that does
 * nothing else: over one connection, the same requests as an agent's, for a block and a pod of its
 * own. To be measured in turns with the ADDs, as a machine is not as fast at one time as at
 * another.
 */
final class ServerWrites implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double THOUSAND = 1e3;
  private static final String NAME = "10-87-0-0-26";
  private static final String BLOCK = "/apis/projectcalico.org/v3/ipamblocks/" + NAME;
  private static final String SEQUENCE = "sequenceNumber";

  /**
   * What it took, sorted, in microseconds.
   *
   * @param block for a block of addresses, nothing else being written
   * @param pod for a pod's annotations, nothing else being written
   * @param both for another two, side by side, until the later is done
   */
  record Times(List<Long> block, List<Long> pod, List<Long> both) {
    Times {
      block = block.stream().sorted().toList();
      pod = pod.stream().sorted().toList();
      both = both.stream().sorted().toList();
    }
  }

  private final ControlPlane plane;
  private final String pod;
  private final ExecutorService beside = Executors.newSingleThreadExecutor();
  private final List<Long> blocks = new ArrayList<>();
  private final List<Long> pods = new ArrayList<>();
  private final List<Long> both = new ArrayList<>();
  private JsonNode now;
  private int turn;

  private ServerWrites(ControlPlane plane, JsonNode block, String pod) {
    this.plane = plane;
    this.now = block;
    this.pod = pod;
  }

  /**
   * @param block one with addresses of pods in it, as the server has it; a copy of it is made
   * @param pod where a pod is that nobody else writes, below the server's root
   */
  static ServerWrites of(ControlPlane plane, JsonNode block, String pod) throws IOException {
    ObjectNode copy = block.deepCopy();
    copy.putObject("metadata").put("name", NAME);
    ((ObjectNode) copy.path("spec")).put("cidr", "10.87.0.0/26");
    plane.apply(BLOCK, copy.toString());
    return new ServerWrites(plane, JSON.readTree(plane.kubectl("get", "--raw", BLOCK)), pod);
  }

  /** Measures so many times. */
  void measure(int turns) throws IOException {
    for (int i = 0; i < turns; i++) {
      String block = changed(now);
      long begun = System.nanoTime();
      String answer = plane.put(BLOCK, block);
      long written = System.nanoTime();
      now = JSON.readTree(answer);
      blocks.add(micros(begun, written));

      String annotations = annotations();
      begun = System.nanoTime();
      plane.mergePatch(pod + "/status", annotations);
      pods.add(micros(begun, System.nanoTime()));

      String next = changed(now);
      String others = annotations();
      begun = System.nanoTime();
      CompletableFuture<Void> patched =
          CompletableFuture.runAsync(() -> plane.mergePatch(pod + "/status", others), beside);
      answer = plane.put(BLOCK, next);
      patched.join();
      both.add(micros(begun, System.nanoTime()));
      now = JSON.readTree(answer);
    }
  }

  private static long micros(long begun, long ended) {
    return Math.round((ended - begun) / THOUSAND);
  }

  /** Of all that was measured since the start, or since this was asked last. */
  Times times() {
    Times times = new Times(blocks, pods, both);
    blocks.clear();
    pods.clear();
    both.clear();
    return times;
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

  private String annotations() {
    turn++;
    String address = "10.87.0.%d/32".formatted(turn % 2);
    ObjectNode change = JSON.createObjectNode();
    change
        .putObject("metadata")
        .putObject("annotations")
        .put("cni.projectcalico.org/podIP", address)
        .put("cni.projectcalico.org/podIPs", address)
        .put("cni.projectcalico.org/containerID", "bench");
    return change.toString();
  }

  @Override
  public void close() {
    beside.close();
  }
}
