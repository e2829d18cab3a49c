package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.Key;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pods there are at one moment, and the addresses they use.
 *
 * @param pods by namespace and name; more than one where endpoints of several nodes name the same
 * @param used addresses of pods that have not finished
 */
record PodTable(Map<Key, List<Entry>> pods, Set<Address> used) {

  /**
   * A pod, as far as its addresses matter.
   *
   * @param key its namespace and name
   * @param node where it is, or ""
   * @param addresses those it is known to have; none when it has not told them yet
   * @param finished whether it has ended for good
   */
  record Entry(Key key, String node, Set<Address> addresses, boolean finished) {
    Entry {
      addresses = Set.copyOf(addresses);
    }

    /** Whether an allocation of this pod on a node is, or may be, in use. */
    boolean uses(Address address, String onNode) {
      return !finished
          && node.equals(onNode)
          && (addresses.isEmpty() || addresses.contains(address));
    }
  }

  static PodTable of(Collection<Entry> entries) {
    Map<Key, List<Entry>> pods = HashMap.newHashMap(entries.size());
    Set<Address> used = HashSet.newHashSet(entries.size());
    for (Entry entry : entries) {
      List<Entry> same = pods.get(entry.key());
      if (same == null) {
        pods.put(entry.key(), List.of(entry));
      } else {
        List<Entry> more = new java.util.ArrayList<>(same);
        more.add(entry);
        pods.put(entry.key(), List.copyOf(more));
      }
      if (!entry.finished()) {
        used.addAll(entry.addresses());
      }
    }
    return new PodTable(pods, used);
  }

  /** Whether some pod uses the address, or the allocation's own pod may. */
  boolean vouchesFor(AllocationInfo allocation) {
    if (used.contains(allocation.address())) {
      return true;
    }
    Key pod =
        new Key(
            allocation.attributes().getOrDefault("namespace", ""),
            allocation.attributes().getOrDefault("pod", ""));
    String node = allocation.node().orElse("");
    return pods.getOrDefault(pod, List.of()).stream()
        .anyMatch(entry -> entry.uses(allocation.address(), node));
  }
}
