package dev.manul.policy.rendering;

/**
 * Bits of a packet's mark that are ours.
 *
 * @param mask all bits that we may use; the lowest four are used
 * @param accept a policy or profile has allowed the packet
 * @param pass a policy has passed it on to the next tier
 * @param all every condition of the rule at hand that has been looked at so far holds
 * @param any one of the alternatives of the condition at hand holds
 */
public record Marks(int mask, int accept, int pass, int all, int any) {

  private static final int NEEDED = 4;

  /**
   * Takes bits out of a mask, the lowest first.
   *
   * @throws IllegalArgumentException when there are too few
   */
  public static Marks of(int mask) {
    if (Integer.bitCount(mask) < NEEDED) {
      throw new IllegalArgumentException(
          "iptablesMarkMask 0x%x has %d bits; policy needs at least %d"
              .formatted(mask, Integer.bitCount(mask), NEEDED));
    }
    int[] bits = new int[NEEDED];
    int left = mask;
    for (int i = 0; i < NEEDED; i++) {
      bits[i] = Integer.lowestOneBit(left);
      left &= ~bits[i];
    }
    return new Marks(mask, bits[0], bits[1], bits[2], bits[3]);
  }

  /** A target that sets bits. */
  static String set(int bits) {
    return "-j MARK --set-xmark 0x%x/0x%x".formatted(bits, bits);
  }

  /** A target that clears bits. */
  static String clear(int bits) {
    return "-j MARK --set-xmark 0x0/0x%x".formatted(bits);
  }

  /** A target that sets one and clears another. */
  static String setAndClear(int set, int clear) {
    return "-j MARK --set-xmark 0x%x/0x%x".formatted(set, set | clear);
  }

  /** A match of packets with all of these bits. */
  static String are(int bits) {
    return "-m mark --mark 0x%x/0x%x".formatted(bits, bits);
  }

  /** A match of packets with none of these bits. */
  static String areNot(int bits) {
    return "-m mark --mark 0x0/0x%x".formatted(bits);
  }
}
