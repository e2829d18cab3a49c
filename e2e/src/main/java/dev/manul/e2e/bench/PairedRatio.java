package dev.manul.e2e.bench;

import java.util.List;

/**
 * How many times as much of something one side has than another, measured again and again with both
 * beside each other: the median of the measurements' own ratios, as what disturbs a machine
 * disturbs both sides of a measurement, and an interval that has the true median in it in 95 of 100
 * cases, whatever the ratios' distribution is (the order statistics of the sign test). The
 * measurements have to be independent of each other.
 *
 * @param low where the interval begins; 0 when there are too few measurements to tell
 * @param high where it ends; infinite when there are too few
 */
public record PairedRatio(double median, double low, double high) {

  private static final double OUTSIDE = 0.05;

  /** Of the measurements' ratios, at least one. */
  static PairedRatio of(List<Double> ratios) {
    List<Double> sorted = ratios.stream().sorted().toList();
    int n = sorted.size();
    int cut = cut(n);
    return cut == 0
        ? new PairedRatio(median(sorted), 0, Double.POSITIVE_INFINITY)
        : new PairedRatio(median(sorted), sorted.get(cut - 1), sorted.get(n - cut));
  }

  /** The middle one of at least one, or what is between the two in the middle. */
  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    return (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
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
