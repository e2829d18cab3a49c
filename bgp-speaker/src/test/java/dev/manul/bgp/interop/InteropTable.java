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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final String NO = "no, note ";
  private static final Pattern NOTE = Pattern.compile("(\\d+)\\. (.*)");

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
      case Outcome.Lacks(String why) -> NO + notes.computeIfAbsent(why, w -> notes.size() + 1);
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

  /**
   * Fails when the document says something else of these peers; versions alone may differ.
   *
   * @param whole whether these are all peers, so that the document may have no others
   */
  void compare(boolean whole) throws IOException {
    String document = Files.readString(FILE);
    String written =
        document.substring(document.indexOf(BEGIN) + BEGIN.length(), document.indexOf(END));
    Map<String, List<String>> documented = cells(written);
    Map<String, List<String>> seen = cells(render());
    if (!whole) {
      documented.keySet().retainAll(seen.keySet());
    }
    assertThat(documented)
        .as("docs/bgp-interop.md, to be written anew where MANUL_INTEROP_WRITE is set")
        .isEqualTo(seen);
  }

  /** What a table says of each peer: its column from top to bottom, notes in their places. */
  private static Map<String, List<String>> cells(String table) {
    Map<String, String> notes =
        table
            .lines()
            .map(NOTE::matcher)
            .filter(Matcher::matches)
            .collect(Collectors.toMap(note -> note.group(1), note -> note.group(2)));
    List<List<String>> rows =
        table
            .lines()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| Version |"))
            .map(line -> List.of(line.split("\\s*\\|\\s*")))
            .toList();
    Map<String, List<String>> columns = new LinkedHashMap<>();
    List<String> titles = rows.getFirst();
    for (int i = 2; i < titles.size(); i++) {
      List<String> column = new ArrayList<>();
      for (List<String> row : rows.subList(1, rows.size())) {
        String cell = row.get(i);
        String number = cell.startsWith(NO) ? cell.substring(NO.length()) : "";
        column.add(row.get(1) + ": " + (number.isEmpty() ? cell : notes.get(number)));
      }
      columns.put(titles.get(i), column);
    }
    return columns;
  }
}
