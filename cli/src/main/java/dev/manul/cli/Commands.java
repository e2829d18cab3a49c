package dev.manul.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;

/** The commands, by name. */
final class Commands {
  private static final Set<String> TAKES_VALUE = Set.of("--datastore", "--run-dir");

  private static final Map<String, Function<Root, CommandLine>> ALL = all();

  private Commands() {}

  private static Map<String, Function<Root, CommandLine>> all() {
    Map<String, Function<Root, CommandLine>> all = new LinkedHashMap<>();
    all.put("get", root -> new CommandLine(new GetCommand(root)));
    all.put("apply", root -> new CommandLine(new ApplyCommand(root)));
    all.put("create", root -> new CommandLine(new CreateCommand(root)));
    all.put("replace", root -> new CommandLine(new ReplaceCommand(root)));
    all.put("delete", root -> new CommandLine(new DeleteCommand(root)));
    all.put("patch", root -> new CommandLine(new PatchCommand(root)));
    all.put("label", root -> new CommandLine(new LabelCommand(root)));
    all.put("validate", root -> new CommandLine(new ValidateCommand(root)));
    all.put(
        "ipam",
        root ->
            new CommandLine(new IpamCommand())
                .addSubcommand(new IpamShowCommand(root))
                .addSubcommand(new IpamCheckCommand(root))
                .addSubcommand(new IpamReleaseCommand(root)));
    all.put(
        "node",
        root -> new CommandLine(new NodeCommand()).addSubcommand(new NodeStatusCommand(root)));
    all.put("version", root -> new CommandLine(new VersionCommand(root)));
    all.put("completion", root -> new CommandLine(new CompletionCommand(root)));
    return all;
  }

  /**
   * The command line for these arguments. Where they name a command, it knows that command only:
   * looking into the classes of all of them takes longer than what most commands do.
   */
  static CommandLine commandLine(Terminal terminal, String[] args) {
    Root root = new Root(terminal);
    CommandLine line = new CommandLine(root);
    List<String> names = called(args);
    for (String name : names) {
      line.addSubcommand(name, ALL.get(name).apply(root));
    }
    return line;
  }

  /** The command line with all commands. */
  static CommandLine complete(Terminal terminal) {
    return commandLine(terminal, new String[0]);
  }

  private static List<String> called(String[] args) {
    for (int i = 0; i < args.length; i++) {
      if (TAKES_VALUE.contains(args[i])) {
        i++;
      } else if (!args[i].startsWith("-")) {
        return ALL.containsKey(args[i]) ? List.of(args[i]) : List.copyOf(ALL.keySet());
      }
    }
    return List.copyOf(ALL.keySet());
  }
}
