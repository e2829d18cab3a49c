package dev.manul.cli;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Writes a completion script for fish, for which picocli has none. */
final class FishCompletion {
  private final StringBuilder text = new StringBuilder();
  private final String program;

  private FishCompletion(String program) {
    this.program = program;
  }

  /** The script for a program and all of its commands. */
  static String script(String program, CommandLine all) {
    FishCompletion fish = new FishCompletion(program);
    fish.text.append("# completion of ").append(program).append(" for fish\n");
    fish.command(all, List.of());
    return fish.text.toString();
  }

  /**
   * @param path the words that lead to the command
   */
  private void command(CommandLine command, List<String> path) {
    Map<String, CommandLine> subcommands = command.getSubcommands();
    String here = condition(path, List.copyOf(subcommands.keySet()));
    subcommands.forEach((name, sub) -> line(here, "-f -a " + name, header(sub)));
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (option.hidden()) {
        continue;
      }
      line(here, names(option), String.join(" ", option.description()));
    }
    for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
      Iterable<String> values = parameter.completionCandidates();
      if (values != null && values.iterator().hasNext()) {
        // Of a list, such as a kind and names, they are what the first of its words may be.
        String place =
            "test (__%s_words) -eq %d"
                .formatted(program, path.size() + 1 + parameter.index().min());
        line(
            here.isEmpty() ? place : here + "; and " + place,
            "-f -a '" + String.join(" ", values) + "'",
            "");
      }
    }
    for (Map.Entry<String, CommandLine> sub : subcommands.entrySet()) {
      command(sub.getValue(), Stream.concat(path.stream(), Stream.of(sub.getKey())).toList());
    }
  }

  /** Holds where all words of a path have been typed and none of those that may follow. */
  private static String condition(List<String> path, List<String> next) {
    StringBuilder condition = new StringBuilder();
    for (String word : path) {
      condition.append(condition.isEmpty() ? "" : "; and ");
      condition.append("__fish_seen_subcommand_from ").append(word);
    }
    if (!next.isEmpty()) {
      condition.append(condition.isEmpty() ? "" : "; and ");
      condition.append("not __fish_seen_subcommand_from ").append(String.join(" ", next));
    }
    return condition.toString();
  }

  private static String names(OptionSpec option) {
    StringBuilder names = new StringBuilder();
    for (String name : option.names()) {
      names.append(names.isEmpty() ? "" : " ");
      names.append(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
    }
    return names + (option.arity().max() > 0 ? " -r" : "");
  }

  private static String header(CommandLine command) {
    return String.join(" ", command.getCommandSpec().usageMessage().header());
  }

  private void line(String condition, String what, String description) {
    text.append("complete -c ").append(program);
    text.append(" -n ").append(quoted(condition)).append(' ').append(what);
    if (!description.isEmpty()) {
      text.append(" -d ").append(quoted(description));
    }
    text.append('\n');
  }

  private static String quoted(String words) {
    return "'" + words.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
