package dev.manul.e2e.demo;

import dev.manul.e2e.JudgedReport;
import dev.manul.e2e.lab.PoolMode;
import java.util.List;

/**
 * What came of switching a lab's pool between all modes while its pods pinged each other.
 *
 * @param verdict {@code pass} or {@code fail}
 * @param failures why it failed, a line each
 * @param topology the lab's name
 * @param pairs ordered pairs of pods on different nodes, all of which pinged all the time
 * @param sent requests in all
 * @param lost those of them that were not answered
 * @param perPodPerSecond how often a second each pod pinged in switches without UDP
 * @param perPodPerSecondInUdp how often in those to and from UDP
 * @param switches the switches in their order
 */
public record ModesReport(
    String verdict,
    List<String> failures,
    String topology,
    int pairs,
    long sent,
    long lost,
    double perPodPerSecond,
    double perPodPerSecondInUdp,
    List<Switch> switches)
    implements JudgedReport {

  /**
   * A switch of the pool's mode.
   *
   * @param sent requests from the change of the pool until the next
   * @param slowestMillis how long the slowest answer took
   * @param milliseconds from the change of the pool until all kernels had the routes of the new
   *     mode
   */
  public record Switch(
      PoolMode from, PoolMode to, long sent, long lost, double slowestMillis, long milliseconds) {}
}
