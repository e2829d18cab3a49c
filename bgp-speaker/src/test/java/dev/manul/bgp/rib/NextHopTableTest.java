package dev.manul.bgp.rib;

import static dev.manul.bgp.rib.Attributes.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.NextHopResolver.Resolution;
import dev.manul.model.Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A change of one next hop concerns the prefixes with a path by way of it, and no other. */
class NextHopTableTest {
  private final Map<Address, Resolution> resolutions = new HashMap<>();
  private final List<Address> asked = new ArrayList<>();
  private final NextHopTable table =
      new NextHopTable(
          hop -> {
            asked.add(hop);
            return resolutions.getOrDefault(hop, Resolution.DIRECT);
          });

  private static Path path(AttributeSet set, Path next) {
    Path path = new Path(0, RibPeer.neighbor(Address.parse("10.0.0.2")), 0, set, set, Reason.BEST);
    path.next = next;
    return path;
  }

  private List<Integer> changed() {
    List<Integer> ids = new ArrayList<>();
    table.resolveAll(ids::add);
    return ids;
  }

  private void set(String hop, Resolution resolution) {
    resolutions.put(Address.parse(hop), resolution);
  }

  @Test
  void onlyPrefixesOfChangedNextHops() {
    AttributeSet near = new AttributeSet(via("10.0.0.2").get());
    AttributeSet nearToo = new AttributeSet(via("10.0.0.2").med(1).get());
    AttributeSet far = new AttributeSet(via("10.0.0.3").get());
    for (int id = 0; id < 100_000; id++) {
      table.use(far, id);
    }
    table.use(near, 7);
    table.use(near, 70_000);
    table.use(nearToo, 5);
    assertThat(asked).as("each next hop is resolved once").hasSize(2);

    assertThat(changed()).isEmpty();
    set("10.0.0.2", Resolution.UNREACHABLE);
    assertThat(changed()).containsExactly(5, 7, 70_000);
    assertThat(near.hop.reachable).isFalse();
    assertThat(changed()).isEmpty();
    set("10.0.0.2", new Resolution(true, 3));
    assertThat(changed()).containsExactly(5, 7, 70_000);
    set("10.0.0.2", new Resolution(true, 4));
    assertThat(changed()).containsExactly(5, 7, 70_000);
    set("10.0.0.3", Resolution.UNREACHABLE);
    assertThat(changed()).hasSize(100_000);
  }

  @Test
  void aPrefixCountsAsLongAsOnePathIsLeft() {
    AttributeSet one = new AttributeSet(via("10.0.0.2").get());
    AttributeSet other = new AttributeSet(via("10.0.0.2").med(1).get());
    AttributeSet away = new AttributeSet(via("10.0.0.3").get());
    table.use(one, 7);
    table.use(other, 7);
    table.use(away, 7);
    table.release(one, 7, path(other, path(away, null)));
    set("10.0.0.2", Resolution.UNREACHABLE);
    assertThat(changed()).containsExactly(7);
    table.use(other, 8);
    table.release(other, 7, path(away, null));
    set("10.0.0.2", Resolution.DIRECT);
    assertThat(changed()).containsExactly(8);
    table.release(other, 8, null);
    assertThat(other.hop).isNull();
    asked.clear();
    assertThat(changed()).isEmpty();
    assertThat(asked).as("a next hop without paths is forgotten").containsExactly(away.hop.address);
  }

  @Test
  void prefixSetsAreSets() {
    Random random = new Random(26);
    PrefixSet set = new PrefixSet();
    TreeSet<Integer> wanted = new TreeSet<>();
    for (int i = 0; i < 20_000; i++) {
      int id = random.nextInt(random.nextBoolean() ? 200 : 1_000_000);
      if (random.nextInt(3) == 0) {
        set.remove(id);
        wanted.remove(id);
      } else {
        set.add(id);
        wanted.add(id);
      }
    }
    List<Integer> got = new ArrayList<>();
    set.forEach(got::add);
    assertThat(got).containsExactlyElementsOf(wanted);
  }
}
