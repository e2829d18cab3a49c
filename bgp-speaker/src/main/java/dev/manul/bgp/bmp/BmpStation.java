package dev.manul.bgp.bmp;

import dev.manul.model.Address;

/**
 * A monitoring station, to which a connection is kept.
 *
 * @param port 1 to 65535
 * @param statisticsSeconds how often to send counters, 1 to 86400; 0 for never
 */
public record BmpStation(Address address, int port, int statisticsSeconds) {
  /** The port that BMP stations usually have; none is assigned (RFC 7854 section 3.2). */
  public static final int DEFAULT_PORT = 11019;

  public static final int DEFAULT_STATISTICS_SECONDS = 60;

  public BmpStation {
    check("port", port, 1, 65535);
    check("statisticsSeconds", statisticsSeconds, 0, 86_400);
  }

  private static void check(String what, int value, int low, int high) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          "bmp " + what + " must be within " + low + " to " + high + ", not " + value);
    }
  }

  @Override
  public String toString() {
    return address + " port " + port;
  }
}
