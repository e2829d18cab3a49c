package dev.manul.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** Durations as documents write them, in Go's form: {@code 90s}, {@code 1m30s}, {@code 1.5h}. */
public final class GoDuration {
  private static final BigDecimal MAX_NANOS = BigDecimal.valueOf(Long.MAX_VALUE);

  private GoDuration() {}

  /**
   * Reads a duration. Units are h, m, s, ms, us (or µs) and ns; a bare 0 needs none.
   *
   * @throws IllegalArgumentException with a one-line reason
   */
  public static Duration parse(String text) {
    boolean negative = text.startsWith("-");
    int at = negative || text.startsWith("+") ? 1 : 0;
    if (text.substring(at).equals("0")) {
      return Duration.ZERO;
    }
    BigDecimal nanos = BigDecimal.ZERO;
    if (at == text.length()) {
      throw notADuration(text);
    }
    while (at < text.length()) {
      int start = at;
      while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
        at++;
      }
      String number = text.substring(start, at);
      start = at;
      while (at < text.length() && !isDigit(text.charAt(at)) && text.charAt(at) != '.') {
        at++;
      }
      nanos = nanos.add(amount(number, text).multiply(unit(text.substring(start, at), text)));
    }
    if (nanos.compareTo(MAX_NANOS) > 0) {
      throw notADuration(text);
    }
    long whole = nanos.setScale(0, RoundingMode.DOWN).longValueExact();
    return Duration.ofNanos(negative ? -whole : whole);
  }

  private static BigDecimal amount(String number, String text) {
    boolean sound =
        !number.isEmpty()
            && number.length() <= 30
            && number.indexOf('.') == number.lastIndexOf('.')
            && !number.equals(".");
    if (!sound) {
      throw notADuration(text);
    }
    return new BigDecimal(number.endsWith(".") ? number + "0" : number);
  }

  private static BigDecimal unit(String unit, String text) {
    return switch (unit) {
      case "h" -> BigDecimal.valueOf(3_600_000_000_000L);
      case "m" -> BigDecimal.valueOf(60_000_000_000L);
      case "s" -> BigDecimal.valueOf(1_000_000_000L);
      case "ms" -> BigDecimal.valueOf(1_000_000L);
      case "us", "\u00b5s", "\u03bcs" -> BigDecimal.valueOf(1_000L);
      case "ns" -> BigDecimal.ONE;
      default -> throw notADuration(text);
    };
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static IllegalArgumentException notADuration(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\" is not a duration such as 90s, 1m30s or 500ms");
  }

  /** Writes a duration so that {@link #parse} gives it back: {@code 1h0m5s}, {@code 250ms}. */
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    if (duration.isNegative()) {
      return "-" + format(duration.negated());
    }
    long seconds = duration.getSeconds();
    int nanos = duration.getNano();
    if (seconds == 0) {
      return nanos % 1_000_000 == 0
          ? nanos / 1_000_000 + "ms"
          : nanos % 1_000 == 0 ? nanos / 1_000 + "us" : nanos + "ns";
    }
    StringBuilder text = new StringBuilder();
    if (seconds >= 3600) {
      text.append(seconds / 3600).append('h');
    }
    if (seconds >= 60) {
      text.append(seconds % 3600 / 60).append('m');
    }
    return text.append(
            BigDecimal.valueOf(seconds % 60)
                .add(BigDecimal.valueOf(nanos, 9))
                .stripTrailingZeros()
                .toPlainString())
        .append('s')
        .toString();
  }
}
