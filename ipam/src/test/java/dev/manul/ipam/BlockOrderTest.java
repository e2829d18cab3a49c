package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Prefix;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockOrderTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 26, 262144",
    "10.244.0.0/16, 26, 1024",
    "10.0.0.0/26, 26, 1",
    "10.0.0.0/27, 28, 2",
    "fd00::/112, 122, 1024"
  })
  void visitsEachBlockOnce(String pool, int length, int count) {
    BlockOrder order = new BlockOrder(Prefix.parse(pool), length, "worker");
    Set<Prefix> seen = new HashSet<>();
    for (int place = 0; place < count; place++) {
      Prefix block = order.at(place);
      assertThat(seen.add(block)).isTrue();
      assertThat(block.length()).isEqualTo(length);
      assertThat(order.place(block)).isEqualTo(place);
    }
    assertThat(order.count()).isEqualTo(count);
    assertThat(seen).allMatch(Prefix.parse(pool)::contains);
  }

  @Test
  void aPoolLargerThanAnyNumberHasAnOrderToo() {
    BlockOrder order = new BlockOrder(Prefix.parse("fd00::/16"), 122, "worker");
    assertThat(order.from(0).limit(1000).distinct()).hasSize(1000);
    assertThat(order.count()).isEqualTo(1L << 62);
  }

  @Test
  void isTheSameForANodeAndDiffersBetweenNodes() {
    Prefix pool = Prefix.parse("10.244.0.0/16");
    List<Prefix> worker = new BlockOrder(pool, 26, "worker").from(0).limit(5).toList();
    assertThat(new BlockOrder(pool, 26, "worker").from(0).limit(5)).isEqualTo(worker);
    // Among 100 nodes and 1,024 blocks, about five pairs begin with the same block.
    long different =
        IntStream.range(0, 100)
            .mapToObj(i -> new BlockOrder(pool, 26, "node-" + i).at(0))
            .distinct()
            .count();
    assertThat(different).isGreaterThan(85);
  }

  @Test
  void goesAround() {
    BlockOrder order = new BlockOrder(Prefix.parse("10.0.0.0/24"), 26, "worker");
    assertThat(order.from(2)).containsExactly(order.at(2), order.at(3), order.at(0), order.at(1));
    assertThat(order.at(4)).isEqualTo(order.at(0));
  }

  @ParameterizedTest
  @CsvSource({"'', 811c9dc5", "a, 50c5d7e", "foobar, 31f0b262"})
  void hashesAsFnv1(String text, String hash) {
    assertThat(Integer.toHexString(BlockOrder.fnv32(text))).isEqualTo(hash.replaceFirst("^0", ""));
  }

  @Test
  void blocksMustFit() {
    assertThatThrownBy(() -> new BlockOrder(Prefix.parse("10.0.0.0/28"), 26, "n"))
        .hasMessage("blocks of /26 do not fit into the pool 10.0.0.0/28");
  }
}
