package dev.manul.bgp.wire;

import dev.manul.bgp.wire.AsPath.Segment;
import dev.manul.bgp.wire.AsPath.SegmentType;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * AS_PATH and AS4_PATH (RFC 4271 section 4.3, RFC 6793 section 3).
 *
 * <pre>
 * +------+-------+-------------------------------+
 * | type | count | count numbers of 2 or 4 octets | ...
 * +------+-------+-------------------------------+
 * </pre>
 */
final class AsPathCodec {
  /** Stands for a number of more than 16 bits towards a peer of 2-octet numbers (RFC 6793). */
  static final int AS_TRANS = 23456;

  private static final int MAX_SEGMENT = 255;

  private AsPathCodec() {}

  /**
   * Reads a path until the buffer ends.
   *
   * @return the path, or null when it is malformed (RFC 7606 section 7.2, RFC 7607)
   */
  static AsPath read(ByteBuf in, boolean fourOctet) {
    if (!in.isReadable()) {
      return AsPath.EMPTY;
    }
    int width = fourOctet ? 4 : 2;
    List<Segment> segments = new ArrayList<>(1);
    while (in.isReadable()) {
      if (in.readableBytes() < 2) {
        return null;
      }
      SegmentType type = segmentType(in.readUnsignedByte());
      int count = in.readUnsignedByte();
      if (type == null || count == 0 || count * width > in.readableBytes()) {
        return null;
      }
      AsNumberList numbers = AsNumberList.read(in, count, fourOctet);
      if (numbers == null) {
        return null;
      }
      segments.add(new Segment(type, numbers));
    }
    return new AsPath(segments);
  }

  private static SegmentType segmentType(int code) {
    return switch (code) {
      case 1 -> SegmentType.SET;
      case 2 -> SegmentType.SEQUENCE;
      case 3 -> SegmentType.CONFEDERATION_SEQUENCE;
      case 4 -> SegmentType.CONFEDERATION_SET;
      default -> null;
    };
  }

  /** Octets of the path on the wire. */
  static int octets(AsPath path, boolean fourOctet) {
    int sum = 0;
    for (Segment segment : path.segments()) {
      int count = segment.asNumbers().size();
      sum += 2 * ((count + MAX_SEGMENT - 1) / MAX_SEGMENT) + count * (fourOctet ? 4 : 2);
    }
    return sum;
  }

  /** Writes the path; a segment of more than 255 numbers becomes several. */
  static void write(AsPath path, boolean fourOctet, ByteBuf out) {
    for (Segment segment : path.segments()) {
      AsNumberList numbers = segment.asNumbers();
      for (int i = 0; i < numbers.size(); i++) {
        if (i % MAX_SEGMENT == 0) {
          out.writeByte(segment.type().code());
          out.writeByte(Math.min(MAX_SEGMENT, numbers.size() - i));
        }
        if (fourOctet) {
          out.writeInt((int) numbers.at(i));
        } else {
          out.writeShort(toTwoOctets(numbers.at(i)));
        }
      }
    }
  }

  static int toTwoOctets(long asNumber) {
    return asNumber > 0xffff ? AS_TRANS : (int) asNumber;
  }

  /** True when some number has more than 16 bits. */
  static boolean isLarge(AsPath path) {
    for (Segment segment : path.segments()) {
      for (int i = 0; i < segment.asNumbers().size(); i++) {
        if (segment.asNumbers().at(i) > 0xffff) {
          return true;
        }
      }
    }
    return false;
  }

  /** The path without the segments of a confederation, which AS4_PATH may not carry. */
  static AsPath withoutConfederation(AsPath path) {
    for (Segment segment : path.segments()) {
      if (isConfederation(segment)) {
        return new AsPath(path.segments().stream().filter(s -> !isConfederation(s)).toList());
      }
    }
    return path;
  }

  static boolean hasConfederation(AsPath path) {
    return path.segments().stream().anyMatch(AsPathCodec::isConfederation);
  }

  private static boolean isConfederation(Segment segment) {
    return segment.type() == SegmentType.CONFEDERATION_SEQUENCE
        || segment.type() == SegmentType.CONFEDERATION_SET;
  }

  /**
   * The path that AS_PATH of 2-octet numbers and AS4_PATH tell together (RFC 6793 section 4.2.3):
   * AS4_PATH, preceded by those numbers of AS_PATH that it does not reach.
   */
  static AsPath merge(AsPath path, AsPath as4Path) {
    int surplus = count(path) - count(as4Path);
    if (surplus < 0) {
      return path;
    }
    List<Segment> merged = new ArrayList<>();
    for (Segment segment : path.segments()) {
      if (isConfederation(segment)) {
        merged.add(segment);
      } else if (surplus == 0) {
        break;
      } else if (segment.type() == SegmentType.SET) {
        merged.add(segment);
        surplus--;
      } else {
        int taken = Math.min(surplus, segment.asNumbers().size());
        merged.add(new Segment(segment.type(), segment.asNumbers().subList(0, taken)));
        surplus -= taken;
      }
    }
    appendJoining(merged, as4Path.segments());
    return new AsPath(merged);
  }

  /** Joins a sequence cut in two again, so that a merged path equals the one first sent. */
  private static void appendJoining(List<Segment> merged, List<Segment> tail) {
    Segment left = merged.isEmpty() ? null : merged.getLast();
    Segment right = tail.isEmpty() ? null : tail.getFirst();
    boolean joins =
        left != null
            && right != null
            && left.type() == SegmentType.SEQUENCE
            && right.type() == SegmentType.SEQUENCE
            && left.asNumbers().size() + right.asNumbers().size() <= MAX_SEGMENT;
    if (!joins) {
      merged.addAll(tail);
      return;
    }
    List<Long> numbers = new ArrayList<>(left.asNumbers());
    numbers.addAll(right.asNumbers());
    merged.set(merged.size() - 1, new Segment(SegmentType.SEQUENCE, numbers));
    merged.addAll(tail.subList(1, tail.size()));
  }

  /** The number of ASes as RFC 4271 section 9.1.2.2 and RFC 5065 count: a set is one. */
  private static int count(AsPath path) {
    int count = 0;
    for (Segment segment : path.segments()) {
      count +=
          switch (segment.type()) {
            case SET -> 1;
            case SEQUENCE -> segment.asNumbers().size();
            case CONFEDERATION_SEQUENCE, CONFEDERATION_SET -> 0;
          };
    }
    return count;
  }
}
