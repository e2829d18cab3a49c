package dev.manul.policy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TableDiffTest {

  private static final List<Hook> DESIRED =
      List.of(new Hook("FORWARD", rules("-j manul-a"), rules("-j ACCEPT")));

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

  private static List<String> diff(List<String> forward) {
    return TableDiff.hooks(FoundTable.parse(saved(forward, List.of(TCP, DROP))), DESIRED);
  }

  @Test
  void whatIsRightIsNotWritten() {
    assertThat(diff(List.of(FIRST, "-j DOCKER", LAST))).isEmpty();
  }

  @Test
  void anEmptyTableGetsAll() {
    assertThat(TableDiff.hooks(FoundTable.parse(""), DESIRED))
        .containsExactly("-I FORWARD 1 " + FIRST, "-A FORWARD " + LAST);
  }

  @Test
  void aDisplacedJumpIsDeletedByItsWordsAndPutFirst() {
    assertThat(diff(List.of("-j DOCKER", FIRST, LAST)))
        .containsExactly(
            "-D FORWARD " + FIRST,
            "-D FORWARD " + LAST,
            "-I FORWARD 1 " + FIRST,
            "-A FORWARD " + LAST);
    assertThat(diff(List.of(FIRST, LAST, "-j DOCKER"))).isNotEmpty();
    assertThat(diff(List.of(FIRST, FIRST, LAST))).isNotEmpty();
    assertThat(diff(List.of(FIRST))).isNotEmpty();
  }

  @Test
  void aRuleOfOursWhereNoneIsWantedGoes() {
    FoundTable found = FoundTable.parse("*filter\n:DOCKER - [0:0]\n-A DOCKER " + FIRST + "\n");
    assertThat(TableDiff.hooks(found, List.of())).containsExactly("-D DOCKER " + FIRST);
  }

  @Test
  void whatIsOursIsRemovedAndOthersStay() {
    FoundTable found =
        FoundTable.parse(saved(List.of(FIRST, "-j DOCKER", LAST), List.of(TCP, DROP)));
    assertThat(TableDiff.removal(found))
        .containsExactly(
            "-D FORWARD " + FIRST, "-D FORWARD " + LAST, ":manul-a - [0:0]", "-X manul-a");
    assertThat(TableDiff.removal(FoundTable.parse("*filter\n:FORWARD DROP [1:2]\n"))).isEmpty();
  }

  @Test
  void ourChainsAreKnownByTheirHashes() {
    FoundTable found = FoundTable.parse(saved(List.of("-j DOCKER"), List.of(TCP, "-j LOG", DROP)));
    assertThat(found.chains())
        .containsExactly(
            Map.entry(
                "manul-a",
                List.of(
                    new RuleText("-p tcp -j ACCEPT").hash("manul-a"),
                    "",
                    new RuleText("-j DROP").hash("manul-a"))));
  }

  @Test
  void aHashDependsOnChainAndText() {
    assertThat(new RuleText("-j DROP").hash("manul-a"))
        .hasSize(16)
        .isNotEqualTo(new RuleText("-j DROP").hash("manul-b"))
        .isNotEqualTo(new RuleText("-j ACCEPT").hash("manul-a"));
  }
}
