package dev.manul.e2e.bench;

import java.util.List;

/**
 * How many times as much of something one side has than another, measured in rounds in each of
 * which both took part: the median of the rounds' own ratios, as what disturbs a machine disturbs
 * both sides of a round, and an interval that has the true median in it in 95 of 100 cases,
 * whatever the ratios' distribution is (the order statistics of the sign test).
 *
 * @param low where the interval begins; 0 when there are too few rounds to tell
 * @param high where it ends; infinite when there are too few
 */
public record PairedRatio(double median, double low, double high) {

  private static final double OUTSIDE = 0.05;

  /** Of the rounds' ratios, at least one. */
  static PairedRatio of(List<Double> ratios) {
    List<Double> sorted = ratios.stream().sorted().toList();
    int n = sorted.size();
    double median =
        n % 2 == 1 ? sorted.get(n / 2) : (sorted.get(n / 2 - 1) + sorted.get(n / 2)) / 2;
    int cut = cut(n);
    return cut == 0
        ? new PairedRatio(median, 0, Double.POSITIVE_INFINITY)
        : new PairedRatio(median, sorted.get(cut - 1), sorted.get(n - cut));
  }

  /**
   * The greatest c for which the c-th least and the c-th greatest of n enclose the median often
   * enough: fewer than c of n tosses of a coin are heads with half of what may lie outside.
   */
  private static int cut(int n) {
    double term = Math.pow(0.5, n);
    double sum = 0;
    int cut = 0;
    while (sum + term <= OUTSIDE / 2) {
      sum += term;
      term = term * (n - cut) / (cut + 1);
      cut++;
    }
    return cut;
  }
}
