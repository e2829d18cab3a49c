package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * An address together with the length of the subnet it is in, such as {@code 10.1.5.10/24}: what an
 * interface has, and what a Node resource says of its node.
 *
 * @param address the address itself, host bits and all
 * @param length the subnet's prefix length, 0 to 32 or 0 to 128
 */
public record InterfaceAddress(Address address, int length) {

  public InterfaceAddress {
    if (length < 0 || length > address.family().bits()) {
      throw new IllegalArgumentException(
          "a prefix length of " + length + " is not within 0 to " + address.family().bits());
    }
  }

  /** Reads {@code address/length}, or a bare address with full length. */
  @JsonCreator
  public static InterfaceAddress parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      Address address = Address.parse(text);
      return new InterfaceAddress(address, address.family().bits());
    }
    return new InterfaceAddress(
        Address.parse(text.substring(0, slash)), Prefix.parseLength(text, slash));
  }

  /** The subnet this address is in. */
  public Prefix subnet() {
    return Prefix.of(address, length);
  }

  @JsonValue
  @Override
  public String toString() {
    return address + "/" + length;
  }
}
