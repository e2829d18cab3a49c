package dev.manul.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class IntSequenceTest {

  @Test
  void changesMakeNewSequences() {
    IntSequence range = IntSequence.range(4);
    assertThat(range).isEqualTo(IntSequence.of(0, 1, 2, 3)).hasToString("[0, 1, 2, 3]");
    assertThat(range.with(1, 9)).isEqualTo(IntSequence.of(0, 9, 2, 3));
    assertThat(range.withoutFirst(3)).isEqualTo(IntSequence.of(3));
    assertThat(range.appended(7, 8)).isEqualTo(IntSequence.of(0, 1, 2, 3, 7, 8));
    assertThat(range.without(2)).isEqualTo(IntSequence.of(0, 1, 3));
    assertThat(range.without(9)).isSameAs(range);
    assertThat(range.indexOf(3)).isEqualTo(3);
    assertThat(range.contains(4)).isFalse();
    assertThat(range).isEqualTo(IntSequence.range(4)).hasSameHashCodeAs(IntSequence.range(4));
    assertThat(IntSequence.filled(2, IntSequence.NONE).stream().sum()).isEqualTo(-2);
  }

  @Test
  void arraysGivenAndTakenAreNotShared() {
    int[] given = {1, 2};
    IntSequence sequence = IntSequence.of(given);
    given[0] = 9;
    sequence.toArray()[1] = 9;
    assertThat(sequence).isEqualTo(IntSequence.of(1, 2));
  }

  @Test
  void ordinalNumbersAreASortedMap() {
    OrdinalNumbers numbers = OrdinalNumbers.EMPTY.with(5, 50).with(1, 10).with(3, 30).with(5, 55);
    assertThat(numbers).hasToString("{1=10, 3=30, 5=55}");
    assertThat(numbers.get(3)).hasValue(30);
    assertThat(numbers.get(4)).isEmpty();
    assertThat(numbers.without(3)).hasToString("{1=10, 5=55}");
    assertThat(numbers.without(4)).isSameAs(numbers);
    assertThat(numbers).isEqualTo(OrdinalNumbers.of(new int[] {1, 3, 5}, new long[] {10, 30, 55}));
    assertThatThrownBy(() -> OrdinalNumbers.of(new int[] {2, 1}, new long[] {0, 0}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> OrdinalNumbers.of(new int[] {2}, new long[] {0, 0}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
