package dev.manul.e2e.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.daemon.JsonServer;
import dev.manul.cli.Main;
import dev.manul.e2e.kube.ControlPlane;
import dev.manul.e2e.kube.KubeBinaries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * manulctl on a machine that has a kubeconfig and nothing else, with a real API server. There are
 * no kubelets, so that what kubectl has them do ({@code exec}, {@code logs}) is done here, by a
 * script in its place that runs it on this machine; all else goes to the real kubectl. What a whole
 * cluster makes of it, {@code ./dev kind test} shows.
 */
class FromOutsideIT {
  @TempDir static Path directory;

  private static ControlPlane plane;
  private static Place.Cluster place;

  @BeforeAll
  static void anApiServer() {
    plane = ControlPlane.start();
    plane.applyCrds();
    place = new Place.Cluster(plane);
    plane.kubectl("create", "serviceaccount", "default", "--namespace=kube-system");
  }

  @AfterAll
  static void end() {
    if (plane != null) {
      plane.close();
    }
  }

  @BeforeEach
  void threeNodes() {
    place.clear();
    for (String node : List.of("a", "b", "c")) {
      place.node(node, "10.0.0.1/24");
      agent("manul-node-of-" + node, node);
    }
  }

  /** An agent's pod that runs, as far as the API knows. */
  private static void agent(String name, String node) {
    var _ =
        plane.kubectlWith(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, namespace: kube-system, labels: {k8s-app: manul-node}}
            spec:
              nodeName: %s
              hostNetwork: true
              automountServiceAccountToken: false
              containers: [{name: manul-node, image: none}]
            """
                .formatted(name, node),
            "create",
            "--filename=-");
    String path = "/api/v1/namespaces/kube-system/pods/" + name + "/status";
    String pod = plane.kubectl("get", "--raw=" + path);
    var _ =
        plane.kubectlWith(
            pod.replace("\"phase\":\"Pending\"", "\"phase\":\"Running\""),
            "replace",
            "--raw=" + path,
            "--filename=-");
  }

  /** Runs what is for a container of a pod with the run directory of the pod's name. */
  private Map<String, String> environment() throws IOException {
    Path script = directory.resolve("kubectl");
    String manulctl =
        "\"%s\" -XX:TieredStopAtLevel=1 -cp '%s' %s"
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                Main.class.getName());
    Files.writeString(
        script,
        """
        #!/bin/bash
        verb= pod= words=()
        for word; do
          case $word in
            exec | logs) [ -n "$verb" ] || verb=$word ;;
            manul-node-of-*) pod=$word ;;
          esac
          [ "$verb" != exec ] || words+=("$word")
        done
        echo "$*" >>%s/asked
        case $verb in
          exec)
            export MANUL_RUN_DIR=%s/$pod
            while [ "${words[0]}" != -- ]; do words=("${words[@]:1}"); done
            [ -d "$MANUL_RUN_DIR" ] || { echo "error: unable to upgrade connection" >&2; exit 1; }
            exec %s "${words[@]:2}"
            ;;
          logs) case "$*" in *--previous*) exit 1 ;; *) echo "event=started token=abc pod=$pod" ;; esac ;;
          *) exec %s "$@" ;;
        esac
        """
            .formatted(
                directory,
                directory,
                manulctl,
                KubeBinaries.provided().program("kubectl").toString()));
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Map<String, String> environment = new HashMap<>(place.environment());
    environment.put("KUBECTL", script.toString());
    environment.put("MANUL_RUN_DIR", directory.resolve("none").toString());
    return environment;
  }

  private Ran run(String... args) throws IOException {
    return Ran.manulctl(environment(), "", args);
  }

  /** An agent of a node, as far as manulctl asks it here. */
  private static JsonServer serve(String node) throws IOException {
    Path run = Files.createDirectories(directory.resolve("manul-node-of-" + node));
    JsonServer server =
        new JsonServer(
            path ->
                switch (path) {
                  case "/v1/status" ->
                      JsonServer.Answer.ok(
                          Map.of(
                              "node", node, "ready", true, "version", "v1", "sessions", List.of()));
                  case "/v1/bgp/neighbors" ->
                      JsonServer.Answer.ok(
                          Map.of(
                              "neighbors",
                              List.of(Map.of("address", "192.0.2.1", "state", "Established"))));
                  default -> Optional.empty();
                });
    server.listen(run.resolve("agent.sock"));
    return server;
  }

  @Test
  void agentsOfOtherNodesAreAskedBesideThem() throws Exception {
    try (JsonServer _ = serve("a");
        JsonServer _ = serve("b")) {
      Ran status = run("node", "status", "--node=b", "-o", "json");
      assertThat(status.err()).isEmpty();
      assertThat(status.out()).contains("\"node\":\"b\"");
      assertThat(run("bgp", "peers", "--node", "a").out()).contains("192.0.2.1");
      assertThat(run("node", "status", "--node=d").err())
          .isEqualTo("no agent's pod runs on node d\n");

      Ran top = run("top", "--interval=0.2", "--count=1", "-o", "json");
      assertThat(top.out()).contains("\"node\":\"a\"").contains("\"node\":\"b\"");
      assertThat(top.err().lines().distinct())
          .as("an agent that cannot be asked does not keep the others from it")
          .singleElement()
          .asString()
          .startsWith(
              "node c: the agent does not answer on node c (pod kube-system/manul-node-of-c): ")
          .endsWith("has ended: error: unable to upgrade connection");

      Ran chosen = run("top", "--node=a", "--interval=0.2", "--count=1", "-o", "json");
      assertThat(chosen.err()).isEmpty();
      assertThat(chosen.out()).contains("\"node\":\"a\"").doesNotContain("\"node\":\"b\"");
      assertThat(run("top", "--no-exec", "--once").code()).isEqualTo(3);
    }
  }

  @Test
  void diagsOfAClusterHaveWhatItAndItsNodesAreLike() throws Exception {
    Files.deleteIfExists(directory.resolve("asked"));
    place.apply(
        """
        apiVersion: projectcalico.org/v3
        kind: IPPool
        metadata: {name: pods}
        spec: {cidr: 10.50.0.0/24, ipipMode: Never}
        """);
    Ran ran;
    try (JsonServer _ = serve("a");
        JsonServer _ = serve("b")) {
      ran = run("cluster", "diags", "--focus-nodes=b", "--max-logs=1", "--since=1h");
    }
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).startsWith("Diags saved to ").hasLineCount(1);
    assertThat(ran.err().lines())
        .as("of what cannot be had it says so, and has all else")
        .filteredOn(line -> line.startsWith("skipped: "))
        .singleElement()
        .asString()
        .contains(" exec ", "manul-node-of-c")
        .endsWith(" has ended with exit code 1: error: unable to upgrade connection");
    Path archive = Path.of(ran.out().strip().substring("Diags saved to ".length()));
    Path kept = Files.move(archive, directory.resolve("cluster.tar.gz"));
    String top = archive.getFileName().toString().replace(".tar.gz", "") + "/";
    assertThat(tar("-tzf", kept.toString()).lines())
        .contains(
            top + "cluster/ippools.yaml",
            top + "cluster/ipam-check.json",
            top + "cluster/version",
            top + "cluster/nodes.yaml",
            top + "cluster/nodes.txt",
            top + "cluster/pods.txt",
            top + "cluster/services.txt",
            top + "cluster/events.txt",
            top + "cluster/agents.txt",
            top + "cluster/definitions.txt",
            top + "nodes/a/diags.tar.gz",
            top + "nodes/a/agent.log",
            top + "nodes/b/diags.tar.gz",
            top + "nodes/b/agent.log",
            top + "skipped")
        .doesNotContain(top + "nodes/c/agent.log", top + "nodes/b/agent-previous.log");
    assertThat(tar("-xzOf", kept.toString(), top + "cluster/nodes.yaml"))
        .contains("projectcalico.org/IPv4Address: 10.0.0.1/24");
    assertThat(tar("-xzOf", kept.toString(), top + "cluster/pods.txt"))
        .contains("manul-node-of-a", "manul-node-of-c");
    assertThat(tar("-xzOf", kept.toString(), top + "cluster/agents.txt"))
        .contains("k8s-app=manul-node");
    assertThat(tar("-xzOf", kept.toString(), top + "cluster/definitions.txt"))
        .contains("ippools.projectcalico.org");
    assertThat(tar("-xzOf", kept.toString(), top + "nodes/b/agent.log"))
        .isEqualTo("event=started token=<hidden> pod=manul-node-of-b\n");
    Path ofB = directory.resolve("b.tar.gz");
    Files.write(ofB, tarOctets("-xzOf", kept.toString(), top + "nodes/b/diags.tar.gz"));
    assertThat(tar("-tzf", ofB.toString())).contains("/agent/status.json", "/ipv4_route");
    assertThat(Files.readString(directory.resolve("asked")))
        .as("the cluster of the kubeconfig, and no other")
        .contains("logs --namespace=kube-system manul-node-of-b --all-containers --since=1h");
  }

  private static byte[] tarOctets(String... args) throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of("tar"));
    command.addAll(List.of(args));
    Process tar = new ProcessBuilder(command).start();
    byte[] said = tar.getInputStream().readAllBytes();
    assertThat(tar.waitFor()).isZero();
    return said;
  }

  private static String tar(String... args) throws Exception {
    return new String(tarOctets(args), StandardCharsets.UTF_8);
  }
}
