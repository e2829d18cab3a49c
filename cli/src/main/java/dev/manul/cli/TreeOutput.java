package dev.manul.cli;

import dev.manul.datastore.ResourceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The forms of output that are made of any field of a resource, named by its path. */
final class TreeOutput {
  /** Followed by headings, or by headings and paths. */
  static final String COLUMNS = "custom-columns=";

  /** What a message says of these forms. */
  static final String FORMS =
      ", custom-columns=\u2026, jsonpath=\u2026, jsonpath-file=\u2026, go-template=\u2026,"
          + " go-template-file=\u2026";

  private static final String PATH = "jsonpath=";
  private static final String PATH_FILE = "jsonpath-file=";
  private static final String GO = "go-template=";
  private static final String GO_FILE = "go-template-file=";
  private static final String NONE = "<none>";

  private record Column(String heading, JsonPath path) {}

  private final Function<Object, String> rendering;

  private TreeOutput(Function<Object, String> rendering) {
    this.rendering = rendering;
  }

  /**
   * The output that {@code format} describes; empty when it is of another sort.
   *
   * @throws CommandFailure when a path in it cannot be read
   */
  static Optional<TreeOutput> of(String format) {
    if (format.startsWith(COLUMNS) && format.contains(":")) {
      List<Column> columns = columns(format.substring(COLUMNS.length()));
      return Optional.of(new TreeOutput(tree -> table(columns, tree)));
    }
    if (format.startsWith(GO)) {
      GoTemplate go = GoTemplate.read(format.substring(GO.length()));
      return Optional.of(new TreeOutput(go::render));
    }
    if (format.startsWith(GO_FILE)) {
      GoTemplate go = GoTemplate.read(contents(format.substring(GO_FILE.length())));
      return Optional.of(new TreeOutput(go::render));
    }
    String template;
    if (format.startsWith(PATH)) {
      template = format.substring(PATH.length());
    } else if (format.startsWith(PATH_FILE)) {
      template = contents(format.substring(PATH_FILE.length()));
    } else {
      return Optional.empty();
    }
    return Optional.of(new TreeOutput(JsonPathTemplate.read(template)::render));
  }

  private static String contents(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException | InvalidPathException e) {
      throw CommandFailure.usage(file + ": a template cannot be read from it");
    }
  }

  private static List<Column> columns(String text) {
    List<Column> columns = new ArrayList<>();
    for (String column : text.split(",", -1)) {
      int colon = column.indexOf(':');
      if (colon < 1 || colon == column.length() - 1) {
        throw CommandFailure.usage(
            "custom-columns: '"
                + column
                + "' is not HEADING:PATH; give a path to every column, or to none");
      }
      columns.add(
          new Column(column.substring(0, colon), JsonPathReader.read(column.substring(colon + 1))));
    }
    return columns;
  }

  private static String table(List<Column> columns, Object tree) {
    Table table = new Table(columns.stream().map(Column::heading).toList());
    List<?> items =
        tree instanceof Map<?, ?> map && map.get("items") instanceof List<?> list
            ? list
            : List.of(tree);
    for (Object item : items) {
      List<String> cells = new ArrayList<>();
      for (Column column : columns) {
        List<Object> values = column.path().select(item);
        cells.add(values.isEmpty() ? NONE : JsonPathTemplate.text(values, ","));
      }
      table.add(cells);
    }
    return table.text();
  }

  /**
   * What this output makes of resources.
   *
   * @param json one resource or a list; "" for nothing
   */
  String text(String json) {
    List<Object> trees = ResourceText.parseTrees(json, "stored resource");
    return trees.isEmpty() ? "" : rendering.apply(trees.getFirst());
  }
}
