package dev.manul.bgp.wire;

import java.util.List;

/**
 * AS_PATH (RFC 4271 section 5.1.2): the autonomous systems a route has crossed, nearest first.
 *
 * @param segments the segments, none of them empty
 */
public record AsPath(List<Segment> segments) {
  public static final AsPath EMPTY = new AsPath(List.of());

  public AsPath {
    segments = List.copyOf(segments);
  }

  /** A kind of segment, with its number on the wire. */
  public enum SegmentType {
    SET(1),
    SEQUENCE(2),
    CONFEDERATION_SEQUENCE(3),
    CONFEDERATION_SET(4);

    private final int code;

    SegmentType(int code) {
      this.code = code;
    }

    public int code() {
      return code;
    }
  }

  /**
   * One segment.
   *
   * @param asNumbers 1 to 255 unsigned 32-bit numbers
   */
  public record Segment(SegmentType type, List<Long> asNumbers) {
    public Segment {
      asNumbers = List.copyOf(asNumbers);
    }
  }
}
