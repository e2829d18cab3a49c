package dev.manul.bgp.wire;

import io.netty.buffer.ByteBuf;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * AS numbers, unsigned 32-bit ones, in the four octets each that they have on the wire (RFC 6793).
 *
 * <p>A table whose routes have paths of their own has some million of them, and an object a number
 * would be most of what it takes: whoever looks at all of them uses {@link #at}. Immutable.
 */
public final class AsNumberList extends AbstractList<Long> implements RandomAccess {
  private final int[] numbers;

  private AsNumberList(int[] numbers) {
    this.numbers = numbers;
  }

  /**
   * The same numbers in this form.
   *
   * @throws IllegalArgumentException when one is not within 0 to 4294967295
   */
  public static AsNumberList of(List<Long> asNumbers) {
    if (asNumbers instanceof AsNumberList same) {
      return same;
    }
    int[] numbers = new int[asNumbers.size()];
    int i = 0;
    for (long number : asNumbers) {
      if (number >>> 32 != 0) {
        throw new IllegalArgumentException(number + " is no AS number: 0 to 4294967295");
      }
      numbers[i++] = (int) number;
    }
    return new AsNumberList(numbers);
  }

  /**
   * Reads numbers of four octets each, or of two.
   *
   * @return null when one is 0, which is nobody's (RFC 7607)
   */
  static AsNumberList read(ByteBuf in, int count, boolean fourOctet) {
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = fourOctet ? in.readInt() : in.readUnsignedShort();
      if (numbers[i] == 0) {
        return null;
      }
    }
    return new AsNumberList(numbers);
  }

  /** These numbers after another one. */
  AsNumberList after(int first) {
    int[] longer = new int[numbers.length + 1];
    longer[0] = first;
    System.arraycopy(numbers, 0, longer, 1, numbers.length);
    return new AsNumberList(longer);
  }

  /** The number at an index, 0 to 4294967295. */
  public long at(int index) {
    return Integer.toUnsignedLong(numbers[index]);
  }

  @Override
  public Long get(int index) {
    return at(index);
  }

  @Override
  public int size() {
    return numbers.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AsNumberList that
        ? Arrays.equals(numbers, that.numbers)
        : super.equals(other);
  }

  /** That of any list of these numbers. */
  @Override
  public int hashCode() {
    int hash = 1;
    for (int number : numbers) {
      hash = 31 * hash + number; // of a number without an upper half, Long has the same
    }
    return hash;
  }
}
