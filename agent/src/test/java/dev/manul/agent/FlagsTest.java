package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.agent.Flags.Flag;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlagsTest {

  @Test
  void takesValuesInBothForms() throws Flags.UsageException {
    Flags flags =
        Flags.parse("--node", "worker", "--ip-autodetection-method=interface=eth1", "--as=");

    assertThat(flags.value(Flag.NODE)).isEqualTo("worker");
    assertThat(flags.value(Flag.IP_AUTODETECTION_METHOD)).isEqualTo("interface=eth1");
    assertThat(flags.value(Flag.AS)).isEmpty();
    assertThat(flags.value(Flag.IP)).isNull();
    assertThat(flags.question()).isEmpty();
  }

  @Test
  void hearsQuestions() throws Flags.UsageException {
    assertThat(Flags.parse("--node=a", "-h").question()).contains(Flags.Question.HELP);
    assertThat(Flags.parse("--version").question()).contains(Flags.Question.VERSION);
    assertThat(Flags.parse("--remove-rules").question()).contains(Flags.Question.REMOVE_RULES);
  }

  @ParameterizedTest
  @CsvSource({
    "--bogus, --bogus: no such flag",
    "--bogus=1, --bogus: no such flag",
    "worker, worker: no such flag",
    "--node, --node: wanted --node NAME",
    "--as=1 --as=2, --as: given twice",
    "--policy-only=no, --policy-only: takes no value",
  })
  void saysWhatItDoesNotTake(String line, String message) {
    assertThatThrownBy(() -> Flags.parse(line.split(" ", -1)))
        .isInstanceOf(Flags.UsageException.class)
        .hasMessage(message);
  }

  @Test
  void helpNamesEveryFlagAndItsVariable() {
    String help = Flags.help();

    for (Flag flag : Flag.values()) {
      assertThat(help)
          .containsPattern(
              "  --" + flag.toString().replace('_', '-').toLowerCase(Locale.ROOT) + "[ \n]");
    }
    assertThat(help).contains("[MANUL_CONVERGENCE_LIMIT]").contains("-h, --help");
  }
}
