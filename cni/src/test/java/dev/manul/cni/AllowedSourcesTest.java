package dev.manul.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Prefix;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AllowedSourcesTest {

  private static final String NAME = "cni.projectcalico.org/allowedSourcePrefixes";

  @Test
  void prefixesAreRead() {
    assertThat(AllowedSources.of(Map.of(NAME, "[\"192.0.2.0/24\", \"2001:db8::/64\"]")))
        .containsExactly(Prefix.parse("192.0.2.0/24"), Prefix.parse("2001:db8::/64"));
    assertThat(AllowedSources.of(Map.of(NAME, " "))).isEmpty();
    assertThat(AllowedSources.of(Map.of("other", "[]"))).isEmpty();
  }

  @Test
  void whatIsNoListOfPrefixesIsToldWithItsName() {
    assertThatThrownBy(() -> AllowedSources.of(Map.of(NAME, "192.0.2.0/24")))
        .isInstanceOf(CniException.class)
        .hasMessage("annotation " + NAME + " of the pod is 192.0.2.0/24");
    assertThatThrownBy(() -> AllowedSources.of(Map.of(NAME, "[\"192.0.2.0/99\"]")))
        .isInstanceOf(CniException.class);
  }
}
