package dev.manul.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Collects violations; each check names the field, what was got and what is allowed. */
final class FieldChecks {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}");
  private static final Pattern INTERFACE = Pattern.compile("[a-zA-Z0-9_.-]{1,15}");
  private static final List<String> SEVERITIES =
      List.of("Debug", "Info", "Warning", "Error", "Fatal");

  private final List<Violation> violations = new ArrayList<>();

  List<Violation> violations() {
    return violations;
  }

  void refuse(String field, String message) {
    violations.add(new Violation(field, message));
  }

  /** A map's or list's field that must be there. */
  boolean present(String field, Object value) {
    if (value == null || value.equals("")) {
      refuse(field, "is missing");
      return false;
    }
    return true;
  }

  void range(String field, long value, long least, long most) {
    if (value < least || value > most) {
      refuse(field, "got " + value + ", allowed are " + least + " to " + most);
    }
  }

  void range(String field, Optional<? extends Number> value, long least, long most) {
    value.ifPresent(number -> range(field, number.longValue(), least, most));
  }

  void oneOf(String field, String value, List<String> allowed) {
    if (!allowed.contains(value)) {
      refuse(field, "got \"" + value + "\", allowed are " + String.join(", ", allowed));
    }
  }

  void severity(String field, Optional<String> value) {
    // as in Calico, in any case
    value.ifPresent(
        text -> {
          if (SEVERITIES.stream().noneMatch(text::equalsIgnoreCase)) {
            refuse(field, "got \"" + text + "\", allowed are " + String.join(", ", SEVERITIES));
          }
        });
  }

  /** {@code selector} may be empty. */
  void selector(String field, String selector) {
    try {
      Selector _ = Selector.parse(selector);
    } catch (IllegalArgumentException e) {
      refuse(field, e.getMessage());
    }
  }

  /**
   * A selector in a policy; may be empty.
   *
   * @param global whether {@code global()} may stand in it, which it does alone
   */
  void ruleSelector(String field, String selector, boolean global) {
    Selector read;
    try {
      read = RuleValues.selector(selector);
    } catch (IllegalArgumentException e) {
      refuse(field, e.getMessage());
      return;
    }
    if (RuleValues.mentionsGlobal(read) && !(global && read instanceof Selector.Global)) {
      refuse(
          field,
          "got \""
              + selector
              + "\", allowed is global() only in a rule's namespaceSelector, and alone");
    }
  }

  /** Kubernetes' selector. */
  void selector(String field, LabelSelector selector) {
    attempt(field, () -> RuleValues.selector(selector));
  }

  /** Whatever ends in an {@link IllegalArgumentException} that says what is allowed. */
  void attempt(String field, Supplier<?> reading) {
    try {
      Object _ = reading.get();
    } catch (IllegalArgumentException e) {
      refuse(field, e.getMessage());
    }
  }

  /** The directions of a policy. */
  void types(String field, List<String> types) {
    for (int i = 0; i < types.size(); i++) {
      oneOf(field + "[" + i + "]", types.get(i), PolicySpec.TYPES);
      if (types.indexOf(types.get(i)) < i) {
        refuse(field + "[" + i + "]", "\"" + types.get(i) + "\" occurs twice");
      }
    }
  }

  /** A list that may not be longer. */
  void count(String field, List<?> items, int most) {
    if (items.size() > most) {
      refuse(field, "got " + items.size() + " entries, allowed are up to " + most);
    }
  }

  void finite(String field, Optional<Double> number) {
    number
        .filter(found -> !Double.isFinite(found))
        .ifPresent(found -> refuse(field, "got " + found + ", allowed are numbers"));
  }

  /** Prefixes and addresses. */
  void nets(String field, List<String> nets) {
    for (int i = 0; i < nets.size(); i++) {
      String net = nets.get(i);
      attempt(field + "[" + i + "]", () -> RuleValues.net(net));
    }
  }

  /** A label as RFC 1123 has it. */
  void label(String field, String name) {
    if (!LABEL.matcher(name).matches()) {
      refuse(
          field,
          "got \""
              + name
              + "\", allowed are up to 63 lower-case letters, digits and dashes, a letter or digit"
              + " first and last");
    }
  }

  /** {@code address} may be empty. */
  void address(String field, String address, Optional<AddressFamily> family) {
    if (address.isEmpty()) {
      return;
    }
    try {
      AddressFamily found = Address.parse(address).family();
      if (family.isPresent() && found != family.get()) {
        refuse(field, "got " + address + ", wanted an address of " + family.get());
      }
    } catch (IllegalArgumentException e) {
      refuse(field, e.getMessage());
    }
  }

  void family(String field, Optional<? extends Address> address, AddressFamily family) {
    address
        .filter(found -> found.family() != family)
        .ifPresent(found -> refuse(field, "got " + found + ", wanted an address of " + family));
  }

  void mac(String field, String mac) {
    if (!mac.isEmpty() && !MAC.matcher(mac).matches()) {
      refuse(field, "got \"" + mac + "\", wanted a MAC address such as ee:ee:ee:ee:ee:ee");
    }
  }

  void interfaceName(String field, String name) {
    if (!name.isEmpty() && !INTERFACE.matcher(name).matches()) {
      refuse(
          field,
          "got \""
              + name
              + "\", allowed are 1 to 15 letters, digits, underscores, dots and dashes");
    }
  }

  void notNegative(String field, Optional<Duration> duration) {
    duration
        .filter(Duration::isNegative)
        .ifPresent(
            found -> refuse(field, "got " + GoDuration.format(found) + ", allowed is 0s or more"));
  }

  /** A name as RFC 1123 has it: labels of letters, digits and dashes, with dots between them. */
  void subdomain(String field, String name) {
    if (!isSubdomain(name)) {
      refuse(
          field,
          "got \""
              + name
              + "\", allowed are up to 253 lower-case letters, digits, dashes and dots,"
              + " a letter or digit first, last and beside every dot");
    }
  }

  private static boolean isSubdomain(String name) {
    if (name.isEmpty() || name.length() > 253) {
      return false;
    }
    char before = '.';
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      boolean separator = c == '.' || c == '-';
      boolean edge = before == '.' || (before == '-' && c == '.');
      if (!alphanumeric && (!separator || edge)) {
        return false;
      }
      before = c;
    }
    return before != '.' && before != '-';
  }
}
