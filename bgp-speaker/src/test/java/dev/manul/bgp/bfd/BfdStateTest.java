package dev.manul.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The figure of RFC 5880 section 6.2 and the text of 6.8.6, cell by cell. */
class BfdStateTest {

  @ParameterizedTest
  @CsvSource({
    "DOWN, ADMIN_DOWN, DOWN",
    "DOWN, DOWN, INIT",
    "DOWN, INIT, UP",
    "DOWN, UP, DOWN",
    "INIT, ADMIN_DOWN, DOWN",
    "INIT, DOWN, INIT",
    "INIT, INIT, UP",
    "INIT, UP, UP",
    "UP, ADMIN_DOWN, DOWN",
    "UP, DOWN, DOWN",
    "UP, INIT, UP",
    "UP, UP, UP",
    "ADMIN_DOWN, ADMIN_DOWN, ADMIN_DOWN",
    "ADMIN_DOWN, DOWN, ADMIN_DOWN",
    "ADMIN_DOWN, INIT, ADMIN_DOWN",
    "ADMIN_DOWN, UP, ADMIN_DOWN",
  })
  void next(BfdState state, BfdState received, BfdState next) {
    assertThat(state.next(received)).isEqualTo(next);
  }
}
