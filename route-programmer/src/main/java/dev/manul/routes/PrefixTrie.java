package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import dev.manul.model.Prefix;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * An immutable map from prefixes to values with longest-prefix match: a path-compressed binary tree
 * for each family. A changed copy shares all but the path to the change, so that a change costs as
 * much as a look-up: at most one step a bit.
 */
final class PrefixTrie<V> {

  private static final PrefixTrie<?> EMPTY = new PrefixTrie<>(null, null, 0);

  private final Node<V> ipv4;
  private final Node<V> ipv6;
  private final int size;

  private PrefixTrie(Node<V> ipv4, Node<V> ipv6, int size) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
    this.size = size;
  }

  /** A node without a value is a fork: both children are there. */
  private record Node<V>(Prefix prefix, V value, Node<V> zero, Node<V> one) {

    Node<V> child(Address address) {
      return address.bit(prefix.length()) ? one : zero;
    }

    Node<V> withChild(Node<V> child, Address side) {
      return side.bit(prefix.length())
          ? new Node<>(prefix, value, zero, child)
          : new Node<>(prefix, value, child, one);
    }
  }

  @SuppressWarnings("unchecked")
  static <V> PrefixTrie<V> empty() {
    return (PrefixTrie<V>) EMPTY;
  }

  static <V> PrefixTrie<V> of(Map<Prefix, V> values) {
    PrefixTrie<V> trie = empty();
    for (Map.Entry<Prefix, V> each : values.entrySet()) {
      trie = trie.with(each.getKey(), each.getValue());
    }
    return trie;
  }

  int size() {
    return size;
  }

  private Node<V> root(AddressFamily family) {
    return family == AddressFamily.IPV4 ? ipv4 : ipv6;
  }

  private PrefixTrie<V> withRoot(AddressFamily family, Node<V> root, int newSize) {
    return family == AddressFamily.IPV4
        ? new PrefixTrie<>(root, ipv6, newSize)
        : new PrefixTrie<>(ipv4, root, newSize);
  }

  Optional<V> get(Prefix prefix) {
    Node<V> node = root(prefix.family());
    while (node != null && node.prefix.length() < prefix.length()) {
      node = node.child(prefix.address());
    }
    return node != null && node.prefix.equals(prefix)
        ? Optional.ofNullable(node.value)
        : Optional.empty();
  }

  /** The value of the longest prefix that contains {@code address}. */
  Optional<V> longestMatch(Address address) {
    return longestMatch(Prefix.of(address, address.family().bits()));
  }

  /** The value of the longest prefix that contains {@code prefix}, which may be itself. */
  Optional<V> longestMatch(Prefix prefix) {
    V best = null;
    Node<V> node = root(prefix.family());
    while (node != null && node.prefix.contains(prefix)) {
      if (node.value != null) {
        best = node.value;
      }
      node = node.prefix.length() == prefix.length() ? null : node.child(prefix.address());
    }
    return Optional.ofNullable(best);
  }

  PrefixTrie<V> with(Prefix prefix, V value) {
    Node<V> root = root(prefix.family());
    int added = get(prefix).isPresent() ? 0 : 1;
    return withRoot(prefix.family(), insert(root, prefix, value), size + added);
  }

  PrefixTrie<V> without(Prefix prefix) {
    if (get(prefix).isEmpty()) {
      return this;
    }
    return withRoot(prefix.family(), remove(root(prefix.family()), prefix), size - 1);
  }

  private static <V> Node<V> insert(Node<V> node, Prefix prefix, V value) {
    if (node == null) {
      return new Node<>(prefix, value, null, null);
    }
    if (node.prefix.equals(prefix)) {
      return new Node<>(prefix, value, node.zero, node.one);
    }
    int common = commonLength(node.prefix, prefix);
    if (common == node.prefix.length()) {
      Node<V> child = insert(node.child(prefix.address()), prefix, value);
      return node.withChild(child, prefix.address());
    }
    if (common == prefix.length()) {
      return new Node<V>(prefix, value, null, null).withChild(node, node.prefix.address());
    }
    return new Node<V>(Prefix.of(prefix.address(), common), null, null, null)
        .withChild(node, node.prefix.address())
        .withChild(new Node<>(prefix, value, null, null), prefix.address());
  }

  /** Removes a prefix that is there. */
  private static <V> Node<V> remove(Node<V> node, Prefix prefix) {
    if (!node.prefix.equals(prefix)) {
      Node<V> child = remove(node.child(prefix.address()), prefix);
      return collapse(node.withChild(child, prefix.address()));
    }
    return collapse(new Node<>(prefix, null, node.zero, node.one));
  }

  private static <V> Node<V> collapse(Node<V> node) {
    if (node.value != null || (node.zero != null && node.one != null)) {
      return node;
    }
    return node.zero != null ? node.zero : node.one;
  }

  /** Calls {@code action} with every prefix and its value, in no particular order. */
  void forEach(BiConsumer<Prefix, V> action) {
    forEach(ipv4, action);
    forEach(ipv6, action);
  }

  private static <V> void forEach(Node<V> node, BiConsumer<Prefix, V> action) {
    if (node != null) {
      if (node.value != null) {
        action.accept(node.prefix, node.value);
      }
      forEach(node.zero, action);
      forEach(node.one, action);
    }
  }

  private static int commonLength(Prefix a, Prefix b) {
    return Math.min(Math.min(a.length(), b.length()), equalBits(a.address(), b.address()));
  }

  private static int equalBits(Address a, Address b) {
    return switch (a) {
      case Ipv4Address a4 -> Integer.numberOfLeadingZeros(a4.value() ^ ((Ipv4Address) b).value());
      case Ipv6Address a6 -> {
        Ipv6Address b6 = (Ipv6Address) b;
        int high = Long.numberOfLeadingZeros(a6.high() ^ b6.high());
        yield high < 64 ? high : 64 + Long.numberOfLeadingZeros(a6.low() ^ b6.low());
      }
    };
  }
}
