package dev.manul.bgp.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * AS_PATH (RFC 4271 section 5.1.2): the autonomous systems a route has crossed, nearest first.
 *
 * @param segments the segments, none of them empty
 */
public record AsPath(List<Segment> segments) {
  public static final AsPath EMPTY = new AsPath(List.of());

  private static final int LONGEST_SEGMENT = 255;

  public AsPath {
    segments = List.copyOf(segments);
  }

  /** The path with one more AS before it (RFC 4271 section 5.1.2). */
  public AsPath prepend(long asNumber) {
    List<Segment> longer = new ArrayList<>(segments);
    Segment first = segments.isEmpty() ? null : segments.getFirst();
    if (first != null
        && first.type() == SegmentType.SEQUENCE
        && first.asNumbers().size() < LONGEST_SEGMENT) {
      longer.set(0, new Segment(SegmentType.SEQUENCE, first.asNumbers().after((int) asNumber)));
    } else {
      longer.addFirst(new Segment(SegmentType.SEQUENCE, List.of(asNumber)));
    }
    return new AsPath(longer);
  }

  /** The path with every occurrence of a number replaced by another. */
  public AsPath replace(long asNumber, long other) {
    if (count(asNumber) == 0) {
      return this;
    }
    List<Segment> replaced = new ArrayList<>(segments.size());
    for (Segment segment : segments) {
      List<Long> numbers = new ArrayList<>(segment.asNumbers());
      numbers.replaceAll(number -> number == asNumber ? other : number);
      replaced.add(new Segment(segment.type(), numbers));
    }
    return new AsPath(replaced);
  }

  /** Whether the path begins with these numbers, all of them in sequences. */
  public boolean beginsWith(List<Long> asNumbers) {
    int matched = 0;
    for (Segment segment : segments) {
      if (matched == asNumbers.size()) {
        return true;
      }
      if (segment.type() == SegmentType.SET) {
        return false;
      }
      for (int i = 0;
          segment.type() == SegmentType.SEQUENCE
              && i < segment.asNumbers().size()
              && matched < asNumbers.size();
          i++) {
        if (segment.asNumbers().at(i) != asNumbers.get(matched++)) {
          return false;
        }
      }
    }
    return matched == asNumbers.size();
  }

  /** How often a number is in the path. */
  public int count(long asNumber) {
    int count = 0;
    for (Segment segment : segments) {
      AsNumberList numbers = segment.asNumbers();
      for (int i = 0; i < numbers.size(); i++) {
        count += numbers.at(i) == asNumber ? 1 : 0;
      }
    }
    return count;
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
  public record Segment(SegmentType type, AsNumberList asNumbers) {
    public Segment(SegmentType type, List<Long> asNumbers) {
      this(type, AsNumberList.of(asNumbers));
    }
  }
}
