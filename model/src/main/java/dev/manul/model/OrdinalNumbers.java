package dev.manul.model;

import java.util.Arrays;
import java.util.OptionalLong;

/**
 * An immutable map from ordinals of a block to numbers, without boxes.
 *
 * <p>In documents it is a map whose keys are the ordinals in decimal.
 */
public final class OrdinalNumbers {

  /** No entries. */
  public static final OrdinalNumbers EMPTY = new OrdinalNumbers(new int[0], new long[0]);

  private final int[] ordinals; // ascending
  private final long[] numbers;

  private OrdinalNumbers(int[] ordinals, long[] numbers) {
    this.ordinals = ordinals;
    this.numbers = numbers;
  }

  /**
   * From two arrays of equal length.
   *
   * @param ordinals in ascending order, without duplicates
   */
  public static OrdinalNumbers of(int[] ordinals, long[] numbers) {
    if (ordinals.length != numbers.length) {
      throw new IllegalArgumentException(
          ordinals.length + " ordinals do not go with " + numbers.length + " numbers");
    }
    for (int i = 1; i < ordinals.length; i++) {
      if (ordinals[i - 1] >= ordinals[i]) {
        throw new IllegalArgumentException("ordinals are not ascending at place " + i);
      }
    }
    return new OrdinalNumbers(ordinals.clone(), numbers.clone());
  }

  public int size() {
    return ordinals.length;
  }

  public boolean isEmpty() {
    return ordinals.length == 0;
  }

  /** The ordinal at {@code place}, counted from 0 in ascending order. */
  public int ordinalAt(int place) {
    return ordinals[place];
  }

  /** The number at {@code place}. */
  public long numberAt(int place) {
    return numbers[place];
  }

  /** The number of {@code ordinal}, or empty. */
  public OptionalLong get(int ordinal) {
    int place = Arrays.binarySearch(ordinals, ordinal);
    return place < 0 ? OptionalLong.empty() : OptionalLong.of(numbers[place]);
  }

  public OrdinalNumbers with(int ordinal, long number) {
    int place = Arrays.binarySearch(ordinals, ordinal);
    if (place >= 0) {
      long[] changed = numbers.clone();
      changed[place] = number;
      return new OrdinalNumbers(ordinals, changed);
    }
    int at = -place - 1;
    int[] newOrdinals = Arrays.copyOf(ordinals, ordinals.length + 1);
    long[] newNumbers = Arrays.copyOf(numbers, numbers.length + 1);
    System.arraycopy(ordinals, at, newOrdinals, at + 1, ordinals.length - at);
    System.arraycopy(numbers, at, newNumbers, at + 1, numbers.length - at);
    newOrdinals[at] = ordinal;
    newNumbers[at] = number;
    return new OrdinalNumbers(newOrdinals, newNumbers);
  }

  public OrdinalNumbers without(int ordinal) {
    int at = Arrays.binarySearch(ordinals, ordinal);
    if (at < 0) {
      return this;
    }
    int[] newOrdinals = Arrays.copyOf(ordinals, ordinals.length - 1);
    long[] newNumbers = Arrays.copyOf(numbers, numbers.length - 1);
    System.arraycopy(ordinals, at + 1, newOrdinals, at, newOrdinals.length - at);
    System.arraycopy(numbers, at + 1, newNumbers, at, newNumbers.length - at);
    return new OrdinalNumbers(newOrdinals, newNumbers);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OrdinalNumbers that
        && Arrays.equals(ordinals, that.ordinals)
        && Arrays.equals(numbers, that.numbers);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ordinals) + Arrays.hashCode(numbers);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < ordinals.length; i++) {
      text.append(i == 0 ? "" : ", ").append(ordinals[i]).append('=').append(numbers[i]);
    }
    return text.append('}').toString();
  }
}
