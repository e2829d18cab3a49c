package dev.manul.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Lines in columns, without a frame: every column at least five wide and three apart, and nothing
 * behind the last one.
 */
final class Table {
  private static final int MINIMUM = 5;
  private static final int PADDING = 3;

  private final List<List<String>> lines = new ArrayList<>();

  Table(List<String> headings) {
    lines.add(headings);
  }

  void add(List<String> cells) {
    lines.add(cells);
  }

  /** The table with its line ends, and an empty line after it. */
  String text() {
    int[] widths = new int[lines.getFirst().size()];
    for (List<String> cells : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], Math.max(MINIMUM, cells.get(i).length() + PADDING));
      }
    }
    StringBuilder text = new StringBuilder();
    StringBuilder line = new StringBuilder();
    for (List<String> cells : lines) {
      line.setLength(0);
      for (int i = 0; i < widths.length; i++) {
        String cell = cells.get(i);
        line.append(cell).repeat(' ', widths[i] - cell.length());
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.append('\n').toString();
  }
}
