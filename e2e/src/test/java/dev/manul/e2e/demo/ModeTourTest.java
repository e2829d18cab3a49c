package dev.manul.e2e.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.lab.PoolMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModeTourTest {

  @ParameterizedTest
  @EnumSource
  void everySwitchIsMadeOnceAndTheTourEndsWhereItBegan(PoolMode start) {
    List<PoolMode> tour = ModeTour.from(start, EnumSet.allOf(PoolMode.class));

    List<String> switches = new ArrayList<>();
    for (int i = 1; i < tour.size(); i++) {
      assertThat(tour.get(i)).isNotEqualTo(tour.get(i - 1));
      switches.add(tour.get(i - 1) + " > " + tour.get(i));
    }
    assertThat(switches).hasSize(42).doesNotHaveDuplicates();
    assertThat(tour.getFirst()).isEqualTo(start);
    assertThat(tour.getLast()).isEqualTo(start);
  }

  @Test
  void modesThatAreNotAskedForAreLeftOut() {
    Set<PoolMode> modes =
        EnumSet.of(PoolMode.NEVER, PoolMode.IPIP_ALWAYS, PoolMode.VXLAN_CROSS_SUBNET);

    assertThat(ModeTour.from(PoolMode.NEVER, modes)).hasSize(7).hasSameElementsAs(modes);
  }
}
