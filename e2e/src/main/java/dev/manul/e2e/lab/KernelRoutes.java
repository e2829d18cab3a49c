package dev.manul.e2e.lab;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The main routing table of a namespace, as {@code ip route} prints it.
 *
 * @param lines its lines
 */
public record KernelRoutes(List<String> lines) {

  private static final Pattern DEVICE = Pattern.compile(" dev (\\S+)");
  private static final Pattern GATEWAY = Pattern.compile(" via (\\S+)");
  private static final Pattern OURS = Pattern.compile(" proto (77|manul)( |$)");

  public KernelRoutes {
    lines = List.copyOf(lines);
  }

  public static KernelRoutes of(String namespace) {
    return new KernelRoutes(
        Run.of(List.of("ip", "-netns", namespace, "route", "show")).orThrow().lines().stream()
            .map(String::strip)
            .toList());
  }

  /** The lines of routes that Manul has made. */
  public List<String> ours() {
    return lines.stream().filter(line -> OURS.matcher(line).find()).toList();
  }

  /** The most specific of our routes to {@code address}, as its line. */
  public Optional<String> ours(String address) {
    String best = null;
    int bestLength = -1;
    for (String line : ours()) {
      int length = lengthIfCovers(line, address);
      if (length > bestLength) {
        best = line;
        bestLength = length;
      }
    }
    return Optional.ofNullable(best);
  }

  /** The prefix length of a line's destination where it covers {@code address}, else -1. */
  private static int lengthIfCovers(String line, String address) {
    String[] words = line.split(" ", -1);
    String destination = words[0].matches("[0-9].*") ? words[0] : words[1];
    int slash = destination.indexOf('/');
    int length = slash < 0 ? 32 : Integer.parseInt(destination.substring(slash + 1));
    String network = slash < 0 ? destination : destination.substring(0, slash);
    int mask = length == 0 ? 0 : -1 << (32 - length);
    return network.indexOf('.') > 0 && (bits(network) & mask) == (bits(address) & mask)
        ? length
        : -1;
  }

  private static int bits(String address) {
    int bits = 0;
    for (String octet : address.split("\\.", -1)) {
      bits = bits << 8 | Integer.parseInt(octet);
    }
    return bits;
  }

  public static Optional<String> device(String line) {
    return group(DEVICE, line);
  }

  public static Optional<String> gateway(String line) {
    return group(GATEWAY, line);
  }

  private static Optional<String> group(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
