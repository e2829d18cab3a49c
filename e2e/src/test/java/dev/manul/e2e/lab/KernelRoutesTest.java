package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KernelRoutesTest {

  private static final KernelRoutes ROUTES =
      new KernelRoutes(
          List.of(
              "default via 10.1.5.1 dev eth0",
              "blackhole 10.244.0.0/26 proto 77",
              "10.244.0.1 dev cali0123456789a proto 77 scope link",
              "10.244.0.64/26 via 10.1.5.11 dev tunl0 proto 77 onlink",
              "10.244.200.0/26 via 10.1.5.1 dev eth0 proto static"));

  @Test
  void theMostSpecificRouteOfOursIsFound() {
    assertThat(ROUTES.ours("10.244.0.1"))
        .hasValue("10.244.0.1 dev cali0123456789a proto 77 scope link");
    assertThat(ROUTES.ours("10.244.0.2")).hasValue("blackhole 10.244.0.0/26 proto 77");
    assertThat(ROUTES.ours("10.244.0.127").flatMap(KernelRoutes::device)).hasValue("tunl0");
    assertThat(ROUTES.ours("10.244.0.127").flatMap(KernelRoutes::gateway)).hasValue("10.1.5.11");
  }

  @Test
  void routesOfOthersDoNotCount() {
    assertThat(ROUTES.ours("10.244.200.1")).isEqualTo(Optional.empty());
    assertThat(ROUTES.ours("8.8.8.8")).isEqualTo(Optional.empty());
    assertThat(ROUTES.ours()).hasSize(3);
  }
}
