package dev.manul.e2e.kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Frames;
import dev.manul.e2e.lab.PoolMode.Carrier;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Packets of 10.1.5.10 to 10.1.8.10, as they are on the wire, octet by octet. */
class CarriedEchoTest {

  private static final String REQUEST =
      "4500001c 00014000 3f010000 0af40102 0af40203 0800f7ff 00000000".replace(" ", "");
  private static final String REPLY = REQUEST.replace("0800f7ff", "0000ffff");
  private static final String ENDS = "0a01050a 0a01080a".replace(" ", "");
  private static final Optional<CarriedEcho.Ends> OUTER =
      Optional.of(new CarriedEcho.Ends("10.1.5.10", "10.1.8.10"));

  private static Optional<CarriedEcho> read(String octets) {
    return CarriedEcho.of(Frames.ipv4(ByteBuffer.wrap(HexFormat.of().parseHex(octets))));
  }

  private static String inUdp(int source, int destination, String payload) {
    int octets = payload.length() / 2;
    return "4500%04x000000004011 0000%s".formatted(28 + octets, ENDS).replace(" ", "")
        + "%04x%04x%04x0000".formatted(source, destination, 8 + octets)
        + payload;
  }

  private static String inVxlan(String flags, int vni) {
    String frame = "66aaaaaaaaaa" + "66bbbbbbbbbb" + "0800" + REQUEST;
    return inUdp(50000, 4789, flags + "000000" + "%06x00".formatted(vni) + frame);
  }

  @Test
  void aPlainRequestIsWrappedInNothing() {
    assertThat(read(REQUEST))
        .contains(
            new CarriedEcho(
                "10.244.1.2", "10.244.2.3", Carrier.NONE, "", Optional.empty(), Optional.empty()));
  }

  @Test
  void vxlanIsTakenApart() {
    assertThat(read(inVxlan("08", 4096)))
        .contains(
            new CarriedEcho(
                "10.244.1.2",
                "10.244.2.3",
                Carrier.VXLAN,
                "10.1.5.10:50000 > 10.1.8.10:4789, VNI 4096,"
                    + " 66:bb:bb:bb:bb:bb > 66:aa:aa:aa:aa:aa",
                OUTER,
                Optional.of("66:aa:aa:aa:aa:aa")));
  }

  @Test
  void vxlanOfAnotherNetworkIsRefused() {
    assertThatThrownBy(() -> read(inVxlan("08", 4097)))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("not VXLAN of VNI 4096");
    assertThatThrownBy(() -> read(inVxlan("00", 4096))).isInstanceOf(LabException.class);
  }

  @Test
  void udpCarriesThePacketAlone() {
    CarriedEcho echo = read(inUdp(8285, 8285, REQUEST)).orElseThrow();

    assertThat(echo.carrier()).isEqualTo(Carrier.UDP);
    assertThat(echo.to()).isEqualTo("10.244.2.3");
    assertThat(echo.wrapping()).isEqualTo("10.1.5.10:8285 > 10.1.8.10:8285");
    assertThat(echo.outer()).isEqualTo(OUTER);
  }

  @Test
  void ipInIpHasTwoHeaders() {
    String packet = "450000300000000040040000" + ENDS + REQUEST;

    assertThat(read(packet).orElseThrow().carrier()).isEqualTo(Carrier.IPIP);
  }

  @Test
  void repliesAreNotRequests() {
    assertThat(read(REPLY)).isEmpty();
    assertThat(read(inUdp(8285, 8285, REPLY))).isEmpty();
  }
}
