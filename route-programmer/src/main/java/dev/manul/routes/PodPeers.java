package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.InterfaceAddress;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The addresses at which pods find this host's BGP speaker: each is on the pod's own interface,
 * with which it goes. Pure.
 *
 * <p>Their scope is the host, so that no packet of this host's takes one for its source. They are
 * only ever added: without its last address an interface would lose its routes.
 */
final class PodPeers {
  private PodPeers() {}

  /** What is missing on interfaces that are there and up. */
  static List<Change> missing(Underlay underlay, NodeView view) {
    List<Change> changes = new ArrayList<>();
    for (Map.Entry<String, Set<Address>> pod : view.podPeers().entrySet()) {
      Optional<Link> link = underlay.link(pod.getKey()).filter(Link::up);
      if (link.isEmpty()) {
        continue;
      }
      int index = link.get().index();
      for (Address address : pod.getValue()) {
        if (!has(underlay, index, address)) {
          InterfaceAddress whole = new InterfaceAddress(address, address.family().bits());
          changes.add(
              new Change.AddAddress(
                  LinkAddress.of(index, whole)
                      .withScope(Scope.HOST)
                      .withFlags(LinkAddress.NO_DUPLICATE_DETECTION)));
        }
      }
    }
    return changes;
  }

  private static boolean has(Underlay underlay, int index, Address address) {
    return underlay.addresses().stream()
        .anyMatch(a -> a.linkIndex() == index && a.address().address().equals(address));
  }
}
