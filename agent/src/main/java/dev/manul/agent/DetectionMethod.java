package dev.manul.agent;

import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * How a node finds its own address: the values of Calico's {@code IP_AUTODETECTION_METHOD}.
 *
 * @see AddressDetection
 */
sealed interface DetectionMethod {

  /** The first global address of the interface with the highest index that is not excluded. */
  record FirstFound() implements DetectionMethod {}

  /** The source address the kernel would use towards {@code destination}, a name or an address. */
  record CanReach(String destination) implements DetectionMethod {}

  /** The first interface that matches a pattern, patterns in order; nothing is excluded. */
  record Interface(List<Pattern> names) implements DetectionMethod {}

  /** As {@link FirstFound}, with more interfaces excluded. */
  record SkipInterface(List<Pattern> names) implements DetectionMethod {}

  /** The first address inside one of the prefixes; nothing is excluded. */
  record Cidr(List<Prefix> prefixes) implements DetectionMethod {}

  /** The InternalIP of the node's Kubernetes object. */
  record KubernetesInternalIp() implements DetectionMethod {}

  /** What is allowed, for error messages. */
  String ALLOWED =
      "first-found, can-reach=HOST, interface=REGEX[,REGEX…], skip-interface=REGEX[,REGEX…], "
          + "cidr=PREFIX[,PREFIX…] or kubernetes-internal-ip";

  /**
   * Reads a method.
   *
   * @param setting the setting's name, for the message
   * @throws AgentException naming the setting and what is allowed
   */
  static DetectionMethod parse(String setting, String text) {
    int equals = text.indexOf('=');
    String method = equals < 0 ? text : text.substring(0, equals);
    String value = equals < 0 ? "" : text.substring(equals + 1);
    boolean wantsValue =
        switch (method) {
          case "can-reach", "interface", "skip-interface", "cidr" -> true;
          default -> false;
        };
    if (wantsValue == value.isEmpty()) {
      throw refused(setting, text);
    }
    return switch (method) {
      case "", "first-found" -> new FirstFound();
      case "can-reach" -> new CanReach(value);
      case "interface" -> new Interface(patterns(setting, value));
      case "skip-interface" -> new SkipInterface(patterns(setting, value));
      case "cidr" -> new Cidr(prefixes(setting, value));
      case "kubernetes-internal-ip" -> new KubernetesInternalIp();
      default -> throw refused(setting, text);
    };
  }

  private static AgentException refused(String setting, String text) {
    return new AgentException(setting + ": \"" + text + "\" is not " + ALLOWED);
  }

  private static List<Pattern> patterns(String setting, String value) {
    List<Pattern> patterns = new ArrayList<>();
    for (String one : value.split(",", -1)) {
      try {
        patterns.add(Pattern.compile(one.strip()));
      } catch (PatternSyntaxException e) {
        throw new AgentException(
            setting + ": \"" + one + "\" is not a regular expression: " + e.getDescription(), e);
      }
    }
    return List.copyOf(patterns);
  }

  private static List<Prefix> prefixes(String setting, String value) {
    List<Prefix> prefixes = new ArrayList<>();
    for (String one : value.split(",", -1)) {
      try {
        prefixes.add(Prefix.parse(one.strip()));
      } catch (IllegalArgumentException e) {
        throw new AgentException(setting + ": " + e.getMessage(), e);
      }
    }
    return List.copyOf(prefixes);
  }
}
