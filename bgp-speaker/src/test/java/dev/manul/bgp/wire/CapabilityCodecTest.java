package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability.AddPath;
import dev.manul.bgp.wire.Capability.AddPathFamily;
import dev.manul.bgp.wire.Capability.BgpRole;
import dev.manul.bgp.wire.Capability.ExtendedNextHop;
import dev.manul.bgp.wire.Capability.HostName;
import dev.manul.bgp.wire.Capability.LongLivedFamily;
import dev.manul.bgp.wire.Capability.LongLivedGracefulRestart;
import dev.manul.bgp.wire.Capability.NextHopEncoding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Capabilities as bytes, made by hand from the RFCs. */
class CapabilityCodecTest {
  private static final Map<String, Capability> KNOWN = new LinkedHashMap<>();

  static {
    KNOWN.put(
        "0506000100010002",
        new ExtendedNextHop(List.of(new NextHopEncoding(Family.IPV4_UNICAST, 2))));
    KNOWN.put("0600", new Capability.ExtendedMessages());
    KNOWN.put("090103", new BgpRole(Role.CUSTOMER));
    KNOWN.put(
        "450800010101" + "00020103",
        new AddPath(
            List.of(
                new AddPathFamily(Family.IPV4_UNICAST, 1),
                new AddPathFamily(Family.IPV6_UNICAST, 3))));
    KNOWN.put("4600", new Capability.EnhancedRouteRefresh());
    KNOWN.put("4700", new LongLivedGracefulRestart(List.of()));
    KNOWN.put(
        "47070001018000" + "0e10",
        new LongLivedGracefulRestart(
            List.of(new LongLivedFamily(Family.IPV4_UNICAST, true, 3600))));
    KNOWN.put("4908026869" + "04686f6d65", new HostName("hi", "home"));
    KNOWN.put("490402686900", new HostName("hi", ""));
  }

  private static ByteBuf open(String capabilities) {
    int octets = capabilities.length() / 2;
    return Wire.message(
        1, "04fc00005a0a000001" + "%02x02%02x".formatted(octets + 2, octets) + capabilities);
  }

  private static List<Capability> read(String capabilities) {
    DecodeOutcome outcome = MessageDecoder.decode(open(capabilities), DecodeContext.BEFORE_OPEN);
    return ((Open) Wire.decoded(outcome).messages().getFirst()).capabilities();
  }

  @Test
  void everyOneIsReadAndWrittenAsTheRfcHasIt() {
    KNOWN.forEach(
        (bytes, capability) -> {
          assertThat(read(bytes)).as(bytes).containsExactly(capability);
          ByteBuf out = Unpooled.buffer();
          CapabilityCodec.write(capability, out);
          assertThat(Wire.hex(out)).isEqualTo(bytes);
        });
  }

  /** What only makes a feature absent must not cost the session. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0500",
        "050400010001",
        "060101",
        "0900",
        "09020304",
        "4500",
        "4503000101",
        "460100",
        "4703000101",
        "4900",
        "490105",
        "490302686f",
        "4903026869",
        "490502ff0000ff"
      })
  void oneOfAWrongLengthIsKeptAsItCame(String bytes) {
    assertThat(read(bytes)).singleElement().isInstanceOf(Capability.Unknown.class);
    ByteBuf out = Unpooled.buffer();
    CapabilityCodec.write(read(bytes).getFirst(), out);
    assertThat(Wire.hex(out)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0103000101", "020100", "400100", "4003000000", "4103000001"})
  void oneWithoutWhichNothingMakesSenseIsRefused(String bytes) {
    DecodeOutcome outcome = MessageDecoder.decode(open(bytes), DecodeContext.BEFORE_OPEN);
    assertThat(Wire.notification(outcome).code()).isEqualTo(2);
  }

  @Test
  void aRoleWithoutAMeaningIsNoRole() {
    assertThat(((BgpRole) read("090109").getFirst()).role()).isEmpty();
    for (Role role : Role.values()) {
      assertThat(Role.of(role.code)).contains(role);
      assertThat(role.counterpart().counterpart()).isEqualTo(role);
    }
    assertThat(Role.of(-1)).isEmpty();
    assertThat(Role.of(5)).isEmpty();
  }
}
