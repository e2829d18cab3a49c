package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigInteger;

/**
 * An address prefix such as {@code 10.244.0.0/26}, with all bits after {@code length} clear.
 *
 * <p>Prefixes order by address and then by length, so that a prefix comes before those inside it.
 *
 * @param address the first address
 * @param length 0 to 32, or 0 to 128
 */
public record Prefix(Address address, int length) implements Comparable<Prefix> {

  public Prefix {
    if (length < 0 || length > address.family().bits()) {
      throw new IllegalArgumentException(
          "a prefix length of " + length + " is not within 0 to " + address.family().bits());
    }
    if (!address.masked(length).equals(address)) {
      throw new IllegalArgumentException(
          "\""
              + address
              + "/"
              + length
              + "\" has bits set after its length; did you mean "
              + address.masked(length)
              + "/"
              + length
              + "?");
    }
  }

  /** The prefix of {@code length} bits that holds {@code address}; bits after it are cleared. */
  public static Prefix of(Address address, int length) {
    return new Prefix(address.masked(length), length);
  }

  /**
   * Reads {@code address/length}, or a bare address as a prefix of full length.
   *
   * @throws IllegalArgumentException when the text is not a prefix, or has bits set after its
   *     length
   */
  @JsonCreator
  public static Prefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return Address.parse(text).toPrefix();
    }
    return new Prefix(Address.parse(text.substring(0, slash)), parseLength(text, slash));
  }

  static int parseLength(String text, int slash) {
    String digits = text.substring(slash + 1);
    if (digits.isEmpty()
        || digits.length() > 3
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("\"" + text + "\" is not a prefix");
    }
    return Integer.parseInt(digits);
  }

  public AddressFamily family() {
    return address.family();
  }

  /** True when {@code other} lies inside this prefix. */
  public boolean contains(Address other) {
    return other.family() == family() && other.masked(length).equals(address);
  }

  /** True when {@code other} is this prefix or lies inside it. */
  public boolean contains(Prefix other) {
    return other.length >= length && contains(other.address);
  }

  public boolean overlaps(Prefix other) {
    return contains(other) || other.contains(this);
  }

  /** True for a /32 or a /128. */
  public boolean isSingleAddress() {
    return length == family().bits();
  }

  /** How many addresses the prefix holds. */
  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(family().bits() - length);
  }

  /** The last address of the prefix. */
  public Address lastAddress() {
    return address.plus(size().subtract(BigInteger.ONE));
  }

  @Override
  public int compareTo(Prefix other) {
    int byAddress = address.compareTo(other.address);
    return byAddress != 0 ? byAddress : Integer.compare(length, other.length);
  }

  @JsonValue
  @Override
  public String toString() {
    return address + "/" + length;
  }
}
