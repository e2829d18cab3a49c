package dev.manul.bgp.rib;

import dev.manul.bgp.NextHopResolver;
import dev.manul.bgp.NextHopResolver.Resolution;
import dev.manul.model.Address;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The next hops that paths use, each resolved once, and the prefixes each of them matters to: when
 * one becomes reachable or unreachable, no other prefix is looked at.
 */
final class NextHopTable {
  private final NextHopResolver resolver;
  private final Map<Address, NextHopEntry> entries = new HashMap<>();

  NextHopTable(NextHopResolver resolver) {
    this.resolver = resolver;
  }

  /** A path to a prefix uses these attributes from now on. */
  void use(AttributeSet set, int id) {
    if (set.paths++ == 0) {
      set.hop = entry(set.value.nextHop());
    }
    if (set.hop != null) {
      set.hop.prefixes.add(id);
    }
  }

  private NextHopEntry entry(Optional<Address> address) {
    if (address.isEmpty()) {
      return null;
    }
    NextHopEntry entry = entries.get(address.get());
    if (entry == null) {
      entry = new NextHopEntry(address.get());
      entries.put(entry.address, entry);
      resolve(entry);
    }
    entry.uses++;
    return entry;
  }

  /**
   * A path to a prefix uses them no more.
   *
   * @param head the paths that the prefix has now
   */
  void release(AttributeSet set, int id, Path head) {
    NextHopEntry hop = set.hop;
    set.paths--;
    if (hop == null) {
      return;
    }
    if (!isUsed(hop, head)) {
      hop.prefixes.remove(id);
    }
    if (set.paths == 0) {
      set.hop = null;
      if (--hop.uses == 0) {
        entries.remove(hop.address);
      }
    }
  }

  private static boolean isUsed(NextHopEntry hop, Path head) {
    for (Path p = head; p != null; p = p.next) {
      if (p.attributes.hop == hop) {
        return true;
      }
    }
    return false;
  }

  /**
   * Asks the resolver again about every next hop.
   *
   * @param changed is told of the prefixes with paths by way of those for which the answer differs
   */
  void resolveAll(IntConsumer changed) {
    for (NextHopEntry entry : entries.values()) {
      boolean reachable = entry.reachable;
      long metric = entry.metric;
      resolve(entry);
      if (reachable != entry.reachable || metric != entry.metric) {
        entry.prefixes.forEach(changed);
      }
    }
  }

  private void resolve(NextHopEntry entry) {
    Resolution resolution = resolver.resolve(entry.address);
    entry.reachable = resolution.reachable();
    entry.metric = resolution.reachable() ? resolution.metric() : 0;
  }
}
