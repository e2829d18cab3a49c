package dev.manul.bgp.rib;

import dev.manul.bgp.NextHopResolver;
import dev.manul.bgp.NextHopResolver.Resolution;
import dev.manul.model.Address;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The next hops that paths use, each resolved once. */
final class NextHopTable {
  private final NextHopResolver resolver;
  private final Map<Address, NextHopEntry> entries = new HashMap<>();

  NextHopTable(NextHopResolver resolver) {
    this.resolver = resolver;
  }

  /** A path uses these attributes from now on. */
  void use(AttributeSet set) {
    Optional<Address> address = set.value.nextHop();
    if (set.paths++ > 0 || address.isEmpty()) {
      return;
    }
    NextHopEntry entry = entries.get(address.get());
    if (entry == null) {
      entry = new NextHopEntry(address.get());
      entries.put(entry.address, entry);
      resolve(entry);
    }
    entry.uses++;
    set.hop = entry;
  }

  /** A path uses them no more. */
  void release(AttributeSet set) {
    if (--set.paths > 0 || set.hop == null) {
      return;
    }
    if (--set.hop.uses == 0) {
      entries.remove(set.hop.address);
    }
    set.hop = null;
  }

  /**
   * Asks the resolver again about every next hop and sets {@link NextHopEntry#changed} where the
   * answer differs.
   *
   * @return whether any does
   */
  boolean resolveAll() {
    boolean any = false;
    for (NextHopEntry entry : entries.values()) {
      boolean reachable = entry.reachable;
      long metric = entry.metric;
      resolve(entry);
      entry.changed = reachable != entry.reachable || metric != entry.metric;
      any |= entry.changed;
    }
    return any;
  }

  void clearChanges() {
    entries.values().forEach(entry -> entry.changed = false);
  }

  private void resolve(NextHopEntry entry) {
    Resolution resolution = resolver.resolve(entry.address);
    entry.reachable = resolution.reachable();
    entry.metric = resolution.reachable() ? resolution.metric() : 0;
  }
}
