package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin of kubectl beside a program in manulctl's place that says how it was called. */
class KubectlPluginTest {
  private static final Path SCRIPTS = Path.of("src/main/sh");

  @TempDir Path directory;

  @BeforeEach
  void programs() throws IOException {
    for (String name : List.of("kubectl-manul", "kubectl_complete-manul")) {
      Files.copy(SCRIPTS.resolve(name), directory.resolve(name)); // with the right to run it
    }
    Path manulctl =
        Files.writeString(
            directory.resolve("manulctl"),
            "#!/bin/sh\necho \"$MANUL_PROGRAM|${DATASTORE_TYPE:-}|$*\"\n");
    assertThat(manulctl.toFile().setExecutable(true)).isTrue();
  }

  private String run(Map<String, String> variables, String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of(command));
    words.set(0, directory.resolve(command[0]).toString());
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("DATASTORE_TYPE", "MANUL_DATASTORE_PATH"));
    builder.environment().putAll(variables);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void itIsOnTheClusterThatKubectlMeans() throws Exception {
    assertThat(run(Map.of(), "kubectl-manul", "get", "ippools"))
        .isEqualTo("kubectl manul|kubernetes|get ippools\n");
    assertThat(run(Map.of("MANUL_DATASTORE_PATH", "/x"), "kubectl-manul", "get", "ippools"))
        .isEqualTo("kubectl manul||get ippools\n");
  }

  @Test
  void aLinkToItWorksToo() throws Exception {
    Path link = Files.createDirectory(directory.resolve("path")).resolve("kubectl-manul");
    Files.createSymbolicLink(link, directory.resolve("kubectl-manul"));
    assertThat(run(Map.of(), "path/kubectl-manul", "status"))
        .isEqualTo("kubectl manul|kubernetes|status\n");
  }

  @Test
  void kubectlsCompletionIsAnswered() throws Exception {
    assertThat(run(Map.of(), "kubectl_complete-manul", "get", "no"))
        .isEqualTo("kubectl manul|kubernetes|__complete get no\n:4\n");
  }

  @Test
  void helpIsForTheNameItIsCalledBy() {
    var out = new ByteArrayOutputStream();
    var print = new PrintStream(out, true, StandardCharsets.UTF_8);
    var variables = Map.of("MANUL_PROGRAM", "kubectl manul");
    Terminal terminal = new Terminal(null, print, print, variables, Ran.CLOCK);
    assertThat(Main.run(new String[] {"version", "--help"}, terminal)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("Usage: kubectl manul version ");
  }
}
