package dev.manul.bgp;

/**
 * How BFD (RFC 5880) watches a neighbour.
 *
 * @param minTxMillis the shortest time between packets sent, 10 to 60000
 * @param minRxMillis the shortest time between packets asked for, 10 to 60000
 * @param multiplier how many packets in a row may be lost before the neighbour is down, 1 to 255
 */
public record BfdSettings(int minTxMillis, int minRxMillis, int multiplier) {
  public BfdSettings {
    check("minTxMillis", minTxMillis, 10, 60_000);
    check("minRxMillis", minRxMillis, 10, 60_000);
    check("multiplier", multiplier, 1, 255);
  }

  private static void check(String what, int value, int low, int high) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          "bfd " + what + " must be within " + low + " to " + high + ", not " + value);
    }
  }
}
