package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.model.ClusterInformation;
import dev.manul.model.GoDuration;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl version}: the versions of this program, of the cluster and of the agent here. */
@Command(
    name = "version",
    header = "Shows the versions of this program, of the cluster, and of the node's agent.",
    footer = {
      "",
      "Exits with 1 when the cluster's version cannot be read. With --poll it goes on until it is",
      "interrupted, and shows only what has changed: as json, one object a line.",
      "",
      "Examples:",
      "  manulctl version --client -o json",
      "  manulctl version --poll=30s"
    })
final class VersionCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final String UNKNOWN = "unknown";

  private final Root root;

  @Option(names = "--client", description = "This program's version only.")
  boolean clientOnly;

  @Mixin final PsOrJson output = new PsOrJson();

  @Option(
      names = "--poll",
      paramLabel = "DURATION",
      defaultValue = "0",
      description = "Looks again and again, such as every 30s or 10m; 0 (default) once.")
  String poll;

  VersionCommand(Root root) {
    this.root = root;
  }

  /**
   * What one look has found.
   *
   * @param problem why there is nothing of the cluster; "" where there is
   */
  private record Found(Optional<ClusterInformation.Spec> cluster, String problem, String agent) {
    Map<String, Object> tree() {
      return Json.object(
          "clientVersion",
          clientVersion(),
          "clusterVersion",
          cluster.map(ClusterInformation.Spec::calicoVersion).orElse(null),
          "clusterType",
          cluster.map(ClusterInformation.Spec::clusterType).orElse(null),
          "agentVersion",
          agent.isEmpty() ? null : agent);
    }

    /** The lines that say it. */
    List<String> lines() {
      List<String> lines = new ArrayList<>();
      cluster.ifPresent(
          spec -> {
            lines.add("Cluster Version:   " + known(spec.calicoVersion()));
            lines.add("Cluster Type:      " + known(spec.clusterType()));
          });
      if (!agent.isEmpty()) {
        lines.add("Agent Version:     " + agent);
      }
      return lines;
    }
  }

  @Override
  public Integer call() {
    Format format = output.format();
    Duration pause = pause();
    PrintStream out = root.terminal().out();
    if (format == Format.PS) {
      out.println("Client Version:    " + clientVersion());
    }
    if (clientOnly) {
      if (format == Format.JSON) {
        out.print(Json.text(Json.object("clientVersion", clientVersion())));
      }
      return ExitCode.OK;
    }
    Optional<Found> before = Optional.empty();
    Found now;
    do {
      now = look();
      tell(before, now, format, !pause.isZero());
      out.flush();
      before = Optional.of(now);
    } while (!pause.isZero() && Repeat.pause(pause.toMillis()));
    return now.problem().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private Duration pause() {
    try {
      Duration pause = GoDuration.parse(poll);
      if (pause.isNegative() || (!pause.isZero() && pause.toMillis() == 0)) {
        throw new IllegalArgumentException();
      }
      return pause;
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(
          "--poll: got " + poll + ", wanted is a duration such as 30s, of 1ms or more; or 0");
    }
  }

  private void tell(Optional<Found> before, Found now, Format format, boolean again) {
    Terminal terminal = root.terminal();
    if (!now.problem().isEmpty()
        && before.filter(b -> b.problem().equals(now.problem())).isEmpty()) {
      terminal.err().println("Unable to detect installed version: " + now.problem());
    }
    if (format == Format.PS) {
      List<String> known = before.map(Found::lines).orElse(List.of());
      now.lines().stream().filter(line -> !known.contains(line)).forEach(terminal.out()::println);
    } else if (!before.equals(Optional.of(now))) {
      terminal.out().print(again ? Json.compact(now.tree()) + "\n" : Json.text(now.tree()));
    }
  }

  private static String known(String text) {
    return text.isEmpty() ? UNKNOWN : text;
  }

  private Found look() {
    String agent = agentVersion();
    try (Datastore datastore = Stores.existing(root)) {
      return new Found(
          Optional.of(
              ClusterIdentity.of(datastore)
                  .map(ClusterInformation::spec)
                  .orElse(ClusterInformation.Spec.EMPTY)),
          "",
          agent);
    } catch (CommandFailure | DatastoreException e) {
      return new Found(Optional.empty(), Main.oneLine(e.getMessage()), agent);
    }
  }

  /** The version of the agent here; "" where only the cluster is asked from. */
  private String agentVersion() {
    try {
      return AgentReader.read(new AgentClient(root.agentSocket(), LIMIT)).version();
    } catch (CommandFailure away) {
      return "";
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
