package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

class AsNumberListTest {
  private static final List<Long> NUMBERS = List.of(64512L, 4_294_967_295L, 2_147_483_648L, 1L);

  @Test
  void itIsEqualToAnyListOfTheSameNumbers() {
    AsNumberList list = AsNumberList.of(NUMBERS);
    assertThat(list).isEqualTo(NUMBERS).hasSameHashCodeAs(NUMBERS);
    assertThat(NUMBERS).isEqualTo(list);
    assertThat(list).isEqualTo(AsNumberList.of(List.copyOf(list)));
    assertThat(list).isNotEqualTo(AsNumberList.of(List.of(64512L)));
  }

  @Test
  void numbersAreUnsigned() {
    AsNumberList list = AsNumberList.of(NUMBERS);
    assertThat(list.at(1)).isEqualTo(4_294_967_295L);
    assertThat(list.after((int) 4_200_000_000L).at(0)).isEqualTo(4_200_000_000L);
    assertThat(list.after(7)).containsExactly(7L, 64512L, 4_294_967_295L, 2_147_483_648L, 1L);
  }

  @Test
  void twoOctetsAreReadAsWellAsFour() {
    assertThat(AsNumberList.read(Unpooled.copyInt(-1, 5), 2, true))
        .containsExactly(4_294_967_295L, 5L);
    assertThat(AsNumberList.read(Unpooled.copyShort(0xffff, 5), 2, false))
        .containsExactly(65535L, 5L);
  }

  @Test
  void zeroIsNobodysNumber() {
    assertThat(AsNumberList.read(Unpooled.copyInt(1, 0), 2, true)).isNull();
  }

  @Test
  void whatIsNoAsNumberIsRefused() {
    assertThatThrownBy(() -> AsNumberList.of(List.of(4_294_967_296L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("4294967296 is no AS number: 0 to 4294967295");
    assertThatThrownBy(() -> AsNumberList.of(List.of(-1L)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
