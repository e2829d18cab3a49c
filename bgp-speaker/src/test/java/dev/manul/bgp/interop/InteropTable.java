package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The table in docs/bgp-interop.md. Rows are features, columns are peers; a cell is {@code yes}, or
 * {@code no} with the number of a note that says what the peer lacks.
 */
final class InteropTable {
  private static final Path FILE =
      Path.of(Optional.ofNullable(System.getenv("MANUL_ROOT")).orElse(".."))
          .resolve("docs/bgp-interop.md");
  private static final String BEGIN = "<!-- table -->\n";
  private static final String END = "<!-- end of table -->\n";

  /**
   * What one peer has shown.
   *
   * @param recorded messages of it, as {@link Recording} keeps them
   */
  record Column(
      String title, String version, Map<Feature, Outcome> outcomes, List<String> recorded) {}

  private final List<Column> columns;

  InteropTable(List<Column> columns) {
    this.columns = columns;
  }

  private String render() {
    Map<String, Integer> notes = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder("| |");
    columns.forEach(c -> text.append(" ").append(c.title()).append(" |"));
    text.append("\n|---|").append("---|".repeat(columns.size())).append("\n| Version |");
    columns.forEach(c -> text.append(" ").append(c.version()).append(" |"));
    text.append('\n');
    for (Feature feature : Feature.values()) {
      text.append("| ").append(feature.title()).append(" |");
      for (Column column : columns) {
        text.append(" ").append(cell(column.outcomes().get(feature), notes)).append(" |");
      }
      text.append('\n');
    }
    text.append('\n');
    notes.forEach((why, number) -> text.append(number).append(". ").append(why).append('\n'));
    return text.toString();
  }

  private static String cell(Outcome outcome, Map<String, Integer> notes) {
    return switch (outcome) {
      case Outcome.Works() -> "yes";
      case Outcome.Lacks(String why) ->
          "no, note " + notes.computeIfAbsent(why, w -> notes.size() + 1);
      case Outcome.Fails f -> "FAILS";
      case null -> "not tried";
    };
  }

  void write() throws IOException {
    String before = Files.readString(FILE);
    int from = before.indexOf(BEGIN) + BEGIN.length();
    int to = before.indexOf(END);
    Files.writeString(FILE, before.substring(0, from) + render() + before.substring(to));
  }

  /** Fails when the document says something else; versions alone may differ. */
  void compare() throws IOException {
    String document = Files.readString(FILE);
    String written =
        document.substring(document.indexOf(BEGIN) + BEGIN.length(), document.indexOf(END));
    assertThat(withoutVersions(written))
        .as("docs/bgp-interop.md, to be written anew where MANUL_INTEROP_WRITE is set")
        .isEqualTo(withoutVersions(render()));
  }

  private static String withoutVersions(String table) {
    return new ArrayList<>(table.lines().toList())
        .stream().filter(line -> !line.startsWith("| Version |")).collect(Collectors.joining("\n"));
  }
}
