package dev.manul.cli;

import java.util.ArrayList;
import java.util.List;

/** What differs between two texts, as {@code diff -u} shows it: three lines around each change. */
final class LineDiff {
  private static final int CONTEXT = 3;

  /**
   * @param mark ' ' for a line of both texts, '-' for one of the first, '+' for one of the second
   */
  private record Line(char mark, String text) {}

  private LineDiff() {}

  /** The hunks; "" when the texts are the same. */
  static String hunks(String before, String after) {
    List<Line> script = script(before.lines().toList(), after.lines().toList());
    StringBuilder text = new StringBuilder();
    int from = next(script, 0);
    while (from < script.size()) {
      int to = from;
      // changes with fewer than twice the context between them are one hunk
      for (int change = from; change < script.size(); change = next(script, change + 1)) {
        if (change - to > 2 * CONTEXT) {
          break;
        }
        to = change;
      }
      hunk(script, Math.max(0, from - CONTEXT), Math.min(script.size(), to + CONTEXT + 1), text);
      from = next(script, to + 1);
    }
    return text.toString();
  }

  /** The first change at or after a place. */
  private static int next(List<Line> script, int place) {
    int at = place;
    while (at < script.size() && script.get(at).mark() == ' ') {
      at++;
    }
    return at;
  }

  private static void hunk(List<Line> script, int from, int to, StringBuilder into) {
    into.append("@@ -").append(range(script, from, to, '+'));
    into.append(" +").append(range(script, from, to, '-')).append(" @@\n");
    for (Line line : script.subList(from, to)) {
      into.append(line.mark()).append(line.text()).append('\n');
    }
  }

  /** {@code START,COUNT} in the text that lines with the mark {@code other} are not of. */
  private static String range(List<Line> script, int from, int to, char other) {
    int before = 0;
    int count = 0;
    for (int i = 0; i < to; i++) {
      if (script.get(i).mark() != other) {
        before += i < from ? 1 : 0;
        count += i < from ? 0 : 1;
      }
    }
    return (count == 0 ? before : before + 1) + "," + count;
  }

  /** The shortest script, by the longest common subsequence. */
  private static List<Line> script(List<String> a, List<String> b) {
    int[][] common = new int[a.size() + 1][b.size() + 1];
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        common[i][j] =
            a.get(i).equals(b.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    List<Line> script = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
        script.add(new Line(' ', a.get(i++)));
        j++;
      } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
        script.add(new Line('-', a.get(i++)));
      } else {
        script.add(new Line('+', b.get(j++)));
      }
    }
    return script;
  }
}
