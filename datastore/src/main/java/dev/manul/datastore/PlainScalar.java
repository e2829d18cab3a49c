package dev.manul.datastore;

/**
 * What an unquoted YAML scalar means. As in YAML 1.1, which Kubernetes' tools read, {@code yes},
 * {@code no}, {@code on} and {@code off} are booleans.
 */
final class PlainScalar {
  private PlainScalar() {}

  /** A string, Long, Double, Boolean or null. */
  static Object value(String text) {
    if (text.isEmpty()) {
      return null;
    }
    return switch (text.charAt(0)) {
      case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', '.' -> number(text);
      case '~', 'n', 'N', 't', 'T', 'f', 'F', 'y', 'Y', 'o', 'O' -> word(text);
      default -> text;
    };
  }

  private static Object word(String text) {
    return switch (text) {
      case "~", "null", "Null", "NULL" -> null;
      case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON" -> true;
      case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF" -> false;
      default -> text;
    };
  }

  private static Object number(String text) {
    int start = text.charAt(0) == '+' || text.charAt(0) == '-' ? 1 : 0;
    boolean digits = start < text.length();
    boolean decimal = start < text.length();
    int points = 0;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      digits &= digit;
      points += c == '.' ? 1 : 0;
      decimal &= digit || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
    }
    try {
      if (digits) {
        boolean octal = text.length() > start + 1 && text.charAt(start) == '0';
        return octal ? Long.parseLong(text, 8) : Long.parseLong(text);
      }
      if (text.startsWith("0x", start)) {
        return Long.parseLong(text.substring(start + 2), 16) * (text.charAt(0) == '-' ? -1 : 1);
      }
      if (text.startsWith("0o", start)) {
        return Long.parseLong(text.substring(start + 2), 8) * (text.charAt(0) == '-' ? -1 : 1);
      }
      if (decimal && points < 2) {
        return Double.parseDouble(text);
      }
    } catch (NumberFormatException e) {
      return text; // 1-2, 08 and the like are text
    }
    return text; // such as 10.1.5.10
  }
}
