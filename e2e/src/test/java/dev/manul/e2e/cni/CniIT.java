package dev.manul.e2e.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.e2e.lab.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The program on the host and a real agent, in chains with Debian's plugins, and their errors. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CniIT {

  private static final Path DIST = Path.of("../dist").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String ALONE =
      """
      {"cniVersion": "1.0.0", "name": "k8s-pod-network",
       "plugins": [{"type": "manul", "ipam": {"type": "manul-ipam"}}]}
      """;
  private static final String CHAIN =
      """
      {"cniVersion": "1.0.0", "name": "k8s-pod-network",
       "plugins": [
         {"type": "manul", "ipam": {"type": "manul-ipam"}},
         {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}},
         {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
      """;
  private static final Map<String, Object> WISHES =
      Map.of(
          "portMappings",
              List.of(Map.of("hostPort", 18080, "containerPort", 80, "protocol", "tcp")),
          "bandwidth", Map.of("ingressRate", 1_000_000, "ingressBurst", 1_000_000));

  private Path directory;
  private final List<Sandbox> sandboxes = new ArrayList<>();
  private PodNode node;
  private int made;

  @BeforeAll
  void startANode(@TempDir Path temporary) {
    directory = temporary;
    assertThat(DIST.resolve("cni/manul")).as("made by ./dev build").isExecutable();
    // A block of four addresses, so that the pool is soon exhausted.
    node = PodNode.up("mcit-node", directory.resolve("node"), DIST, "10.85.0.0/30", 30);
  }

  @BeforeEach
  void anAgent() {
    if (node.agent().isEmpty()) {
      node.startAgent();
    }
    node.awaitReady();
  }

  @AfterEach
  void nothingIsLeft() {
    sandboxes.forEach(Sandbox::remove);
    sandboxes.clear();
    await().atMost(LIMIT).untilAsserted(() -> assertThat(Leftovers.of(node)).isEmpty());
  }

  @AfterAll
  void endTheNode() {
    node.close();
  }

  private Sandbox sandbox() {
    made++;
    var sandbox =
        new Sandbox("citsandbox%d".formatted(made), "mcit-pod" + made, "default", "pod-" + made);
    sandboxes.add(sandbox);
    return sandbox.make();
  }

  private PluginRequest.Outcome ask(PluginRequest request, String input) {
    return request.withEnvironment(node.environment()).run(node.namespace(), node.program(), input);
  }

  private static JsonNode read(PluginRequest.Outcome outcome) throws IOException {
    return new ObjectMapper().readTree(outcome.output());
  }

  private void assertNothingOf(Sandbox sandbox) {
    assertThat(Run.in(sandbox.netnsName(), "ip", "-o", "link").lines()).hasSize(1);
    assertThat(Leftovers.of(node)).isEmpty();
  }

  @Test
  void aChainWithPortmapAndBandwidthWiresAPod() {
    Sandbox sandbox = sandbox();

    PluginChain.Outcome added = node.runtime().add(CHAIN, sandbox, WISHES);

    assertThat(added.ok()).as(added.toString()).isTrue();
    String address = added.addresses().getFirst();
    assertThat(address).startsWith("10.85.0.");
    String device = added.result().path("interfaces").path(0).path("name").asText();
    // ADD does not wait for the pod's own policy, until which its traffic is closed
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(Run.in(node.name(), "ping", "-c", "1", "-W", "1", address))
                    .contains("1 received"));
    assertThat(Run.in(node.name(), "ip", "route", "get", address)).contains("dev " + device);
    assertThat(Run.in(node.name(), "iptables-save", "-t", "nat"))
        .contains("--to-destination " + address + ":80");
    assertThat(Run.in(node.name(), "tc", "qdisc", "show", "dev", device)).contains("tbf");

    PluginChain.Outcome deleted = node.runtime().delete(CHAIN, sandbox, added.result(), WISHES);

    assertThat(deleted.ok()).as(deleted.toString()).isTrue();
    assertNothingOf(sandbox);
  }

  @Test
  void checkSeesAnAttachmentAndItsDamage() {
    Sandbox sandbox = sandbox();
    PluginChain.Outcome added = node.runtime().add(ALONE, sandbox);
    assertThat(added.ok()).as(added.toString()).isTrue();
    assertThat(node.runtime().check(ALONE, sandbox, added.result()).ok()).isTrue();

    Run.ok("ip", "-n", sandbox.netnsName(), "route", "delete", "default");

    PluginChain.Outcome damaged = node.runtime().check(ALONE, sandbox, added.result());
    assertThat(damaged.ok()).isFalse();
    assertThat(damaged.code()).isEqualTo(105);
    assertThat(node.runtime().delete(ALONE, sandbox).ok()).isTrue();
  }

  @Test
  void aSecondAddOfAContainerIsTheFirst() {
    Sandbox sandbox = sandbox();
    PluginChain.Outcome first = node.runtime().add(ALONE, sandbox);
    PluginChain.Outcome second = node.runtime().add(ALONE, sandbox);

    assertThat(first.ok()).as(first.toString()).isTrue();
    assertThat(second).isEqualTo(first);
    assertThat(node.runtime().delete(ALONE, sandbox).ok()).isTrue();
    assertThat(node.runtime().delete(ALONE, sandbox).ok()).isTrue();
  }

  @Test
  void whatIsNotJsonIsCode6() throws IOException {
    Sandbox sandbox = sandbox();
    PluginRequest.Outcome outcome = ask(PluginRequest.of("ADD", sandbox), "{\"cniVersion\":");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(read(outcome).path("code").asInt()).isEqualTo(6);
    assertNothingOf(sandbox);
  }

  @Test
  void anUnknownVersionIsCode1() {
    Sandbox sandbox = sandbox();
    PluginChain.Outcome outcome = node.runtime().add(ALONE.replace("1.0.0", "7.0.0"), sandbox);
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.code()).isEqualTo(1);
    assertNothingOf(sandbox);
  }

  @Test
  void aNamespaceThatIsNotThereIsCode3() {
    var gone = new Sandbox("citgone", "mcit-gone", "default", "gone");
    PluginChain.Outcome outcome = node.runtime().add(ALONE, gone);
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.code()).isEqualTo(3);
    assertThat(Leftovers.of(node)).isEmpty();
    assertThat(node.runtime().delete(ALONE, gone).ok()).isTrue();
  }

  @Test
  void anExhaustedPoolIsCode100UntilAnAddressIsFree() {
    List<Sandbox> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Sandbox sandbox = sandbox();
      PluginChain.Outcome added = node.runtime().add(ALONE, sandbox);
      assertThat(added.ok()).as(added.toString()).isTrue();
      all.add(sandbox);
    }
    Sandbox fifth = sandbox();

    PluginChain.Outcome outcome = node.runtime().add(ALONE, fifth);

    assertThat(outcome.code()).as(outcome.toString()).isEqualTo(100);
    assertThat(outcome.result().path("cniVersion").asText()).isEqualTo("1.0.0");
    assertThat(Run.in(fifth.netnsName(), "ip", "-o", "link").lines()).hasSize(1);
    assertThat(node.runtime().delete(ALONE, fifth).ok()).isTrue();
    assertThat(node.runtime().delete(ALONE, all.removeFirst()).ok()).isTrue();
    assertThat(node.runtime().add(ALONE, fifth).ok()).isTrue();
    all.add(fifth);
    all.forEach(sandbox -> assertThat(node.runtime().delete(ALONE, sandbox).ok()).isTrue());
  }

  @Test
  void withTheAgentDownAnAddFailsAndADeletionIsDoneLater() {
    Sandbox wired = sandbox();
    assertThat(node.runtime().add(ALONE, wired).ok()).isTrue();
    node.killAgent();
    Sandbox refused = sandbox();

    PluginChain.Outcome add = node.runtime().add(ALONE, refused);

    assertThat(add.code()).as(add.toString()).isEqualTo(11);
    assertThat(Run.in(refused.netnsName(), "ip", "-o", "link").lines()).hasSize(1);
    assertThat(node.runtime().delete(ALONE, wired).ok()).isTrue();
    assertThat(Leftovers.of(node)).anyMatch(line -> line.endsWith("-eth0.request"));
    wired.remove();
    node.startAgent(); // and then nothing is left
  }

  @Test
  void withTheDatastoreDownAnAddFailsAndLeavesNothing() throws IOException {
    Path store = directory.resolve("node/datastore");
    Path away = directory.resolve("node/away");
    Sandbox sandbox = sandbox();
    Files.move(store, away);
    PluginChain.Outcome outcome;
    try {
      outcome = node.runtime().add(ALONE, sandbox);
    } finally {
      Files.move(away, store);
    }
    assertThat(outcome.code()).as(outcome.toString()).isEqualTo(11);
    assertThat(outcome.result().path("msg").asText()).isNotBlank();
    assertThat(node.runtime().delete(ALONE, sandbox).ok()).isTrue();
    assertNothingOf(sandbox);

    assertThat(node.runtime().add(ALONE, sandbox).ok()).isTrue();
    assertThat(node.runtime().delete(ALONE, sandbox).ok()).isTrue();
  }
}
