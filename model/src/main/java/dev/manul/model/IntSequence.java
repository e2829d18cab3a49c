package dev.manul.model;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An immutable sequence of ints that does not box them: a block of 4096 addresses has two.
 *
 * <p>In documents it is a list of numbers in which {@link #NONE} is written as null.
 */
public final class IntSequence {

  /** Stands for null. */
  public static final int NONE = -1;

  /** No elements. */
  public static final IntSequence EMPTY = new IntSequence(new int[0]);

  private final int[] elements;

  private IntSequence(int[] elements) {
    this.elements = elements;
  }

  public static IntSequence of(int... elements) {
    return elements.length == 0 ? EMPTY : new IntSequence(elements.clone());
  }

  /** {@code value}, {@code size} times. */
  public static IntSequence filled(int size, int value) {
    int[] all = new int[size];
    Arrays.fill(all, value);
    return new IntSequence(all);
  }

  /** 0, 1, 2 … {@code size - 1}. */
  public static IntSequence range(int size) {
    int[] all = new int[size];
    Arrays.setAll(all, i -> i);
    return new IntSequence(all);
  }

  public int size() {
    return elements.length;
  }

  public boolean isEmpty() {
    return elements.length == 0;
  }

  public int get(int index) {
    return elements[index];
  }

  /** The first place of {@code value}, or -1. */
  public int indexOf(int value) {
    for (int i = 0; i < elements.length; i++) {
      if (elements[i] == value) {
        return i;
      }
    }
    return -1;
  }

  public boolean contains(int value) {
    return indexOf(value) >= 0;
  }

  public IntStream stream() {
    return Arrays.stream(elements);
  }

  /** A fresh array of the elements: change it at will, then make a sequence of it. */
  public int[] toArray() {
    return elements.clone();
  }

  /** The sequence with another value at {@code index}. */
  public IntSequence with(int index, int value) {
    int[] changed = elements.clone();
    changed[index] = value;
    return new IntSequence(changed);
  }

  /** The sequence with {@code values} behind it. */
  public IntSequence appended(int... values) {
    int[] longer = Arrays.copyOf(elements, elements.length + values.length);
    System.arraycopy(values, 0, longer, elements.length, values.length);
    return new IntSequence(longer);
  }

  /** The sequence without its first {@code count} elements. */
  public IntSequence withoutFirst(int count) {
    return new IntSequence(Arrays.copyOfRange(elements, count, elements.length));
  }

  /** The sequence without the first element that equals {@code value}, if there is one. */
  public IntSequence without(int value) {
    int at = indexOf(value);
    if (at < 0) {
      return this;
    }
    int[] shorter = new int[elements.length - 1];
    System.arraycopy(elements, 0, shorter, 0, at);
    System.arraycopy(elements, at + 1, shorter, at, shorter.length - at);
    return new IntSequence(shorter);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IntSequence that && Arrays.equals(elements, that.elements);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(elements);
  }

  @Override
  public String toString() {
    return Arrays.toString(elements);
  }
}
