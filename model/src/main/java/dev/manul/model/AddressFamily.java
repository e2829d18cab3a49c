package dev.manul.model;

/** The two address families that Manul routes. */
public enum AddressFamily {
  IPV4(32),
  IPV6(128);

  private final int bits;

  AddressFamily(int bits) {
    this.bits = bits;
  }

  /** The length of an address in bits: 32 or 128. */
  public int bits() {
    return bits;
  }

  /** The length of an address in octets: 4 or 16. */
  public int octets() {
    return bits / 8;
  }
}
