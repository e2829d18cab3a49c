package dev.manul.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.bgp.wire.PathAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class AttributeTableTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int MANY = 5000;

  private final AttributeTable table = new AttributeTable();

  @Test
  void equalAttributesAreOneObjectHoweverManyThereAre() {
    List<AttributeSet> sets = interned(0, MANY);

    assertThat(table.size()).isEqualTo(MANY);
    for (int i = 0; i < MANY; i++) {
      assertThat(table.intern(attributes(i))).isSameAs(sets.get(i));
    }
    assertThat(table.size()).isEqualTo(MANY);
  }

  @Test
  void whatNobodyHasAnyMoreMakesRoomForOthers() {
    List<AttributeSet> sets = interned(0, MANY);
    for (int i = 0; i < MANY; i++) {
      if (i % 3 != 0) {
        sets.set(i, null);
      }
    }
    int left = (MANY + 2) / 3;
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              System.gc();
              return table.size() == left;
            });

    List<AttributeSet> others = interned(MANY, MANY);
    assertThat(table.size()).isEqualTo(left + MANY);
    for (int i = 0; i < MANY; i++) {
      assertThat(table.intern(attributes(MANY + i))).isSameAs(others.get(i));
      if (i % 3 == 0) {
        assertThat(table.intern(attributes(i))).isSameAs(sets.get(i));
      }
    }
    assertThat(table.size()).isEqualTo(left + MANY);
  }

  private List<AttributeSet> interned(int first, int count) {
    List<AttributeSet> sets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sets.add(table.intern(attributes(first + i)));
    }
    return sets;
  }

  private static PathAttributes attributes(int number) {
    return PathAttributes.builder().localPreference(OptionalLong.of(number)).build();
  }
}
