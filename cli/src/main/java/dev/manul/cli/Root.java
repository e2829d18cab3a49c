package dev.manul.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The options that every command has, and the answer when there is no command. */
@Command(
    name = "manulctl",
    header = "Reads and changes Manul's resources, and asks the node's agent how it is.",
    footer = {
      "",
      "Examples:",
      "  manulctl get ippools -o wide",
      "  manulctl patch ippool default-ipv4-ippool -p '{\"spec\":{\"ipipMode\":\"CrossSubnet\"}}'"
    })
final class Root implements Runnable {
  private static final String DEFAULT_RUN_DIR = "/var/run/manul";

  private final Terminal terminal;
  private final List<AutoCloseable> closedLast = new ArrayList<>();
  private Map<String, String> connection;

  @Spec CommandSpec spec;

  @Option(
      names = "--datastore",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description =
          "The datastore's directory ($MANUL_DATASTORE_PATH, "
              + StoreChoice.DEFAULT_DIRECTORY
              + ").")
  String datastore;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The cluster whose API is the datastore ($KUBECONFIG, ~/.kube/config).")
  String kubeconfig;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "Of the kubeconfig's contexts ($K8S_CURRENT_CONTEXT, its current one).")
  String context;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "A file of kind CalicoAPIConfig that says where the datastore is.")
  String config;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "Where the agent's socket is ($MANUL_RUN_DIR, " + DEFAULT_RUN_DIR + ").")
  String runDir;

  @Option(
      names = {"-l", "--log-level"},
      paramLabel = "LEVEL",
      hidden = true,
      scope = ScopeType.INHERIT,
      description = "Taken for calicoctl's sake: there is no log.")
  String logLevel;

  @Option(
      names = "--allow-version-mismatch",
      hidden = true,
      scope = ScopeType.INHERIT,
      description = "Taken for calicoctl's sake: versions are not compared.")
  boolean allowVersionMismatch;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Shows this help.")
  boolean help;

  Root(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }

  /** Has something closed when the command has ended. */
  <C extends AutoCloseable> C closing(C resource) {
    closedLast.add(resource);
    return resource;
  }

  /** Ends what was begun for the command. */
  void close() {
    for (AutoCloseable resource : closedLast.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        terminal.err().println(Main.oneLine(String.valueOf(e.getMessage())));
      }
    }
  }

  Terminal terminal() {
    return terminal;
  }

  /** The variables that say where the datastore is: the environment's, or a file's. */
  Map<String, String> connection() {
    if (connection == null) {
      connection = Connection.of(config, terminal.env());
    }
    return connection;
  }

  Path agentSocket() {
    return Path.of(terminal.setting(runDir, "MANUL_RUN_DIR", DEFAULT_RUN_DIR))
        .resolve("agent.sock");
  }
}
