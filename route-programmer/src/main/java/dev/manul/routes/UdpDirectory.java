package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.netlink.PacketRelay;
import java.util.Optional;
import java.util.Set;

/**
 * Which node is behind which address, as the routes over a device have it. Immutable.
 *
 * @param ends nodes by the prefixes routed to them
 * @param before the same of those that were routed to them a moment ago: packets that the kernel
 *     has handed over already may be to prefixes that have another way now
 * @param peers the nodes from which packets are taken
 */
record UdpDirectory(PrefixTrie<Address> ends, PrefixTrie<Address> before, Set<Address> peers)
    implements PacketRelay.Directory {

  static final UdpDirectory EMPTY =
      new UdpDirectory(PrefixTrie.empty(), PrefixTrie.empty(), Set.of());

  UdpDirectory {
    peers = Set.copyOf(peers);
  }

  @Override
  public Optional<Address> end(Address destination) {
    Optional<Address> end = ends.longestMatch(destination);
    return end.isPresent() ? end : before.longestMatch(destination);
  }

  @Override
  public boolean isPeer(Address host) {
    return peers.contains(host);
  }
}
