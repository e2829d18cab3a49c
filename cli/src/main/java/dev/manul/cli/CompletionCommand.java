package dev.manul.cli;

import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code manulctl completion}: a script that teaches a shell the commands and options. */
@Command(
    name = "completion",
    header = "Prints a script with which the shell completes commands, options, kinds and names.",
    footer = {
      "",
      "Examples:",
      "  source <(manulctl completion bash)",
      "  manulctl completion fish > ~/.config/fish/completions/manulctl.fish"
    })
final class CompletionCommand implements Runnable {
  private final Root root;

  /** The shells there is a script for. One serves bash and zsh: it asks zsh to act as bash does. */
  enum Shell {
    BASH,
    ZSH,
    FISH;

    /** As it is typed, which is how it is completed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  Shell shell;

  CompletionCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    CommandLine all = Commands.complete(root.terminal());
    all.setCaseInsensitiveEnumValuesAllowed(true);
    root.terminal()
        .out()
        .print(
            shell == Shell.FISH
                ? ShellCompletion.fish("manulctl", all)
                : ShellCompletion.bash("manulctl", all));
  }
}
