package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RouterIdTest {

  @Test
  void isStableAndDiffersByName() {
    assertThat(RouterId.ofName("worker")).isEqualTo(RouterId.ofName("worker"));
    assertThat(RouterId.ofName("worker")).isNotEqualTo(RouterId.ofName("worker2"));
  }
}
