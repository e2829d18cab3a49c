package dev.manul.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads the texts in rules of policies: protocols, ports, prefixes and selectors. What cannot be
 * read ends in an {@link IllegalArgumentException} whose message says what was got and what is
 * allowed.
 */
public final class RuleValues {

  public static final int ICMP = 1;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int ICMPV6 = 58;
  public static final int SCTP = 132;
  public static final int UDP_LITE = 136;

  /** The most characters that a selector may have. */
  public static final int MAX_SELECTOR = 1024;

  private static final int MAX_PORT = 65_535;
  private static final Pattern PORT_NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");

  /** By their names in upper case; numbers are IANA's. */
  private static final Map<String, Integer> PROTOCOLS =
      Map.of(
          "TCP", TCP,
          "UDP", UDP,
          "ICMP", ICMP,
          "ICMPV6", ICMPV6,
          "SCTP", SCTP,
          "UDPLITE", UDP_LITE);

  private RuleValues() {}

  /**
   * Ports from the first to the last, or the name of a port.
   *
   * @param name "" for numbers
   */
  public record PortMatch(int first, int last, String name) {

    /** Whether it is a name. */
    public boolean isNamed() {
      return !name.isEmpty();
    }
  }

  /** The number of a protocol: of its name in any case, or 1 to 255. */
  public static int protocol(IntOrString value) {
    Integer known = PROTOCOLS.get(value.text().toUpperCase(Locale.ROOT));
    if (known != null) {
      return known;
    }
    if (value.isNumber() && value.number() >= 1 && value.number() <= 255) {
      return value.number();
    }
    throw new IllegalArgumentException(
        got(value.text()) + "TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite and 1 to 255");
  }

  /** Whether packets of a protocol have ports that rules can ask for. */
  public static boolean hasPorts(int protocol) {
    return protocol == TCP || protocol == UDP || protocol == SCTP;
  }

  /** The number of a protocol with ports, of those that Kubernetes knows; TCP when none is said. */
  public static int kubernetesProtocol(String name) {
    return switch (name) {
      case "", "TCP" -> TCP;
      case "UDP" -> UDP;
      case "SCTP" -> SCTP;
      default -> throw new IllegalArgumentException(got(name) + "TCP, UDP and SCTP");
    };
  }

  /** A port, a range of ports such as {@code 80:90}, or the name of a port. */
  public static PortMatch port(IntOrString value) {
    String text = value.text();
    int colon = text.indexOf(':');
    if (colon > 0) {
      int first = portNumber(text.substring(0, colon), text);
      int last = portNumber(text.substring(colon + 1), text);
      if (first > last) {
        throw new IllegalArgumentException(
            "got " + text + ", which is reversed; did you mean " + last + ":" + first + "?");
      }
      return new PortMatch(first, last, "");
    }
    if (isDigits(text)) {
      int port = portNumber(text, text);
      return new PortMatch(port, port, "");
    }
    return new PortMatch(0, 0, portName(text));
  }

  private static int portNumber(String digits, String text) {
    IntOrString number = new IntOrString(digits);
    if (!number.isNumber() || number.number() > MAX_PORT) {
      throw notPort(text);
    }
    return number.number();
  }

  /** Checks the name of a port, as RFC 6335 and Kubernetes have them, a little wider. */
  static String portName(String text) {
    // without a letter it is more likely a range that is written otherwise
    boolean hasLetter = text.chars().anyMatch(Character::isLetter);
    if (!hasLetter || !PORT_NAME.matcher(text).matches()) {
      throw notPort(text);
    }
    return text;
  }

  private static IllegalArgumentException notPort(String text) {
    return new IllegalArgumentException(
        got(text) + "0 to 65535, a range such as 80:90, and the name of a port");
  }

  private static boolean isDigits(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** A prefix, or an address for itself alone; bits after the prefix's length are left away. */
  public static Prefix net(String text) {
    return InterfaceAddress.parse(text).subnet();
  }

  /** A selector of up to {@link #MAX_SELECTOR} characters; empty text selects everything. */
  public static Selector selector(String text) {
    if (text.length() > MAX_SELECTOR) {
      throw new IllegalArgumentException(
          "got " + text.length() + " characters, allowed are up to " + MAX_SELECTOR);
    }
    return Selector.parse(text);
  }

  /** Whether {@code global()} occurs in it. */
  static boolean mentionsGlobal(Selector selector) {
    return switch (selector) {
      case Selector.Global _ -> true;
      case Selector.Not not -> mentionsGlobal(not.term());
      case Selector.And and -> and.terms().stream().anyMatch(RuleValues::mentionsGlobal);
      case Selector.Or or -> or.terms().stream().anyMatch(RuleValues::mentionsGlobal);
      default -> false;
    };
  }

  /** Kubernetes' selector in Calico's language. */
  public static Selector selector(LabelSelector selector) {
    List<Selector> terms = new ArrayList<>();
    new TreeMap<>(selector.matchLabels())
        .forEach((label, value) -> terms.add(new Selector.Equal(label, value)));
    for (LabelSelector.Requirement requirement : selector.matchExpressions()) {
      terms.add(term(requirement));
    }
    return switch (terms.size()) {
      case 0 -> Selector.ALL;
      case 1 -> terms.getFirst();
      default -> new Selector.And(terms);
    };
  }

  private static Selector term(LabelSelector.Requirement requirement) {
    String label = requirement.key();
    if (label.isEmpty()) {
      throw new IllegalArgumentException("matchExpressions: key is missing");
    }
    String operator = requirement.operator();
    boolean compares = operator.equals("In") || operator.equals("NotIn");
    boolean asks = operator.equals("Exists") || operator.equals("DoesNotExist");
    if (!compares && !asks) {
      throw new IllegalArgumentException(
          "matchExpressions: operator: " + got(operator) + "In, NotIn, Exists and DoesNotExist");
    }
    if (compares == requirement.values().isEmpty()) {
      throw new IllegalArgumentException(
          "matchExpressions: "
              + label
              + " "
              + operator
              + (compares ? " needs values" : " takes no values"));
    }
    Set<String> values = Set.copyOf(requirement.values());
    return switch (operator) {
      case "In" -> new Selector.In(label, values);
      case "NotIn" -> new Selector.NotIn(label, values);
      case "Exists" -> new Selector.Has(label);
      default -> new Selector.Not(new Selector.Has(label));
    };
  }

  private static String got(String text) {
    return "got \"" + text + "\", allowed are ";
  }
}
