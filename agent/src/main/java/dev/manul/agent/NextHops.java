package dev.manul.agent;

import dev.manul.bgp.NextHopResolver;
import dev.manul.model.Address;
import dev.manul.routes.Reach;
import dev.manul.routes.Underlay;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Tells the speaker which next hops this host reaches: by the routes of others, and by those that
 * it keeps itself to pods that are peers and to peers behind a gateway. Any thread, without
 * waiting.
 */
final class NextHops implements NextHopResolver {

  /** Behind a gateway is further away than on the link; how far, no interior protocol says. */
  private static final Resolution BEHIND = new Resolution(true, 1);

  private final Supplier<Underlay> underlay;
  private volatile Known known = new Known(Set.of(), Map.of());

  private record Known(Set<Address> pods, Map<Address, Address> gateways) {}

  NextHops(Supplier<Underlay> underlay) {
    this.underlay = underlay;
  }

  /**
   * Takes new sessions into account.
   *
   * @return whether next hops may resolve otherwise from now on
   */
  boolean look(Peering.Sessions sessions) {
    Set<Address> pods =
        sessions.peers().stream()
            .filter(peer -> peer.type() == Peering.PeerType.LOCAL_WORKLOAD)
            .map(peer -> peer.neighbor().address())
            .collect(Collectors.toUnmodifiableSet());
    Known now = new Known(pods, sessions.gateways());
    boolean news = !now.equals(known);
    known = now;
    return news;
  }

  @Override
  public Resolution resolve(Address nextHop) {
    Known now = known;
    if (now.pods().contains(nextHop)) {
      return Resolution.DIRECT;
    }
    Address gateway = now.gateways().get(nextHop);
    if (gateway != null) {
      return underlay.get().resolve(gateway) instanceof Reach.OnLink
          ? BEHIND
          : Resolution.UNREACHABLE;
    }
    return switch (underlay.get().resolve(nextHop)) {
      case Reach.OnLink onLink -> Resolution.DIRECT;
      case Reach.Behind behind -> BEHIND;
      case Reach.Self self -> Resolution.UNREACHABLE;
      case Reach.Unreachable unreachable -> Resolution.UNREACHABLE;
    };
  }
}
