package dev.manul.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manulctl version}: the versions of this program and of the node's agent. */
@Command(
    name = "version",
    header = "Shows the versions of this program and, where one answers, of the node's agent.",
    footer = {"", "Examples:", "  manulctl version", "  manulctl version --client -o json"})
final class VersionCommand implements Runnable {
  private static final Duration LIMIT = Duration.ofSeconds(2);

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
  public void run() {
    Format format = Format.parse(output, Format.PS, Format.JSON);
    Terminal terminal = root.terminal();
    Optional<String> agent = clientOnly ? Optional.empty() : agentVersion();
    if (format == Format.JSON) {
      terminal
          .out()
          .print(
              Json.text(
                  Json.object(
                      "clientVersion", clientVersion(), "agentVersion", agent.orElse(null))));
      return;
    }
    terminal.out().println("Client Version:    " + clientVersion());
    agent.ifPresent(version -> terminal.out().println("Agent Version:     " + version));
  }

  private Optional<String> agentVersion() {
    try {
      return Optional.of(AgentReader.read(new AgentClient(root.agentSocket(), LIMIT)).version());
    } catch (CommandFailure away) {
      away.lines().forEach(root.terminal().err()::println);
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
