package dev.manul.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code manulctl completion}: a script that teaches a shell the commands and options. */
@Command(
    name = "completion",
    header = "Prints a script with which the shell completes commands and options.",
    footer = {
      "",
      "Examples:",
      "  source <(manulctl completion bash)",
      "  manulctl completion zsh > ~/.manulctl-completion && source ~/.manulctl-completion"
    })
final class CompletionCommand implements Runnable {
  private final Root root;

  /** The shells there is a script for. One script serves both: it asks zsh to act as bash does. */
  enum Shell {
    BASH,
    ZSH
  }

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  Shell shell;

  CompletionCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    CommandLine all = Commands.complete(root.terminal());
    all.setCaseInsensitiveEnumValuesAllowed(true);
    root.terminal().out().print(AutoComplete.bash("manulctl", all));
  }
}
