package dev.manul.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes a page of the manual for each command, section 1, of what its help is made of; the build
 * runs it. The macros are those of groff_man(7).
 */
public final class ManPages {
  private final StringBuilder text = new StringBuilder();

  private ManPages() {}

  /**
   * Writes the pages.
   *
   * @param args the directory
   */
  public static void main(String[] args) throws IOException {
    Terminal terminal =
        new Terminal(System.in, System.out, System.err, Map.of(), Clock.systemUTC());
    CommandLine all = Commands.complete(terminal);
    Commands.explainExitCodes(all);
    Path directory = Files.createDirectories(Path.of(args[0]));
    for (CommandLine command : tree(all)) {
      CommandSpec spec = command.getCommandSpec();
      Files.writeString(directory.resolve(name(spec) + ".1"), page(command));
    }
  }

  /** A command and all below it. */
  static List<CommandLine> tree(CommandLine command) {
    List<CommandLine> all = new ArrayList<>(List.of(command));
    command.getSubcommands().values().forEach(sub -> all.addAll(tree(sub)));
    return all;
  }

  private static String name(CommandSpec spec) {
    return spec.qualifiedName("-");
  }

  /** The page of one command. */
  static String page(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    ManPages page = new ManPages();
    String version = VersionCommand.clientVersion();
    page.macro("TH", name(spec).toUpperCase(Locale.ROOT), "1", "", "Manul " + version, "Manul");
    page.macro("SH", "NAME");
    page.line(name(spec) + " - " + String.join(" ", spec.usageMessage().header()));
    page.macro("SH", "SYNOPSIS");
    page.line(command.getHelp().synopsis(0).strip());
    if (!command.getSubcommands().isEmpty()) {
      page.macro("SH", "COMMANDS");
      command
          .getSubcommands()
          .values()
          .forEach(
              sub ->
                  page.item(
                      sub.getCommandName(),
                      String.join(" ", sub.getCommandSpec().usageMessage().header())));
    }
    page.macro("SH", "OPTIONS");
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      page.item(parameter.paramLabel(), String.join(" ", parameter.description()));
    }
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        String value = option.arity().max() > 0 ? "=" + option.paramLabel() : "";
        page.item(
            String.join(", ", option.names()) + value, String.join(" ", option.description()));
      }
    }
    page.footer(spec.usageMessage().footer());
    if (spec.parent() != null) {
      page.macro("SH", "SEE ALSO");
      page.line(name(spec.parent()) + "(1)");
    }
    return page.text.toString();
  }

  /** What stands below a help: text, examples and exit codes. */
  private void footer(String[] lines) {
    String section = "";
    for (String line : lines) {
      String wanted =
          line.equals("Examples:")
              ? "EXAMPLES"
              : line.startsWith("Exit codes: ")
                  ? "EXIT STATUS"
                  : section.isEmpty() ? "DESCRIPTION" : section;
      if (line.isBlank()) {
        continue;
      }
      if (!wanted.equals(section)) {
        macro("SH", wanted);
        section = wanted;
      }
      if (line.startsWith("  ")) {
        text.append(".nf\n");
        line(line.strip());
        text.append(".fi\n");
      } else if (!line.equals("Examples:")) {
        line(line);
      }
    }
  }

  private void item(String head, String what) {
    text.append(".TP\n.B ");
    line(head);
    line(what);
  }

  private void macro(String name, String... words) {
    text.append('.').append(name);
    for (String word : words) {
      text.append(" \"").append(escaped(word)).append('"');
    }
    text.append('\n');
  }

  private void line(String line) {
    String escaped = escaped(line);
    boolean control = escaped.startsWith(".") || escaped.startsWith("'");
    text.append(control ? "\\&" : "").append(escaped).append('\n');
  }

  private static String escaped(String line) {
    return line.replace("\\", "\\e").replace("-", "\\-").replace("\u2026", "...");
  }
}
