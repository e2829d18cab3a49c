package dev.manul.policy.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendChoiceTest {

  private static final String ONE =
      "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j X\nCOMMIT\n";
  private static final Map<String, String> SAVED =
      Map.of(
          "nothing",
          "",
          "one",
          ONE,
          "two",
          ONE + "-A POSTROUTING -j Y\n",
          "ours",
          "-A POSTROUTING -m comment --comment \"manul:abc\" -j manul-x\n".repeat(9),
          "hint",
          "*mangle\n:KUBE-IPTABLES-HINT - [0:0]\nCOMMIT\n",
          "canary",
          "*mangle\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT\n");

  /** Answers what a save program would; "absent" for a program that cannot be run. */
  private static Programs saving(String nft, String legacy) {
    return (command, _) -> {
      String which = command.getFirst().equals("iptables-nft-save") ? nft : legacy;
      return which.equals("absent")
          ? new Programs.Output(1, "", "no such thing")
          : new Programs.Output(0, SAVED.get(which), "");
    };
  }

  @ParameterizedTest
  @CsvSource({
    "nothing, nothing, NFT",
    "one,     nothing, NFT",
    "nothing, one,     LEGACY",
    "one,     two,     LEGACY",
    "two,     one,     NFT",
    "one,     one,     NFT",
    "ours,    one,     LEGACY",
    "hint,    two,     NFT",
    "canary,  two,     NFT",
    "two,     hint,    LEGACY",
    "two,     canary,  LEGACY",
    "hint,    canary,  NFT",
    "absent,  nothing, LEGACY",
    "nothing, absent,  NFT",
  })
  void theOneThatTheRestOfTheNodeUses(String nft, String legacy, Backend chosen) {
    assertThat(BackendChoice.detect(saving(nft, legacy)).backend()).isEqualTo(chosen);
  }

  @Test
  void whereThereIsSomethingOfOursIsTold() {
    assertThat(BackendChoice.detect(saving("ours", "one")).marked()).containsExactly(Backend.NFT);
    assertThat(BackendChoice.detect(saving("one", "one")).marked()).isEmpty();
  }

  @Test
  void withoutEitherNothingCanBeDone() {
    assertThatThrownBy(() -> BackendChoice.detect(saving("absent", "absent")))
        .isInstanceOf(RulesException.class)
        .hasMessageContaining("iptables-nft-save");
  }

  @ParameterizedTest
  @CsvSource({"Auto,", "auto,", "NFT,NFT", "Legacy,LEGACY", "legacy,LEGACY"})
  void calicosNamesAreRead(String text, Backend backend) {
    assertThat(Backend.parse(text).orElse(null)).isEqualTo(backend);
  }

  @Test
  void anotherNameIsRefused() {
    assertThatThrownBy(() -> Backend.parse("ebtables"))
        .hasMessage("iptables backend \"ebtables\" is none of Auto, NFT, Legacy");
  }
}
