package dev.manul.policy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TableDiffTest {

  private static final Chain CHAIN = new Chain("manul-a", rules("-p tcp -j ACCEPT", "-j DROP"));
  private static final Table DESIRED =
      new Table(
          "filter",
          List.of(CHAIN),
          List.of(new Hook("FORWARD", rules("-j manul-a"), rules("-j ACCEPT"))));

  private static List<RuleText> rules(String... texts) {
    return IntStream.range(0, texts.length).mapToObj(i -> new RuleText(texts[i])).toList();
  }

  private static String comment(String chain, String rule) {
    return "-m comment --comment \"manul:" + new RuleText(rule).hash(chain) + "\"";
  }

  private static String saved(List<String> forward, List<String> chain) {
    var text = new StringBuilder("*filter\n:FORWARD DROP [1:2]\n:DOCKER - [0:0]\n");
    text.append(":manul-a - [0:0]\n");
    forward.forEach(rule -> text.append("-A FORWARD ").append(rule).append('\n'));
    chain.forEach(rule -> text.append("-A manul-a ").append(rule).append('\n'));
    return text.append("COMMIT\n").toString();
  }

  private static final String FIRST = comment("FORWARD", "-j manul-a") + " -j manul-a";
  private static final String LAST = comment("FORWARD", "-j ACCEPT") + " -j ACCEPT";
  private static final String TCP =
      "-p tcp " + comment("manul-a", "-p tcp -j ACCEPT") + " -j ACCEPT";
  private static final String DROP = comment("manul-a", "-j DROP") + " -j DROP";

  private static List<String> diff(List<String> forward, List<String> chain) {
    return TableDiff.between(FoundTable.parse(saved(forward, chain)), DESIRED);
  }

  @Test
  void whatIsRightIsNotWritten() {
    assertThat(diff(List.of(FIRST, "-j DOCKER", LAST), List.of(TCP, DROP))).isEmpty();
  }

  @Test
  void anEmptyTableGetsAll() {
    assertThat(TableDiff.between(FoundTable.parse(""), DESIRED))
        .containsExactly(
            ":manul-a - [0:0]",
            "-A manul-a " + comment("manul-a", "-p tcp -j ACCEPT") + " -p tcp -j ACCEPT",
            "-A manul-a " + DROP,
            "-I FORWARD 1 " + FIRST,
            "-A FORWARD " + LAST);
  }

  @Test
  void aRuleThatIsAwayIsPutBackInItsPlace() {
    assertThat(diff(List.of(FIRST, LAST), List.of(DROP)))
        .containsExactly(
            "-I manul-a 1 " + comment("manul-a", "-p tcp -j ACCEPT") + " -p tcp -j ACCEPT");
    assertThat(diff(List.of(FIRST, LAST), List.of(TCP))).containsExactly("-A manul-a " + DROP);
  }

  @Test
  void aStrangeRuleInAChainOfOursGoes() {
    assertThat(diff(List.of(FIRST, LAST), List.of(TCP, "-j LOG", DROP)))
        .containsExactly("-D manul-a 2");
  }

  @Test
  void aDisplacedJumpIsDeletedByItsWordsAndPutFirst() {
    assertThat(diff(List.of("-j DOCKER", FIRST, LAST), List.of(TCP, DROP)))
        .containsExactly(
            "-D FORWARD " + FIRST,
            "-D FORWARD " + LAST,
            "-I FORWARD 1 " + FIRST,
            "-A FORWARD " + LAST);
    assertThat(diff(List.of(FIRST, LAST, "-j DOCKER"), List.of(TCP, DROP))).isNotEmpty();
    assertThat(diff(List.of(FIRST, FIRST, LAST), List.of(TCP, DROP))).isNotEmpty();
  }

  @Test
  void whatIsUnwantedGoesAndOthersStay() {
    FoundTable found =
        FoundTable.parse(saved(List.of(FIRST, "-j DOCKER", LAST), List.of(TCP, DROP)));
    assertThat(TableDiff.between(found, Table.empty("filter")))
        .containsExactly(
            "-D FORWARD " + FIRST, "-D FORWARD " + LAST, ":manul-a - [0:0]", "-X manul-a");
    assertThat(found.policy("FORWARD")).isEqualTo("DROP");
  }

  @Test
  void afterWritingAllIsKnownToBeRight() {
    FoundTable found = FoundTable.parse(saved(List.of("-j DOCKER"), List.of()));
    FoundTable after = found.after(DESIRED);
    assertThat(TableDiff.between(after, DESIRED)).isEmpty();
    assertThat(after.policy("FORWARD")).isEqualTo("DROP");
    assertThat(TableDiff.between(after, Table.empty("filter")))
        .containsExactly(
            "-D FORWARD " + FIRST, "-D FORWARD " + LAST, ":manul-a - [0:0]", "-X manul-a");
  }

  @Test
  void aHashDependsOnChainAndText() {
    assertThat(new RuleText("-j DROP").hash("manul-a"))
        .hasSize(16)
        .isNotEqualTo(new RuleText("-j DROP").hash("manul-b"))
        .isNotEqualTo(new RuleText("-j ACCEPT").hash("manul-a"));
  }

  /**
   * Any two contents of a chain: the edits, done one after the other, lead from one to the other.
   */
  @Test
  void editsOfAChainLeadToWhatIsWanted() {
    var random = new Random(20_260_101);
    for (int round = 0; round < 5_000; round++) {
      Chain before = randomChain(random, random.nextInt(60) == 0 ? 300 : 8);
      Chain after = randomChain(random, random.nextInt(60) == 0 ? 300 : 8);
      var found = FoundTable.NOTHING.after(new Table("filter", List.of(before), List.of()));
      var desired = new Table("filter", List.of(after), List.of());
      List<String> content = new ArrayList<>();
      before.rules().forEach(rule -> content.add(rule.marked("manul-a")));
      List<String> lines = TableDiff.between(found, desired);
      lines.forEach(line -> edit(content, line));
      assertThat(content)
          .as("seed 20260101, round %d, %s to %s by %s", round, before, after, lines)
          .isEqualTo(after.rules().stream().map(rule -> rule.marked("manul-a")).toList());
    }
  }

  private static Chain randomChain(Random random, int most) {
    return new Chain(
        "manul-a",
        IntStream.range(0, random.nextInt(most + 1))
            .mapToObj(_ -> new RuleText("-s 10.0.0." + random.nextInt(6) + " -j DROP"))
            .toList());
  }

  private static void edit(List<String> content, String line) {
    String[] words = line.split(" ", 4);
    switch (words[0]) {
      case ":manul-a" -> content.clear();
      case "-A" -> content.add(line.substring("-A manul-a ".length()));
      case "-I" -> content.add(Integer.parseInt(words[2]) - 1, words[3]);
      case "-D" -> content.remove(Integer.parseInt(words[2]) - 1);
      default -> throw new AssertionError(line);
    }
  }
}
