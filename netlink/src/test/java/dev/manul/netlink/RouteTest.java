package dev.manul.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RouteTest {

  private static final Prefix BLOCK = Prefix.parse("10.244.1.0/26");
  private static final Address GATEWAY = Address.parse("10.1.5.11");

  private static String text(Route route) {
    return route.text(index -> index == 4 ? "tunl0" : index == 2 ? "eth0" : null);
  }

  @Test
  void routesAreWrittenAsIpRouteDoes() {
    assertThat(text(Route.onlinkVia(BLOCK, GATEWAY, 4).withProtocol(77)))
        .isEqualTo("10.244.1.0/26 via 10.1.5.11 dev tunl0 proto 77 onlink");
    assertThat(text(Route.blackhole(Prefix.parse("10.244.0.0/26")).withProtocol(77)))
        .isEqualTo("blackhole 10.244.0.0/26 proto 77");
    assertThat(text(Route.via(Prefix.parse("0.0.0.0/0"), GATEWAY, 2)))
        .isEqualTo("default via 10.1.5.11 dev eth0");
    assertThat(
            text(
                Route.onLink(Prefix.parse("10.244.1.5/32"), 2)
                    .withProtocol(4)
                    .withTable(1000)
                    .withMetric(20)
                    .withPreferredSource(GATEWAY)))
        .isEqualTo(
            "10.244.1.5 dev eth0 table 1000 proto static scope link src 10.1.5.11 metric 20");
    assertThat(
            text(
                Route.multipath(
                    BLOCK,
                    List.of(
                        NextHop.via(GATEWAY, 2),
                        NextHop.onlinkVia(Address.parse("10.1.8.10"), 9).withWeight(5)))))
        .isEqualTo(
            "10.244.1.0/26 nexthop via 10.1.5.11 dev eth0 weight 1"
                + " nexthop via 10.1.8.10 dev if9 weight 5 onlink");
    assertThat(text(Route.via(BLOCK, Address.parse("fe80::1"), 2)))
        .isEqualTo("10.244.1.0/26 via inet6 fe80::1 dev eth0");
    assertThat(text(Route.unreachable(Prefix.parse("fd00::/64"))))
        .isEqualTo("unreachable fd00::/64 metric 1024");
  }

  @Test
  void theKeyIsWhatTheKernelTellsRoutesApartBy() {
    Route route = Route.via(BLOCK, GATEWAY, 2).withMetric(5);
    assertThat(route.key()).isEqualTo(new RouteKey(BLOCK, 254, 5, 0));
    assertThat(route.withProtocol(77).key()).isEqualTo(route.key());
    assertThat(Route.blackhole(BLOCK).withMetric(5).key()).isEqualTo(route.key());
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> Route.of(BLOCK, RouteType.BLACKHOLE, List.of(NextHop.onLink(2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10.244.1.0/26");
    assertThatThrownBy(() -> Route.blackhole(BLOCK).withProtocol(256))
        .hasMessageContaining("0 to 255");
    assertThatThrownBy(() -> Route.blackhole(BLOCK).withMetric(-1))
        .hasMessageContaining("0 to 4294967295");
    assertThatThrownBy(() -> new NextHop(Optional.empty(), 1, 0, false))
        .hasMessageContaining("1 to 256");
  }
}
