package dev.manul.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import dev.manul.model.Prefix;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTrieTest {

  private static Address anyAddress(RandomGenerator random) {
    // Few distinct high bits, so that prefixes nest and share paths.
    return random.nextBoolean()
        ? new Ipv4Address(random.nextInt(16) << 28 | random.nextInt(8))
        : new Ipv6Address(random.nextLong(4) << 60, random.nextLong(8));
  }

  private static Prefix anyPrefix(RandomGenerator random) {
    Address address = anyAddress(random);
    return Prefix.of(address, random.nextInt(address.family().bits() + 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithAPlainMapAfterAnyChanges(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    PrefixTrie<Integer> trie = PrefixTrie.empty();
    Map<Prefix, Integer> model = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      Prefix prefix = anyPrefix(random);
      PrefixTrie<Integer> before = trie;
      int sizeBefore = model.size();
      if (random.nextInt(3) > 0) {
        trie = trie.with(prefix, i);
        model.put(prefix, i);
      } else {
        trie = trie.without(prefix);
        model.remove(prefix);
      }
      assertThat(before.size()).isEqualTo(sizeBefore);
      assertThat(trie.size()).isEqualTo(model.size());
      Address address = anyAddress(random);
      assertThat(trie.longestMatch(address)).isEqualTo(longest(model, address));
      assertThat(trie.get(prefix)).isEqualTo(Optional.ofNullable(model.get(prefix)));
    }
    Map<Prefix, Integer> listed = new HashMap<>();
    trie.forEach(listed::put);
    assertThat(listed).isEqualTo(model);
  }

  private static Optional<Integer> longest(Map<Prefix, Integer> model, Address address) {
    return model.entrySet().stream()
        .filter(entry -> entry.getKey().contains(address))
        .max(Map.Entry.comparingByKey((a, b) -> Integer.compare(a.length(), b.length())))
        .map(Map.Entry::getValue);
  }
}
