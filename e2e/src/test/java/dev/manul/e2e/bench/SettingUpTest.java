package dev.manul.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.manul.e2e.bench.SettingUp.Round;
import dev.manul.e2e.bench.SettingUp.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingUpTest {

  private static final long SEED = 20261122;
  private static final int ROUNDS = 40;

  private final Random random = new Random(SEED);

  @Test
  void aRoundIsFourTurnsWhosePlaceTellsWhoseTheyAre() {
    List<String> lines =
        """
        0 10.000 20.00
        1 11.000 22.00
        1 13.000 26.00
        0 20.000 24.00
        1 4.000 1.00
        0 3.000 1.00
        0 3.000 1.00
        1 4.000 3.00
        """
            .lines()
            .toList();

    List<Round> first = SettingUp.rounds(lines, 0);

    assertThat(first)
        .containsExactly(
            new Round(
                List.of(new Turn(10, 20), new Turn(20, 24)),
                List.of(new Turn(11, 22), new Turn(13, 26))),
            new Round(
                List.of(new Turn(3, 1), new Turn(3, 1)), List.of(new Turn(4, 1), new Turn(4, 3))));
    assertThat(first.getFirst().ratio(Turn::gigabits)).isEqualTo(15.0 / 12);
    assertThat(first.getFirst().ratio(Turn::micros)).isEqualTo(22.0 / 24);
    Round second = SettingUp.rounds(lines, 1).getFirst();
    assertThat(second.mine()).isEqualTo(first.getFirst().its());
    assertThat(second.its()).isEqualTo(first.getFirst().mine());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0 1.0", "0 1.0 2.0 3.0", "place 1.0 2.0", "0 fast 2.0"})
  void whatIsNoTurnIsRefused(String line) {
    assertThatIllegalArgumentException().isThrownBy(() -> SettingUp.rounds(List.of(line), 0));
  }

  /** The first place is better by a fifth, as unequal memory would have it. */
  @Test
  void whatFavoursAPlaceFavoursNeitherSide() {
    double truth = 0.98;

    SettingUp settingUp =
        new SettingUp(rounds(1.2 * truth, gaussian(0.001)), rounds(truth / 1.2, gaussian(0.001)));

    assertThat(settingUp.ratio(Turn::gigabits)).isCloseTo(truth, within(0.001));
    assertThat(settingUp.ratio(Turn::micros)).isCloseTo(1 / truth, within(0.001));
  }

  @Test
  void whatDisturbsSomeRoundsIsNotAnswered() {
    DoubleUnaryOperator disturbed = i -> i % 4 == 0 ? 0.3 : 1;

    SettingUp settingUp = new SettingUp(rounds(1.01, disturbed), rounds(1.01, disturbed));

    assertThat(settingUp.ratio(Turn::gigabits)).isCloseTo(1.01, within(1e-9));
  }

  /**
   * Each setting-up is off by some percent in all of its rounds, however many these are: an
   * interval over rounds would be narrow and wrong, that over settings-up has the truth in it.
   */
  @Test
  void settingsUpAndNotRoundsAreWhatCounts() {
    int within = 0;
    int withinOfRounds = 0;
    for (int i = 0; i < 200; i++) {
      List<Double> settingsUp = new ArrayList<>();
      List<Double> rounds = new ArrayList<>();
      for (int j = 0; j < 12; j++) {
        double luck = Math.exp(0.03 * random.nextGaussian());
        SettingUp each = new SettingUp(rounds(luck, gaussian(0.01)), rounds(luck, gaussian(0.01)));
        settingsUp.add(each.ratio(Turn::gigabits));
        each.rounds().forEach(round -> rounds.add(round.ratio(Turn::gigabits)));
      }
      within += hasOne(PairedRatio.of(settingsUp)) ? 1 : 0;
      withinOfRounds += hasOne(PairedRatio.of(rounds)) ? 1 : 0;
    }
    assertThat(within / 200.0).isCloseTo(0.961, within(0.04));
    assertThat(withinOfRounds / 200.0).isLessThan(0.5);
  }

  private static boolean hasOne(PairedRatio ratio) {
    return ratio.low() <= 1 && 1 <= ratio.high();
  }

  private DoubleUnaryOperator gaussian(double deviation) {
    return _ -> Math.exp(deviation * random.nextGaussian());
  }

  /** Rounds in which one side has so many times the other's, but for the noise of the i-th. */
  private static List<Round> rounds(double ratio, DoubleUnaryOperator noise) {
    return IntStream.range(0, ROUNDS)
        .mapToObj(
            i -> {
              double mine = ratio * noise.applyAsDouble(i);
              Turn its = new Turn(10, 20);
              Turn turn = new Turn(10 * mine, 20 / mine);
              return new Round(List.of(turn, turn), List.of(its, its));
            })
        .toList();
  }
}
