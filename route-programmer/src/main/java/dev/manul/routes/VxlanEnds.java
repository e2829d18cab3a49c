package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.netlink.Change;
import dev.manul.netlink.Event;
import dev.manul.netlink.ForwardingEntry;
import dev.manul.netlink.Neighbour;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How the other ends of one VXLAN device are written down in the kernel: for each a permanent
 * neighbour (its tunnel address has its hardware address) and an entry of the device's forwarding
 * database (that hardware address is behind its node's address). Knows what the kernel was last
 * seen to have; makes the difference. Owned by one thread.
 */
final class VxlanEnds {

  private final int linkIndex;
  private final Map<Address, Neighbour> neighbours = new HashMap<>();
  private final Map<String, Set<ForwardingEntry>> entries = new HashMap<>();

  /**
   * @param allNeighbours those of other links do not count
   * @param allEntries those of the device
   */
  VxlanEnds(int linkIndex, List<Neighbour> allNeighbours, List<ForwardingEntry> allEntries) {
    this.linkIndex = linkIndex;
    for (Neighbour neighbour : allNeighbours) {
      if (neighbour.linkIndex() == linkIndex) {
        neighbours.put(neighbour.address(), neighbour);
      }
    }
    for (ForwardingEntry entry : allEntries) {
      entries.computeIfAbsent(entry.mac(), _ -> new HashSet<>()).add(entry);
    }
  }

  int linkIndex() {
    return linkIndex;
  }

  /** What has to be written before packets can be sent to these nodes, in the order of nodes. */
  List<Change> missing(Map<Address, VxlanTunnel.Remote> remotes) {
    List<Change> changes = new ArrayList<>();
    new TreeMap<>(remotes)
        .forEach(
            (node, remote) -> {
              Neighbour neighbour = neighbour(remote);
              if (!neighbour.equals(neighbours.get(remote.address()))) {
                changes.add(new Change.ReplaceNeighbour(neighbour));
              }
              ForwardingEntry entry = entry(node, remote);
              if (!Set.of(entry).equals(entries.get(remote.mac()))) {
                changes.add(new Change.ReplaceForwarding(entry));
              }
            });
    return changes;
  }

  /** What can go when no route leads to any but these nodes. */
  List<Change> stale(Map<Address, VxlanTunnel.Remote> remotes) {
    Set<Address> addresses = new HashSet<>();
    Set<String> macs = new HashSet<>();
    for (VxlanTunnel.Remote remote : remotes.values()) {
      addresses.add(remote.address());
      macs.add(remote.mac());
    }
    List<Change> changes = new ArrayList<>();
    for (Neighbour neighbour : neighbours.values()) {
      // What the kernel itself notes down, of multicast groups for one, is its own business.
      if (neighbour.state() == Neighbour.PERMANENT && !addresses.contains(neighbour.address())) {
        changes.add(new Change.DeleteNeighbour(neighbour));
      }
    }
    entries.forEach(
        (mac, behind) -> {
          if (!macs.contains(mac)) {
            behind.forEach(entry -> changes.add(new Change.DeleteForwarding(entry)));
          }
        });
    return changes;
  }

  private Neighbour neighbour(VxlanTunnel.Remote remote) {
    return Neighbour.permanent(linkIndex, remote.address(), remote.mac());
  }

  private ForwardingEntry entry(Address node, VxlanTunnel.Remote remote) {
    return ForwardingEntry.ofVxlan(linkIndex, remote.mac(), node);
  }

  /** A change that was asked for was made. */
  void done(Change change) {
    switch (change) {
      case Change.ReplaceNeighbour(Neighbour neighbour) ->
          neighbours.put(neighbour.address(), neighbour);
      case Change.DeleteNeighbour(Neighbour neighbour) -> neighbours.remove(neighbour.address());
      case Change.ReplaceForwarding(ForwardingEntry entry) ->
          entries.put(entry.mac(), new HashSet<>(Set.of(entry)));
      case Change.DeleteForwarding(ForwardingEntry entry) -> {
        Set<ForwardingEntry> behind = entries.getOrDefault(entry.mac(), Set.of());
        behind.remove(entry);
        if (behind.isEmpty()) {
          entries.remove(entry.mac());
        }
      }
      default -> throw new IllegalStateException("not a change of a tunnel's end: " + change);
    }
  }

  /**
   * Whether news of the kernel are in line with what was seen. Those of our own writes are; others
   * may be older than these, so that only reading again tells what is there.
   */
  boolean agreesWith(Event event) {
    return switch (event) {
      case Event.NeighbourChanged(Neighbour neighbour) ->
          neighbour.linkIndex() != linkIndex
              || neighbour.equals(neighbours.get(neighbour.address()))
              || (neighbour.state() != Neighbour.PERMANENT
                  && !neighbours.containsKey(neighbour.address()));
      case Event.NeighbourRemoved(Neighbour neighbour) ->
          neighbour.linkIndex() != linkIndex || !neighbours.containsKey(neighbour.address());
      case Event.ForwardingChanged(ForwardingEntry entry) ->
          entry.linkIndex() != linkIndex || Set.of(entry).equals(entries.get(entry.mac()));
      case Event.ForwardingRemoved(ForwardingEntry entry) ->
          entry.linkIndex() != linkIndex
              || !entries.getOrDefault(entry.mac(), Set.of()).contains(entry);
      default -> true;
    };
  }
}
