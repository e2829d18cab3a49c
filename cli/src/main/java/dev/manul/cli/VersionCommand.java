package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.model.ClusterInformation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manulctl version}: the versions of this program, of the cluster and of the agent here. */
@Command(
    name = "version",
    header = "Shows the versions of this program, of the cluster, and of the node's agent.",
    footer = {
      "",
      "Exits with 1 when the cluster's version cannot be read.",
      "",
      "Examples:",
      "  manulctl version",
      "  manulctl version --client -o json"
    })
final class VersionCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final String UNKNOWN = "unknown";

  private final Root root;

  @Option(names = "--client", description = "This program's version only.")
  boolean clientOnly;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default) or json.")
  String output;

  VersionCommand(Root root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.JSON);
    Terminal terminal = root.terminal();
    if (clientOnly) {
      if (format == Format.JSON) {
        terminal.out().print(Json.text(Json.object("clientVersion", clientVersion())));
      } else {
        terminal.out().println("Client Version:    " + clientVersion());
      }
      return ExitCode.OK;
    }
    Optional<ClusterInformation.Spec> cluster = cluster();
    Optional<String> agent = agentVersion();
    if (format == Format.JSON) {
      terminal
          .out()
          .print(
              Json.text(
                  Json.object(
                      "clientVersion",
                      clientVersion(),
                      "clusterVersion",
                      cluster.map(ClusterInformation.Spec::calicoVersion).orElse(null),
                      "clusterType",
                      cluster.map(ClusterInformation.Spec::clusterType).orElse(null),
                      "agentVersion",
                      agent.orElse(null))));
    } else {
      terminal.out().println("Client Version:    " + clientVersion());
      cluster.ifPresent(
          spec -> {
            terminal.out().println("Cluster Version:   " + known(spec.calicoVersion()));
            terminal.out().println("Cluster Type:      " + known(spec.clusterType()));
          });
      agent.ifPresent(version -> terminal.out().println("Agent Version:     " + version));
    }
    return cluster.isPresent() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String known(String text) {
    return text.isEmpty() ? UNKNOWN : text;
  }

  /** What agents say of the cluster; empty, and the reason told, when there is nothing to read. */
  private Optional<ClusterInformation.Spec> cluster() {
    try (Datastore datastore = Stores.existing(root)) {
      return Optional.of(
          ClusterIdentity.of(datastore)
              .map(ClusterInformation::spec)
              .orElse(ClusterInformation.Spec.EMPTY));
    } catch (CommandFailure | DatastoreException e) {
      root.terminal()
          .err()
          .println("Unable to detect installed version: " + Main.oneLine(e.getMessage()));
      return Optional.empty();
    }
  }

  /** The version of the agent here; there is none where only the cluster is asked from. */
  private Optional<String> agentVersion() {
    try {
      return Optional.of(AgentReader.read(new AgentClient(root.agentSocket(), LIMIT)).version());
    } catch (CommandFailure away) {
      return Optional.empty();
    }
  }

  static String clientVersion() {
    try (InputStream in = VersionCommand.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return "v" + properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
