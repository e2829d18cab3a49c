package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.filter.Match;
import dev.manul.bgp.filter.PrefixMatch;
import dev.manul.bgp.filter.PrefixMatch.Operator;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.filter.Rule;
import dev.manul.bgp.filter.Rule.Action;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.EncodeContext;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.MessageEncoder;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rules for routes between whole speakers, over sockets. */
class RoutesTest {

  private static RouteFilter without(String prefix) {
    Match match = Match.ANY.withPrefix(PrefixMatch.of(Prefix.parse(prefix), Operator.EQUAL));
    return new RouteFilter(
        "without", List.of(Rule.of(prefix, match, Action.REJECT)), Action.ACCEPT);
  }

  @Test
  void filtersChangeWithoutEndingTheSession() {
    try (TestSpeaker a = TestSpeaker.start("127.13.0.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.13.0.2", 64513)) {
      a.neighbors(a.towards("127.13.0.2", 64513)).originate("10.1.0.0/24", "10.2.0.0/24");
      b.neighbors(b.towards("127.13.0.1", 64512).passive(true));
      eventually().untilAsserted(() -> assertThat(b.routes()).hasSize(2));

      a.neighbors(a.towards("127.13.0.2", 64513).exportFilter(without("10.1.0.0/24")));
      eventually().untilAsserted(() -> assertThat(b.routes()).containsOnlyKeys("10.2.0.0/24"));
      b.neighbors(
          b.towards("127.13.0.1", 64512).passive(true).importFilter(without("10.2.0.0/24")));
      eventually().untilAsserted(() -> assertThat(b.routes()).isEmpty());
      assertThat(b.speaker.why(Prefix.parse("10.2.0.0/24")).orElseThrow().paths())
          .singleElement()
          .satisfies(path -> assertThat(path.filter()).isEqualTo("without/10.2.0.0/24"));
      assertThat(a.speaker.why(Prefix.parse("10.1.0.0/24")).orElseThrow().neighbors())
          .singleElement()
          .satisfies(export -> assertThat(export.verdict()).isEqualTo("filter"));
      a.neighbors(a.towards("127.13.0.2", 64513));
      b.neighbors(b.towards("127.13.0.1", 64512).passive(true));
      eventually().untilAsserted(() -> assertThat(b.routes()).hasSize(2));
      assertThat(a.neighbor("127.13.0.2").flaps()).isZero();
      assertThat(b.neighbor("127.13.0.1").flaps()).isZero();
    }
  }

  /** From a provider to a peer by way of a customer: the leak that RFC 9234 is for. */
  @Test
  void aRouteFromAProviderDoesNotLeakToAnother() {
    try (TestSpeaker first = TestSpeaker.start("127.13.1.1", 64601);
        TestSpeaker customer = TestSpeaker.start("127.13.1.2", 64602);
        TestSpeaker second = TestSpeaker.start("127.13.1.3", 64603)) {
      first
          .neighbors(first.towards("127.13.1.2", 64602).role(Role.PROVIDER))
          .originate("10.1.0.0/24");
      second.neighbors(second.towards("127.13.1.2", 64602).role(Role.PROVIDER));
      customer
          .neighbors(
              customer.towards("127.13.1.1", 64601).role(Role.CUSTOMER),
              customer.towards("127.13.1.3", 64603).role(Role.CUSTOMER))
          .originate("10.9.0.0/24");
      eventually()
          .untilAsserted(
              () -> {
                assertThat(customer.routes()).containsOnlyKeys("10.1.0.0/24");
                assertThat(second.routes()).containsOnlyKeys("10.9.0.0/24");
                assertThat(first.routes()).containsOnlyKeys("10.9.0.0/24");
              });
      assertThat(customer.best.get(Prefix.parse("10.1.0.0/24")).attributes().onlyToCustomer())
          .hasValue(64601);
      assertThat(customer.speaker.why(Prefix.parse("10.1.0.0/24")).orElseThrow().neighbors())
          .extracting(RouteExplanation.Export::verdict)
          .containsExactly("split-horizon", "only-to-customer");
    }
  }

  /** RFC 8950: a client announces one, another client gets it, and one that cannot does not. */
  @Test
  void anIpv6NextHopOfAnIpv4PrefixGoesWhereItIsUnderstood() throws IOException {
    Prefix prefix = Prefix.parse("10.1.0.0/24");
    try (TestSpeaker a = TestSpeaker.start("127.13.2.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.13.2.2", 64512);
        TestSpeaker c = TestSpeaker.start("127.13.2.3", 64512)) {
      a.neighbors(
          a.towards("127.13.2.2", 64512).routeReflectorClient(true).extendedNextHop(true),
          a.towards("127.13.2.3", 64512).routeReflectorClient(true).extendedNextHop(true),
          a.towards("127.13.2.4", 64512)
              .routeReflectorClient(true)
              .extendedNextHop(true)
              .families(Set.of(Family.IPV4_UNICAST))
              .passive(true));
      b.neighbors(b.towards("127.13.2.1", 64512).passive(true).extendedNextHop(true));
      c.neighbors(c.towards("127.13.2.1", 64512).passive(true));
      eventually().until(() -> a.established("127.13.2.2") && a.established("127.13.2.3"));
      try (RawPeer peer = new RawPeer("127.13.2.4", "127.13.2.1")) {
        Open open = peer.open(false, false);
        List<Capability> capabilities = new ArrayList<>(open.capabilities());
        capabilities.add(
            new Capability.ExtendedNextHop(
                List.of(new Capability.NextHopEncoding(Family.IPV4_UNICAST, 2))));
        peer.establish(new Open(4, 64512, 90, open.routerId(), capabilities));
        peer.send(extended(prefix));
        eventually()
            .untilAsserted(
                () -> assertThat(b.routes()).isEqualTo(Map.of("10.1.0.0/24", "2001:db8::7")));
        assertThat(a.routes()).isEqualTo(Map.of("10.1.0.0/24", "2001:db8::7"));
        assertThat(a.speaker.why(prefix).orElseThrow().neighbors())
            .extracting(RouteExplanation.Export::verdict)
            .containsExactly("exported", "next-hop", "split-horizon");
        assertThat(c.routes()).isEmpty();
        peer.send(new Update(List.of(prefix), PathAttributes.EMPTY, List.of()));
        eventually().untilAsserted(() -> assertThat(b.routes()).isEmpty());
      }
    }
  }

  private static byte[] extended(Prefix prefix) {
    PathAttributes attributes =
        PathAttributes.builder().nextHop(Address.parse("2001:db8::7")).localPreference(100).build();
    ByteBuf out = Unpooled.buffer();
    MessageEncoder.encode(
        new Update(List.of(), attributes, List.of(prefix)),
        new EncodeContext(true, Set.of(), Set.of(Family.IPV4_UNICAST), false),
        out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }
}
