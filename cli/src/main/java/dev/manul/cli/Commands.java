package dev.manul.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The commands, by name. */
final class Commands {
  private static final Set<String> TAKES_VALUE =
      Set.of(
          "--datastore",
          "--kubeconfig",
          "--context",
          "--config",
          "-c",
          "--run-dir",
          "--log-level",
          "-l");

  private static final List<String> NAMES =
      List.of(
          "get",
          "apply",
          "create",
          "replace",
          "delete",
          "patch",
          "label",
          "validate",
          "diff",
          "convert",
          "explain",
          "pool",
          "ipam",
          "status",
          "node",
          "cluster",
          "policy",
          "bgp",
          "trace",
          "connectivity",
          "top",
          "datastore",
          "version",
          "completion");

  /** What programs call. */
  private static final Set<String> HIDDEN = Set.of(CompleteCommand.NAME, RelayCommand.NAME);

  private Commands() {}

  /** A switch and not a map of makers, whose lambdas would all be linked at the start. */
  private static CommandLine command(String name, Root root) {
    return switch (name) {
      case "get" -> new CommandLine(new GetCommand(root));
      case "apply" -> new CommandLine(new ApplyCommand(root));
      case "create" -> new CommandLine(new CreateCommand(root));
      case "replace" -> new CommandLine(new ReplaceCommand(root));
      case "delete" -> new CommandLine(new DeleteCommand(root));
      case "patch" -> new CommandLine(new PatchCommand(root));
      case "label" -> new CommandLine(new LabelCommand(root));
      case "validate" -> new CommandLine(new ValidateCommand(root));
      case "diff" -> new CommandLine(new DiffCommand(root));
      case "convert" -> new CommandLine(new ConvertCommand(root));
      case "explain" -> new CommandLine(new ExplainCommand(root));
      case "pool" -> new CommandLine(new PoolCommand()).addSubcommand(new PoolModeCommand(root));
      case "datastore" ->
          new CommandLine(new DatastoreCommand())
              .addSubcommand(
                  new CommandLine(new MigrateCommand())
                      .addSubcommand(new MigrateLockCommand(root))
                      .addSubcommand(new MigrateUnlockCommand(root))
                      .addSubcommand(new MigrateExportCommand(root))
                      .addSubcommand(new MigrateImportCommand(root)));
      case "ipam" ->
          new CommandLine(new IpamCommand())
              .addSubcommand(new IpamShowCommand(root))
              .addSubcommand(new IpamCheckCommand(root))
              .addSubcommand(new IpamReleaseCommand(root))
              .addSubcommand(new IpamSplitCommand(root))
              .addSubcommand(new IpamConfigureCommand(root));
      case "status" -> new CommandLine(new StatusCommand(root));
      case "node" ->
          new CommandLine(new NodeCommand())
              .addSubcommand(new NodeStatusCommand(root))
              .addSubcommand(new NodeDiagsCommand(root))
              .addSubcommand(new NodeCheckSystemCommand(root));
      case "cluster" ->
          new CommandLine(new ClusterCommand()).addSubcommand(new ClusterDiagsCommand(root));
      case "policy" ->
          new CommandLine(new PolicyCommand()).addSubcommand(new PolicyExplainCommand(root));
      case "bgp" -> bgp(root);
      case "trace" -> new CommandLine(new TraceCommand(root));
      case "connectivity" ->
          new CommandLine(new ConnectivityCommand())
              .addSubcommand(new ConnectivityTestCommand(root));
      case "top" -> new CommandLine(new TopCommand(root));
      case "version" -> new CommandLine(new VersionCommand(root));
      case "completion" -> new CommandLine(new CompletionCommand(root));
      case CompleteCommand.NAME -> new CommandLine(new CompleteCommand(root));
      case RelayCommand.NAME -> new CommandLine(new RelayCommand(root));
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static CommandLine bgp(Root root) {
    return new CommandLine(new BgpCommand())
        .addSubcommand(new BgpPeersCommand(root))
        .addSubcommand(new BgpNeighborCommand(root))
        .addSubcommand(new BgpRoutesCommand(root))
        .addSubcommand(
            new CommandLine(new BgpRibCommand())
                .addSubcommand(new BgpRibInCommand(root))
                .addSubcommand(new BgpRibOutCommand(root)))
        .addSubcommand(new BgpWhyCommand(root))
        .addSubcommand(new BgpMrtDumpCommand(root));
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
      line.addSubcommand(name, command(name, root));
    }
    if (names.equals(List.of(CompleteCommand.NAME))) {
      // What is to be completed may be an option of any command, and its end may be missing.
      CommandLine complete = line.getSubcommands().get(CompleteCommand.NAME);
      complete.setUnmatchedOptionsArePositionalParams(true);
    }
    return line;
  }

  /** The command line with all commands. */
  static CommandLine complete(Terminal terminal) {
    return commandLine(terminal, new String[0]);
  }

  /** Ends every help with what the exit codes mean, where a command does not say it itself. */
  static void explainExitCodes(CommandLine line) {
    UsageMessageSpec usage = line.getCommandSpec().usageMessage();
    List<String> footer = new ArrayList<>(List.of(usage.footer()));
    if (footer.stream().noneMatch(text -> text.startsWith("Exit codes: "))) {
      footer.add("");
      footer.add(ExitCode.SUMMARY);
      usage.footer(footer.toArray(new String[0]));
    }
    line.getSubcommands().values().forEach(Commands::explainExitCodes);
  }

  private static List<String> called(String[] args) {
    for (int i = 0; i < args.length; i++) {
      if (TAKES_VALUE.contains(args[i])) {
        i++;
      } else if (!args[i].startsWith("-")) {
        boolean known = NAMES.contains(args[i]) || HIDDEN.contains(args[i]);
        return known ? List.of(args[i]) : NAMES;
      }
    }
    return NAMES;
  }
}
