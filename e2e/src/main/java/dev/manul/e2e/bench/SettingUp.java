package dev.manul.e2e.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What was measured of two sides that stood beside each other in places made for it: first each in
 * one place, then, made again, each in the other's.
 *
 * <p>Rounds of the same places are not independent of each other, as both sides keep the memory
 * that they happened to be given; a setting-up is independent of the next. So it counts as one
 * observation however many rounds it has: in each half the median of the rounds' ratios, as a round
 * takes some milliseconds and what disturbs one turn of it spoils that round and no other; of both
 * halves the geometric mean, in which whatever favours a place stands once above the line and once
 * below. What is said of a side is {@link PairedRatio} over settings-up.
 *
 * @param straight the half with the one side in the first place
 * @param crossed the half with that side in the second place
 */
record SettingUp(List<Round> straight, List<Round> crossed) {

  private static final int TURNS = 4;

  SettingUp {
    straight = List.copyOf(straight);
    crossed = List.copyOf(crossed);
  }

  /**
   * What was seen in some milliseconds.
   *
   * @param gigabits Gbit/s of a TCP stream
   * @param micros microseconds, the median of some round trips
   */
  record Turn(double gigabits, double micros) {}

  /** Turns of both sides, forth and back. */
  record Round(List<Turn> mine, List<Turn> its) {

    Round {
      mine = List.copyOf(mine);
      its = List.copyOf(its);
    }

    double mine(ToDoubleFunction<Turn> quantity) {
      return mine.stream().mapToDouble(quantity).average().orElseThrow();
    }

    double its(ToDoubleFunction<Turn> quantity) {
      return its.stream().mapToDouble(quantity).average().orElseThrow();
    }

    double ratio(ToDoubleFunction<Turn> quantity) {
      return mine(quantity) / its(quantity);
    }
  }

  /**
   * A half's rounds, of what {@code packets turns} prints: a line a turn, with the number of the
   * place, Gbit/s and microseconds.
   *
   * @param place 0 or 1, where the side was that is asked about
   * @throws IllegalArgumentException when that is not what these lines are
   */
  static List<Round> rounds(List<String> lines, int place) {
    List<Round> rounds = new ArrayList<>();
    List<Turn> mine = new ArrayList<>();
    List<Turn> its = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      if (words.length != 3) {
        throw new IllegalArgumentException("packets turns: " + line);
      }
      (Integer.parseInt(words[0]) == place ? mine : its)
          .add(new Turn(Double.parseDouble(words[1]), Double.parseDouble(words[2])));
      if (mine.size() + its.size() == TURNS) {
        rounds.add(new Round(mine, its));
        mine.clear();
        its.clear();
      }
    }
    return rounds;
  }

  /** Of both halves. */
  Stream<Round> rounds() {
    return Stream.concat(straight.stream(), crossed.stream());
  }

  /** How many times as much of it one side has than the other. */
  double ratio(ToDoubleFunction<Turn> quantity) {
    return Math.sqrt(median(straight, quantity) * median(crossed, quantity));
  }

  private static double median(List<Round> rounds, ToDoubleFunction<Turn> quantity) {
    return PairedRatio.median(rounds.stream().map(round -> round.ratio(quantity)).toList());
  }
}
