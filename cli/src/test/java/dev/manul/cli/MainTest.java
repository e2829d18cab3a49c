package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "get",
        "apply",
        "create",
        "replace",
        "delete",
        "patch",
        "label",
        "validate",
        "diff",
        "explain",
        "pool mode",
        "pool",
        "datastore migrate lock",
        "datastore migrate unlock",
        "datastore migrate export",
        "datastore migrate import",
        "datastore migrate",
        "datastore",
        "ipam configure",
        "ipam show",
        "ipam check",
        "ipam release",
        "ipam split",
        "ipam",
        "status",
        "node status",
        "node checksystem",
        "node diags",
        "node",
        "cluster diags",
        "cluster",
        "policy explain",
        "policy",
        "bgp peers",
        "bgp neighbor",
        "bgp routes",
        "bgp rib in",
        "bgp rib out",
        "bgp rib",
        "bgp why",
        "bgp mrt-dump",
        "bgp",
        "trace",
        "connectivity test",
        "connectivity",
        "top",
        "version",
        "completion",
        ""
      })
  void everyCommandHasHelpWithTwoExamples(String command) {
    String[] args = (command + " --help").strip().split(" ", -1);
    Ran ran = Ran.of(directory, args);
    assertThat(ran.code()).isZero();
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out().lines()).allMatch(line -> line.length() <= 100);
    assertThat(ran.out().lines().filter(line -> line.startsWith("Exit codes: "))).hasSize(1);
    String examples = ran.out().substring(ran.out().indexOf("Examples:"));
    assertThat(examples.lines().filter(line -> line.startsWith("  ") && line.contains("manulctl ")))
        .hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "frobnicate",
        "get",
        "get ippools --frob",
        "get ippools -n a -A",
        "get ippools -o xml",
        "get frobs",
        "get ippools -f x.yaml",
        "ipam",
        "node",
        "policy explain",
        "policy",
        "bgp",
        "bgp rib",
        "bgp rib in",
        "bgp neighbor",
        "bgp why",
        "bgp routes --longer",
        "trace",
        "trace a",
        "trace a b --protocol UDP",
        "connectivity",
        "connectivity test --create -1",
        "top --interval 0",
        "status --interval x",
        "ipam show --ip nonsense",
        "ipam release",
        "patch ippool x",
        "label node x y",
        "apply",
        "delete ippool",
        "completion tcsh"
      })
  void wrongUsageIsExitCode2(String line) throws IOException {
    Files.createDirectories(directory.resolve("store"));
    Ran ran = Ran.of(directory, line.isEmpty() ? new String[0] : line.split(" ", -1));
    assertThat(ran.code()).as(ran.toString()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.errLines()).hasSizeBetween(1, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"get ippools", "ipam show", "ipam check", "delete ippool x"})
  void aDatastoreThatIsNotThereIsExitCode3(String line) {
    Ran ran = Ran.of(directory, line.split(" ", -1));
    assertThat(ran.code()).isEqualTo(3);
    assertThat(ran.errLines())
        .containsExactly(
            "the datastore directory "
                + directory.resolve("store")
                + " does not exist; name another with --datastore or MANUL_DATASTORE_PATH, or a"
                + " cluster with --kubeconfig or KUBECONFIG");
    assertThat(directory.resolve("store")).doesNotExist();
  }

  @Test
  void optionsOfTheRootGoBeforeAndAfterTheCommand() {
    for (List<String> args :
        List.of(
            List.of("--datastore", "/nonexistent/x", "get", "ippools"),
            List.of("get", "ippools", "--datastore=/nonexistent/x"))) {
      assertThat(Ran.of(directory, args.toArray(new String[0])).err())
          .contains("/nonexistent/x does not exist");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void completionIsAScriptThatShellsRead(String shell) throws Exception {
    Ran ran = Ran.of(directory, "completion", shell);
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("manulctl", "--show-blocks", "patch");
    Path script = Files.writeString(directory.resolve("completion"), ran.out());
    Process bash =
        new ProcessBuilder("bash", "-n", script.toString()).redirectErrorStream(true).start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(said).isZero();
  }

  @Test
  void completionKnowsKinds() {
    assertThat(Ran.of(directory, "completion", "bash").out()).contains("bgpconfigurations");
    assertThat(Ran.of(directory, "completion", "fish").out().lines())
        .contains(
            "complete -c manulctl -n '__fish_seen_subcommand_from ipam; and"
                + " not __fish_seen_subcommand_from show check release split configure' -f -a show -d"
                + " 'Shows how full the pools and their blocks are, or whom an address belongs to.'",
            "complete -c manulctl -n '__fish_seen_subcommand_from ipam; and"
                + " __fish_seen_subcommand_from show' -l show-blocks -d"
                + " 'Shows the blocks of each pool as well.'")
        .anyMatch(
            line ->
                line.startsWith(
                        "complete -c manulctl -n '__fish_seen_subcommand_from get; and test"
                            + " (__manulctl_words) -eq 2' -f -a")
                    && line.contains(" ippools "))
        .filteredOn(line -> !line.matches("function .*|  .*|end"))
        .allMatch(
            line ->
                line.matches(
                    "# .*|complete -c manulctl -n '[^']*' -[^']*('([^'\\\\]|\\\\.)*'[^']*)*"));
  }

  @Test
  void knowsOnlyTheCommandThatIsCalled() {
    Terminal terminal = new Terminal(null, System.out, System.err, Map.of(), Ran.CLOCK);
    assertThat(
            Commands.commandLine(terminal, new String[] {"--datastore", "get", "patch"})
                .getSubcommands())
        .containsOnlyKeys("patch");
    assertThat(Commands.complete(terminal).getSubcommands()).hasSize(24);
  }
}
