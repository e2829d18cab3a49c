package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a shell is told when the tabulator is pressed. */
class CompletionTest {
  @TempDir Path directory;

  @BeforeEach
  void store() {
    Ran.apply(directory, Samples.POOL + "---\n" + Samples.NODES + "---\n" + Samples.ENDPOINTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "get nodes _ | node-1 node-2",
        "get nodes node-1 _ | node-1 node-2",
        "delete node node-2_ | node-2",
        "patch ippool d_ | default-ipv4-ippool",
        "label no _ | node-1 node-2",
        "pool mode _ | default-ipv4-ippool",
        "get wep _ | node--2-k8s-web-eth0",
        "get wep -n kube-system _ | node--1-k8s-coredns-eth0",
        "get -o wide nodes _ | node-1 node-2",
        "get frobs _ | ''",
        "ipam s_ | show split",
        "ver_ | version",
      })
  void completes(String typed, String candidates) {
    String[] words = ("__complete " + typed).replace("_ ", " ").strip().split(" ", -1);
    words[0] = "__complete";
    words[words.length - 1] = words[words.length - 1].replace("_", "");
    Ran ran = Ran.of(directory, words);
    assertThat(ran.err()).isEmpty();
    assertThat(String.join(" ", ran.out().lines().toList())).isEqualTo(candidates);
  }

  @Test
  void aDatastoreThatIsAwayIsNoComplaint() {
    assertThat(Ran.of(directory.resolve("none"), "__complete", "get", "nodes", ""))
        .isEqualTo(new Ran(0, "", ""));
  }

  /** The script with a program in manulctl's place that says what it was asked. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "get nodes no | no-such asked:__complete,get,nodes,no",
        "ipam sho | show",
        "get ippoo | ippools",
      })
  void bashAsksForNamesAndKnowsTheRest(String typed, String expected) throws Exception {
    Path script = directory.resolve("completion.bash");
    Files.writeString(script, Ran.of(directory, "completion", "bash").out());
    String driver =
        """
        manulctl() { local IFS=,; echo "no-such"; echo "$*" > %1$s/asked; }
        compopt() { :; } # which bash has only while it completes
        . %1$s/completion.bash
        COMP_WORDS=(manulctl %2$s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        COMP_LINE="manulctl %2$s"; COMP_POINT=${#COMP_LINE}
        _manulctl_all
        echo -n "${COMPREPLY[*]}"; [ ! -e %1$s/asked ] || echo " asked:$(cat %1$s/asked)"
        """
            .formatted(directory, typed);
    Process bash = new ProcessBuilder("bash", "-c", driver).redirectErrorStream(true).start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).isZero();
    assertThat(said.strip()).isEqualTo(expected);
  }
}
