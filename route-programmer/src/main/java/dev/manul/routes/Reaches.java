package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.InterfaceAddress;
import dev.manul.netlink.Link;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How packets get to next hops: a pure function of the underlay and the view of the node that
 * remembers what it has found. Safe for any thread.
 */
final class Reaches {
  private final Underlay underlay;
  private final NodeView view;
  private final Optional<Link> tunnel;
  private final Map<Address, Reach> found = new ConcurrentHashMap<>();

  /**
   * @param tunnel the device of IP-in-IP, by which no next hop of its own is reached
   */
  Reaches(Underlay underlay, NodeView view, Optional<Link> tunnel) {
    this.underlay = underlay;
    this.view = view;
    this.tunnel = tunnel;
  }

  /**
   * How a packet gets to a next hop. The kernel's routes decide; the subnet of the node's address
   * counts where they say nothing more specific, as with an address that has no route of its own.
   * So a node address of full length, as clouds give it, does not turn neighbours into strangers.
   */
  Reach of(Address nextHop) {
    return found.computeIfAbsent(nextHop, this::find);
  }

  private Reach find(Address nextHop) {
    Address gateway = view.hostRoutes().get(nextHop);
    if (gateway != null) {
      return outside(gateway) instanceof Reach.OnLink onLink
          ? new Reach.Behind(List.of(onLink.hopTo(gateway)))
          : new Reach.Unreachable("its gateway " + gateway + " is on no link of this host");
    }
    String device = view.workloads().get(nextHop.toPrefix());
    if (device != null) {
      return underlay
          .link(device)
          .filter(Link::up)
          .<Reach>map(link -> new Reach.OnLink(link.index(), true))
          .orElseGet(() -> new Reach.Unreachable("its interface " + device + " is not up"));
    }
    return outside(nextHop);
  }

  /** As the underlay has it, which knows nothing of what we route. */
  Reach outside(Address nextHop) {
    Reach reach = underlay.resolve(nextHop);
    if (reach instanceof Reach.OnLink onLink
        && tunnel.isPresent()
        && tunnel.get().index() == onLink.linkIndex()) {
      return new Reach.Unreachable("its route goes through " + tunnel.get().name() + " itself");
    }
    if (reach instanceof Reach.OnLink || reach instanceof Reach.Self || nextHop.isLinkLocal()) {
      return reach;
    }
    Optional<InterfaceAddress> own = view.address(nextHop.family());
    if (own.isEmpty() || !own.get().subnet().contains(nextHop)) {
      return reach;
    }
    int specific = underlay.lookup(nextHop).map(r -> r.destination().length()).orElse(-1);
    Optional<Link> link = underlay.linkOf(own.get().address()).filter(Link::up);
    return link.isPresent() && specific < own.get().length()
        ? new Reach.OnLink(link.get().index(), true)
        : reach;
  }
}
