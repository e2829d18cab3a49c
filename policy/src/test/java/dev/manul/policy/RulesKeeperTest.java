package dev.manul.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.policy.kernel.Backend;
import dev.manul.policy.kernel.Programs;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When what is done, with programs that fail at will and a clock moved by hand. */
class RulesKeeperTest {

  private static final NatRules.Input INPUT =
      new NatRules.Input(Set.of(Pools.masqueraded("10.244.0.0/16")), Set.of());

  private final List<String> run = new ArrayList<>();
  private final List<String> written = new ArrayList<>();
  private String broken = "nothing";
  private long now;
  private final RulesKeeper keeper =
      new RulesKeeper(
          this::answer,
          NatOptions.DEFAULT.withBackend(Backend.NFT),
          () -> now,
          InstantSource.fixed(Instant.EPOCH),
          () -> 0);

  private Programs.Output answer(List<String> command, String input) {
    run.add(command.getFirst());
    if (command.getFirst().equals(broken)) {
      return new Programs.Output(4, "", "Another app is currently holding the lock\n");
    }
    if (!input.isEmpty()) {
      written.add(input);
    }
    return new Programs.Output(0, "", "");
  }

  private void pass(Duration time) {
    now += time.toNanos();
    run.clear();
    written.clear();
    keeper.settle();
  }

  @Test
  void nothingIsDoneBeforeTheFirstInput() {
    pass(Duration.ofHours(1));
    assertThat(run).isEmpty();
    assertThat(keeper.status().settled()).isFalse();
  }

  @Test
  void setsComeBeforeRulesAndGoAfterThem() {
    keeper.input(INPUT);
    pass(Duration.ZERO);
    assertThat(run)
        .containsSubsequence("ipset", "ipset", "iptables-nft-restore")
        .doesNotContain("ip6tables-nft-restore", "iptables-legacy-restore");
    assertThat(written).hasSize(2);
    assertThat(keeper.status().settled()).isTrue();

    keeper.input(new NatRules.Input(Set.of(), Set.of()));
    pass(Duration.ZERO);
    assertThat(run).containsExactly("iptables-nft-restore", "ipset");
    assertThat(written.getLast())
        .contains("destroy mnl4-all-pools")
        .contains("destroy mnl4-masq-pools");
  }

  @Test
  void aChangeOfASetIsOneProcess() {
    keeper.input(INPUT);
    pass(Duration.ZERO);
    keeper.input(
        new NatRules.Input(
            Set.of(Pools.masqueraded("10.244.0.0/16"), Pools.pool("10.250.0.0/16")), Set.of()));
    pass(Duration.ZERO);
    assertThat(run).containsExactly("ipset");
    assertThat(written).containsExactly("add mnl4-all-pools 10.250.0.0/16 -exist\n");
  }

  @Test
  void anInputThatSaysNothingNewIsFree() {
    keeper.input(INPUT);
    pass(Duration.ZERO);
    keeper.input(INPUT);
    pass(Duration.ofSeconds(1));
    assertThat(run).isEmpty();
  }

  @Test
  void theKernelIsReadAgainEverySoOften() {
    keeper.input(INPUT);
    pass(Duration.ZERO);
    pass(Duration.ofSeconds(89));
    assertThat(run).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(run).contains("ipset", "iptables-nft-save");
    // These programs say that there is nothing, so what is missing is written again.
    assertThat(keeper.status().repaired()).isEqualTo(2);
  }

  @Test
  void whatFailsIsToldAndTriedAgainLaterAndLater() {
    broken = "iptables-nft-restore";
    keeper.input(INPUT);
    pass(Duration.ZERO);
    assertThat(keeper.status().settled()).isFalse();
    assertThat(keeper.status().failing())
        .containsExactly(
            "iptables-nft-restore --noflush -w 30: exit status 4:"
                + " Another app is currently holding the lock");
    pass(Duration.ofMillis(99));
    assertThat(run).isEmpty();
    pass(Duration.ofMillis(1));
    assertThat(run).contains("iptables-nft-restore");
    pass(Duration.ofMillis(199));
    assertThat(run).isEmpty();
    for (int i = 0; i < 40; i++) {
      pass(Duration.ofNanos(keeper.untilNextNanos()));
    }
    assertThat(keeper.untilNextNanos()).isEqualTo(Duration.ofSeconds(30).toNanos());
    broken = "nothing";
    pass(Duration.ofSeconds(30));
    assertThat(keeper.status().failing()).isEmpty();
    assertThat(keeper.status().settled()).isTrue();
  }

  @Test
  void whenSetsFailNoRuleThatNeedsThemIsWritten() {
    broken = "ipset";
    keeper.input(INPUT);
    pass(Duration.ZERO);
    assertThat(written).isEmpty();
    assertThat(keeper.status().failing().toString()).contains("ipset save: exit status 4");
  }

  @Test
  void aNodeWithoutIpv6IsNotAFailure() {
    broken = "ip6tables-nft-save";
    keeper.input(INPUT);
    pass(Duration.ZERO);
    assertThat(keeper.status().settled()).isTrue();
  }
}
