package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LineDiffTest {
  @Test
  void nothingDiffers() {
    assertThat(LineDiff.hunks("a\nb\n", "a\nb\n")).isEmpty();
    assertThat(LineDiff.hunks("", "")).isEmpty();
  }

  @Test
  void threeLinesAround() {
    assertThat(LineDiff.hunks("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nfive\n6\n7\n8\n"))
        .isEqualTo("@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    assertThat(LineDiff.hunks("", "a\nb\n")).isEqualTo("@@ -0,0 +1,2 @@\n+a\n+b\n");
    assertThat(LineDiff.hunks("a\n", "")).isEqualTo("@@ -1,1 +0,0 @@\n-a\n");
  }

  /** Hunks applied to the first text, at the places they name, make the second one. */
  @Test
  void hunksMakeTheSecondTextOfTheFirst() {
    Random random = new Random(7);
    for (int round = 0; round < 20; round++) {
      String before = text(random, 30);
      String after =
          before
              .lines()
              .filter(line -> random.nextInt(8) > 0)
              .flatMap(line -> random.nextInt(8) == 0 ? text(random, 2).lines() : line.lines())
              .collect(Collectors.joining("\n", "", "\n"));
      assertThat(patched(before, LineDiff.hunks(before, after))).isEqualTo(after);
    }
  }

  private static String text(Random random, int lines) {
    return random.ints(lines, 0, 10).mapToObj(n -> n + "\n").collect(Collectors.joining());
  }

  private static String patched(String before, String hunks) {
    List<String> old = before.lines().toList();
    List<String> made = new ArrayList<>();
    int at = 0;
    for (String line : hunks.lines().toList()) {
      if (line.startsWith("@@ -")) {
        String[] range = line.substring(4, line.indexOf(' ', 4)).split(",", -1);
        int start = Integer.parseInt(range[0]) - (range[1].equals("0") ? 0 : 1);
        made.addAll(old.subList(at, start));
        at = start;
      } else if (line.startsWith("+")) {
        made.add(line.substring(1));
      } else {
        assertThat(line.substring(1)).isEqualTo(old.get(at++));
        if (line.startsWith(" ")) {
          made.add(line.substring(1));
        }
      }
    }
    made.addAll(old.subList(at, old.size()));
    return String.join("\n", made) + "\n";
  }
}
