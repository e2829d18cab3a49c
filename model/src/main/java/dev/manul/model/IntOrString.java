package dev.manul.model;

/**
 * What documents write as a number or as text: a protocol such as {@code TCP} or {@code 6}, a port
 * such as {@code 80}, {@code 80:90} or {@code http}. Digits in quotes are the number.
 *
 * @param text never empty; a number in decimal
 */
public record IntOrString(String text) {

  /** Longer ones are names of something, and no numbers. */
  private static final int MAX_DIGITS = 9;

  /** A number. */
  public static IntOrString of(int number) {
    return new IntOrString(Integer.toString(number));
  }

  /** Whether it is a number of 0 or more. */
  public boolean isNumber() {
    return !text.isEmpty()
        && text.length() <= MAX_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /**
   * The number that it is.
   *
   * @throws NumberFormatException when it is none
   */
  public int number() {
    return Integer.parseInt(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
