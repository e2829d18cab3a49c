package dev.manul.bgp.filter;

import dev.manul.model.AddressFamily;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a route must be like for a rule to apply. Everything that is there must hold; what is empty
 * holds always.
 *
 * @param family the family of the route's prefix
 * @param prefix the prefix itself
 * @param source where the route comes from
 * @param interfaceName the device that the route leads to, {@code *} standing for any number of
 *     characters; does not hold for a route whose device is not known
 * @param communities holds when the route carries any of them
 * @param asPathPrefix what the AS path begins with, nearest first
 * @param peerType what the neighbour is whose filter this is
 * @param priority the route's priority as the kernel has it, see {@link RouteFilter#priority}
 */
public record Match(
    Optional<AddressFamily> family,
    Optional<PrefixMatch> prefix,
    Optional<Source> source,
    Optional<String> interfaceName,
    List<Community> communities,
    List<Long> asPathPrefix,
    Optional<PeerType> peerType,
    OptionalInt priority) {

  /** Matches every route. */
  public static final Match ANY =
      new Match(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          Optional.empty(),
          OptionalInt.empty());

  /** Where a route comes from. */
  public enum Source {
    /** A neighbour has announced it. */
    REMOTE_PEERS,
    /** This speaker originates it. */
    LOCAL
  }

  /** What a neighbour is. */
  public enum PeerType {
    EXTERNAL,
    INTERNAL
  }

  public Match {
    communities = List.copyOf(communities);
    asPathPrefix = List.copyOf(asPathPrefix);
  }

  /** Whether a route is such. */
  public boolean matches(Candidate route) {
    return (family.isEmpty() || family.get() == route.prefix().family())
        && (prefix.isEmpty() || prefix.get().matches(route.prefix()))
        && (source.isEmpty() || source.get() == route.source())
        && (peerType.isEmpty() || peerType.get() == route.peerType())
        && (priority.isEmpty() || priority.getAsInt() == route.priority())
        && (communities.isEmpty() || anyCommunity(route))
        && (asPathPrefix.isEmpty() || route.attributes().asPath().beginsWith(asPathPrefix))
        && (interfaceName.isEmpty()
            || (route.interfaceName().isPresent()
                && glob(interfaceName.get(), route.interfaceName().get())));
  }

  private boolean anyCommunity(Candidate route) {
    for (Community community : communities) {
      if (community.in(route.attributes())) {
        return true;
      }
    }
    return false;
  }

  /** Whether two routes with the same attributes may fare differently by their prefixes. */
  boolean looksAtPrefix() {
    return prefix.isPresent();
  }

  /** Matches without recursion: on a mismatch the last star takes one character more. */
  static boolean glob(String pattern, String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int resume = 0;
    while (n < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = n;
      } else if (p < pattern.length() && pattern.charAt(p) == name.charAt(n)) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  public Match withFamily(AddressFamily value) {
    return new Match(
        Optional.of(value),
        prefix,
        source,
        interfaceName,
        communities,
        asPathPrefix,
        peerType,
        priority);
  }

  public Match withPrefix(PrefixMatch value) {
    return new Match(
        family,
        Optional.of(value),
        source,
        interfaceName,
        communities,
        asPathPrefix,
        peerType,
        priority);
  }

  public Match withSource(Source value) {
    return new Match(
        family,
        prefix,
        Optional.of(value),
        interfaceName,
        communities,
        asPathPrefix,
        peerType,
        priority);
  }

  public Match withInterfaceName(String value) {
    return new Match(
        family, prefix, source, Optional.of(value), communities, asPathPrefix, peerType, priority);
  }

  public Match withCommunities(List<Community> value) {
    return new Match(
        family, prefix, source, interfaceName, value, asPathPrefix, peerType, priority);
  }

  public Match withAsPathPrefix(List<Long> value) {
    return new Match(family, prefix, source, interfaceName, communities, value, peerType, priority);
  }

  public Match withPeerType(PeerType value) {
    return new Match(
        family,
        prefix,
        source,
        interfaceName,
        communities,
        asPathPrefix,
        Optional.of(value),
        priority);
  }

  public Match withPriority(int value) {
    return new Match(
        family,
        prefix,
        source,
        interfaceName,
        communities,
        asPathPrefix,
        peerType,
        OptionalInt.of(value));
  }
}
