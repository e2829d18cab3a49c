package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The scripts in zsh and fish themselves. In place of manulctl there is a function that knows one
 * name, and tells how it was called.
 */
class ShellCompletionIT {
  @TempDir Path directory;

  private Path script(String shell) throws IOException {
    return Files.writeString(
        directory.resolve("completion." + shell), Ran.outputOf(directory, "completion", shell));
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** What a person types, with the tabulator at its end, and what is run when it is sent off. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ipam sho | ipam show",
        "get ippoo | get ippools",
        "get nodes no | get nodes no-such",
        "datastore migrate unl | datastore migrate unlock",
        "get nodes --all-n | get nodes --all-namespaces",
        "completion f | completion fish",
      })
  void zshCompletesWhatIsTyped(String typed, String run) throws Exception {
    Path driver = directory.resolve("driver.zsh");
    Files.writeString(
        driver,
        """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell 'PS1= PS2= TERM=dumb; unsetopt zle_bracketed_paste 2>/dev/null'
        zpty -w shell 'autoload -Uz compinit; compinit -u -D; source %1$s'
        zpty -w shell 'manulctl() { if [[ $1 == __complete ]]; then print no-such; else print -r "<ran> $* <end>"; fi }'
        zpty -w shell 'print "<be""gin>"'
        zpty -r shell seen '*<begin>*'
        zpty -w -n shell $'manulctl %2$s\\t\\n'
        zpty -r shell seen '*<ran> *<end>*'
        print -r -- ${${seen##*<ran> }%%%% <end>*}
        zpty -d shell
        """
            .formatted(script("zsh"), typed));
    assertThat(run("zsh", "-f", driver.toString()).strip()).isEqualTo(run);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ipam sho | show",
        "get ippoo | ippools",
        "get nodes no | no-such",
        "get -o wide ippoo | ippools",
        "datastore migrate unl | unlock",
        "get nodes --all-n | --all-namespaces",
        "completion f | fish",
      })
  void fishKnowsWhatCanFollow(String typed, String candidates) throws Exception {
    String said =
        run(
            "fish",
            "--no-config",
            "--command",
            "function manulctl; echo no-such; end; source %s; complete --do-complete 'manulctl %s'"
                .formatted(script("fish"), typed));
    assertThat(said.lines().map(line -> line.replaceFirst("\t.*", ""))).containsExactly(candidates);
  }

  @Test
  void fishTakesEveryLineOfItsScript() throws Exception {
    assertThat(run("fish", "--no-config", script("fish").toString())).isEmpty();
  }
}
