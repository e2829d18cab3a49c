package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagsTest {
  @TempDir Path directory;

  private static String tar(String... args) throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of("tar"));
    command.addAll(List.of(args));
    Process tar = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tar.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void aNodesArchiveHasWhatTheKernelTheAgentAndTheLogSay() throws Exception {
    Path logs = Files.createDirectories(directory.resolve("logs"));
    Files.writeString(logs.resolve("agent.log"), "started\ntoken: abcdef\n");
    Files.writeString(logs.resolve("node.kubeconfig"), "users: []\n");
    Path file = directory.resolve("diags.tar.gz");
    Ran ran;
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok("{\"version\": \"v9\"}"), true)) {
      ran = Ran.of(directory, "node", "diags", "--log-dir=" + logs, "-o", file.toString());
    }
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).isEqualTo("Diags saved to " + file + "\n");
    assertThat(ran.err())
        .startsWith("Collecting diagnostics\n")
        .contains("skipped: " + logs.resolve("node.kubeconfig") + ": it may hold keys");
    String top = "diags-20260301_120000/";
    assertThat(tar("-tzf", file.toString()).lines())
        .contains(
            top + "hostname",
            top + "date",
            top + "ipv4_route",
            top + "settings",
            top + "agent/status.json",
            top + "agent/bgp_neighbors.json",
            top + "logs/agent.log")
        .noneMatch(name -> name.contains("kubeconfig"));
    assertThat(tar("-xzOf", file.toString(), top + "logs/agent.log"))
        .isEqualTo("started\ntoken: <hidden>\n");
    assertThat(tar("-xzOf", file.toString(), top + "agent/status.json")).contains("v9");
  }

  @Test
  void standardOutputIsAPlaceForAnArchive() throws Exception {
    Process diags =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--run-dir=" + directory,
                "node",
                "diags",
                "--log-dir=" + directory.resolve("none"),
                "-o",
                "-")
            .redirectError(directory.resolve("err").toFile())
            .start();
    Path file = directory.resolve("out.tar.gz");
    Files.write(file, diags.getInputStream().readAllBytes());
    assertThat(diags.waitFor()).as(Files.readString(directory.resolve("err"))).isZero();
    assertThat(tar("-tzf", file.toString())).contains("/hostname\n", "/settings\n");
  }

  @Test
  void namesAndSizesOfAllKindsComeOutAsTheyWentIn() throws Exception {
    Path file = directory.resolve("a.tar.gz");
    String deep = "d".repeat(70) + "/" + "e".repeat(60);
    try (Archive archive = new Archive(Files.newOutputStream(file), "top", Ran.CLOCK.instant())) {
      archive.add("empty", "");
      archive.add("block", "x".repeat(512));
      archive.add(deep, "y".repeat(513));
    }
    assertThat(tar("-tzf", file.toString())).isEqualTo("top/empty\ntop/block\ntop/" + deep + "\n");
    assertThat(tar("-xzOf", file.toString(), "top/" + deep)).isEqualTo("y".repeat(513));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "token: abc | token: <hidden>",
        "  \"k8sAPIToken\": \"abc\", | \"k8sAPIToken\": <hidden>,",
        "--password=abc --other=d | --password=<hidden> --other=d",
        "Authorization: Bearer abc.def | Authorization: <hidden>",
        "client-key-data: QUJD | client-key-data: <hidden>",
        "asNumber: 64512 | asNumber: 64512",
        "secretKeyRef: {name: a, key: b} | secretKeyRef: {name: a, key: b}",
      })
  void secretsAreHidden(String line, String shown) {
    assertThat(Secrets.hidden(line).strip()).isEqualTo(shown);
  }

  @Test
  void aPrivateKeyIsHiddenWhole() {
    assertThat(
            Secrets.hidden(
                "a\n-----BEGIN RSA PRIVATE KEY-----\nAAA\n-----END RSA PRIVATE KEY-----\nb"))
        .isEqualTo("a\n<hidden>\nb");
  }

  @Test
  void anArchiveThatCannotBeWrittenIsAFailure() throws IOException {
    Ran ran = Ran.of(directory, "node", "diags", "-o", directory.resolve("no/x.tar.gz").toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.errLines().getLast()).contains("the archive cannot be written");
  }
}
