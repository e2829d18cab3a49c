package dev.manul.policy.meaning;

/** Ports from the first to the last, both included, 0 to 65535. */
public record PortRange(int first, int last) implements Comparable<PortRange> {

  /**
   * Ports.
   *
   * @throws IllegalArgumentException when reversed or out of range
   */
  public PortRange {
    if (first < 0 || last > 65_535 || first > last) {
      throw new IllegalArgumentException(
          "got ports %d:%d, allowed are 0 to 65535, the lower first".formatted(first, last));
    }
  }

  /** One port. */
  public static PortRange of(int port) {
    return new PortRange(port, port);
  }

  /** Whether a port is in it. */
  public boolean contains(int port) {
    return first <= port && port <= last;
  }

  @Override
  public int compareTo(PortRange other) {
    return first != other.first
        ? Integer.compare(first, other.first)
        : Integer.compare(last, other.last);
  }

  /** As {@code 80} or {@code 80:90}. */
  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + ":" + last;
  }
}
