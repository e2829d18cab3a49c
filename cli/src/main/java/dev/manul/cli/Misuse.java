package dev.manul.cli;

import dev.manul.model.Spelling;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said of a command line that cannot be read. */
final class Misuse {
  private Misuse() {}

  static String message(ParameterException wrong) {
    if (!(wrong instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()) {
      return wrong.getMessage();
    }
    String word = unmatched.getUnmatched().getFirst();
    CommandSpec spec = wrong.getCommandLine().getCommandSpec();
    if (word.startsWith("-")) {
      String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
      return "option '" + name + "' is not known" + hint(name, options(spec));
    }
    List<String> commands = List.copyOf(spec.subcommands().keySet());
    if (!commands.isEmpty()) {
      return "command '"
          + word
          + "' is not known; "
          + near(word, commands)
              .orElseGet(() -> "it must be one of " + String.join(", ", commands));
    }
    return "argument '" + word + "' is one too many";
  }

  private static List<String> options(CommandSpec spec) {
    return spec.options().stream().map(option -> option.longestName()).toList();
  }

  private static String hint(String word, List<String> candidates) {
    return near(word, candidates).map(text -> "; " + text).orElse("");
  }

  private static Optional<String> near(String word, List<String> candidates) {
    return Spelling.nearest(word, candidates).map(found -> "did you mean " + found + "?");
  }
}
