package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A set of the kernel that rules match against.
 *
 * @param name begins with {@code mnl4-} or {@code mnl6-}; at most 31 characters, the kernel's limit
 * @param type such as {@code hash:net}
 * @param members as {@code ipset} prints them
 */
public record IpSet(String name, String type, AddressFamily family, Set<String> members) {

  private static final String HASH_NET = "hash:net";
  private static final int LONGEST_NAME = 31;

  public IpSet {
    if (!name.startsWith(prefix(family)) || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "set \"%s\": a name begins with %s and has at most %d characters"
              .formatted(name, prefix(family), LONGEST_NAME));
    }
    members = Set.copyOf(members);
  }

  /** What begins the name of every set of ours. */
  public static String prefix(AddressFamily family) {
    return family == AddressFamily.IPV6 ? "mnl6-" : "mnl4-";
  }

  /** Whether a set of this name is ours. */
  public static boolean isOurs(String name) {
    return name.startsWith(prefix(AddressFamily.IPV4))
        || name.startsWith(prefix(AddressFamily.IPV6));
  }

  /**
   * A set of prefixes.
   *
   * @param label its name without the prefix
   */
  public static IpSet ofPrefixes(String label, AddressFamily family, Collection<Prefix> prefixes) {
    Set<String> members = new TreeSet<>();
    prefixes.stream().flatMap(IpSet::halved).map(IpSet::member).forEach(members::add);
    return new IpSet(prefix(family) + label, HASH_NET, family, members);
  }

  /** The kernel's hash:net takes no prefix of length 0. */
  private static Stream<Prefix> halved(Prefix prefix) {
    return prefix.length() > 0
        ? Stream.of(prefix)
        : Stream.of(Prefix.of(prefix.address(), 1), Prefix.of(prefix.lastAddress(), 1));
  }

  private static String member(Prefix prefix) {
    return prefix.isSingleAddress() ? prefix.address().toString() : prefix.toString();
  }

  /** The words of {@code ipset create} after the name. */
  public String description() {
    return type + " family " + (family == AddressFamily.IPV6 ? "inet6" : "inet");
  }
}
