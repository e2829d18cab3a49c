package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The cases of {@code bad-input.txt}: one clear line for each, the exit code, nothing written. */
class BadInputTest {
  private record Case(String arguments, String input, String expected) {}

  @TempDir Path directory;

  private static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    String arguments = null;
    StringBuilder input = new StringBuilder();
    try (InputStream in = BadInputTest.class.getResourceAsStream("bad-input.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (line.startsWith("$")) {
          assertThat(arguments).as("a case without an expectation").isNull();
          arguments = line.substring(1).strip();
        } else if (line.startsWith("<")) {
          input.append(line.substring(1).replaceFirst("^ ", "")).append('\n');
        } else if (!line.startsWith("#") && !line.isBlank()) {
          cases.add(new Case(arguments, input.toString(), line));
          arguments = null;
          input.setLength(0);
        }
      }
    }
    assertThat(arguments).as("a case without an expectation").isNull();
    return cases;
  }

  @Test
  void thereAreFiftyCasesAndMore() throws IOException {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(50).doesNotHaveDuplicates();
  }

  @TestFactory
  List<DynamicTest> oneClearLine() throws IOException {
    return cases().stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    "manulctl " + one.arguments() + one.input(), () -> check(one)))
        .toList();
  }

  private void check(Case one) {
    Path place = directory.resolve(String.valueOf(one.hashCode()));
    Ran.apply(place, Samples.POOL + "---\n" + Samples.NODES);
    var before = Ran.contents(place);
    String[] args =
        one.arguments().isEmpty()
            ? new String[0]
            : one.arguments().replace("DIR", place.toString()).split(" ", -1);
    Ran ran = Ran.with(place, one.input(), args);
    List<String> said =
        ran.errLines().stream().filter(line -> !line.startsWith("Try 'manulctl")).toList();
    assertThat(ran.code() + " " + String.join("\n", said).replace(place.toString(), "DIR"))
        .isEqualTo(one.expected());
    assertThat(ran.out()).isEmpty();
    assertThat(Ran.contents(place)).isEqualTo(before);
  }
}
