package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** How often each thing is used by the rules of each family. */
final class FamilyCounts<K> {

  private final Map<AddressFamily, Map<K, Integer>> counts = new EnumMap<>(AddressFamily.class);

  FamilyCounts() {
    for (AddressFamily family : AddressFamily.values()) {
      counts.put(family, new HashMap<>());
    }
  }

  /**
   * Counts.
   *
   * @return whether the family has begun or ceased to use it
   */
  boolean count(AddressFamily family, K key, int difference) {
    Map<K, Integer> uses = counts.get(family);
    int before = uses.getOrDefault(key, 0);
    int now = before + difference;
    if (now == 0) {
      uses.remove(key);
    } else {
      uses.put(key, now);
    }
    return (before > 0) != (now > 0);
  }

  boolean uses(AddressFamily family, K key) {
    return counts.get(family).containsKey(key);
  }
}
