package dev.manul.cli;

import java.util.ArrayList;
import java.util.List;

/** Lines in a frame of dashes: headings in the middle, numbers to the right, text to the left. */
final class FramedTable {
  private final List<String> headings;
  private final List<List<String>> lines = new ArrayList<>();

  FramedTable(String... headings) {
    this.headings = List.of(headings);
  }

  void add(String... cells) {
    lines.add(List.of(cells));
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  String text() {
    int[] widths = new int[headings.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = headings.get(i).length();
      for (List<String> cells : lines) {
        widths[i] = Math.max(widths[i], cells.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    rule(text, widths);
    for (int i = 0; i < widths.length; i++) {
      int gap = widths[i] - headings.get(i).length();
      cell(text, headings.get(i), gap / 2, gap - gap / 2);
    }
    text.append("|\n");
    rule(text, widths);
    for (List<String> cells : lines) {
      for (int i = 0; i < widths.length; i++) {
        String cell = cells.get(i);
        int gap = widths[i] - cell.length();
        boolean number = isNumber(cell);
        cell(text, cell, number ? gap : 0, number ? 0 : gap);
      }
      text.append("|\n");
    }
    rule(text, widths);
    return text.toString();
  }

  private static void rule(StringBuilder text, int[] widths) {
    for (int width : widths) {
      text.append('+').repeat('-', width + 2);
    }
    text.append("+\n");
  }

  private static void cell(StringBuilder text, String cell, int left, int right) {
    text.append("| ").repeat(' ', left).append(cell).repeat(' ', right).append(' ');
  }

  private static boolean isNumber(String cell) {
    return !cell.isEmpty() && cell.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
