package dev.manul.routes;

import static dev.manul.model.AddressFamily.IPV4;
import static dev.manul.model.AddressFamily.IPV6;
import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.routes.TestHost.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools in UDP against the real kernel. */
class UdpIT {

  private static final String NEAR = "10.1.5.10";
  private static final String NEAR_IPV6 = "2001:db8:5::10";
  private static final String FAR = "10.1.8.10";

  private TestHost host;

  @BeforeEach
  void makeHost() {
    host = new TestHost();
    host.outside("address add 10.1.5.10/24 dev p-eth0");
    host.outside("address add 2001:db8:5::10/64 dev p-eth0 nodad");
  }

  @AfterEach
  void removeHost() {
    host.close();
  }

  private RouteProgrammer settled() {
    return host.settled(
        Sketch.view()
            .pools(Sketch.udpPool("10.244.0.0/16", ALWAYS), Sketch.udpPool("fd00:10::/48", ALWAYS))
            .udp(IPV4, "10.244.1.1", NEAR + " 10.244.5.1", FAR + " 10.244.8.1")
            .udp(IPV6, "fd00:10:0:1::1", NEAR_IPV6 + " fd00:10:0:5::1")
            .get(),
        List.of(
            Sketch.change("10.244.5.0/26", NEAR),
            Sketch.change("10.244.8.0/26", FAR),
            Sketch.change("fd00:10:0:5::/122", NEAR_IPV6)),
        6);
  }

  @Test
  void theKernelHasDevicesAndRoutes() {
    settled();

    assertThat(host.ip("-d link show dev manul-udp")).contains("tun type tun", "mtu 1472");
    assertThat(host.ip("-d link show dev manul-udp-v6")).contains("tun type tun", "mtu 1452");
    assertThat(host.ip("address show dev manul-udp")).contains("inet 10.244.1.1/32");
    assertThat(host.ip("address show dev manul-udp-v6")).contains("inet6 fd00:10:0:1::1/128");
    assertThat(host.shown())
        .hasSize(6)
        .contains(
            "10.244.5.0/26 via 10.244.5.1 dev manul-udp proto 77 onlink",
            "10.244.5.1 dev manul-udp proto 77 scope link",
            "10.244.8.0/26 via 10.244.8.1 dev manul-udp proto 77 onlink",
            "10.244.8.1 dev manul-udp proto 77 scope link")
        .anySatisfy(
            route ->
                assertThat(route)
                    .startsWith("fd00:10:0:5::/122 via fd00:10:0:5::1 dev manul-udp-v6 proto 77"));
  }

  @ParameterizedTest
  @ValueSource(strings = {NEAR, NEAR_IPV6})
  void packetsGoToTheNodeBehindTheRoute(String node) throws IOException {
    boolean ipv4 = node.equals(NEAR);
    try (DatagramSocket taken =
        host.outside().call(() -> new DatagramSocket(new InetSocketAddress(node, 8285)))) {
      taken.setSoTimeout(60_000);
      settled();
      byte[] payload = {1, 2, 3};
      try (DatagramSocket sending = host.namespace().call(() -> new DatagramSocket())) {
        InetAddress pod = InetAddress.getByName(ipv4 ? "10.244.5.7" : "fd00:10:0:5::7");
        sending.send(new DatagramPacket(payload, payload.length, pod, 9));
      }
      DatagramPacket datagram = new DatagramPacket(new byte[2048], 2048);
      taken.receive(datagram);

      assertThat(datagram.getAddress())
          .isEqualTo(InetAddress.getByName(ipv4 ? "10.1.5.11" : "2001:db8:5::11"));
      assertThat(datagram.getData()[ipv4 ? 9 : 6]).as("UDP").isEqualTo((byte) 17);
      assertThat(datagram.getLength()).isEqualTo((ipv4 ? 20 : 40) + 8 + payload.length);
    }
  }

  @Test
  void aNewProgrammerTakesTheDeviceOverAndTouchesNoRoute() {
    RouteProgrammer first = settled();
    List<String> routes = host.shown();
    TestHost.Recorder recorder = host.new Recorder();

    first.close();
    eventually().until(() -> host.ip("link show dev manul-udp").contains("NO-CARRIER"));
    RouteProgrammer second = settled();

    assertThat(second.foundRoutes()).isTrue();
    eventually().until(() -> !host.ip("link show dev manul-udp").contains("NO-CARRIER"));
    assertThat(host.shown()).isEqualTo(routes);
    assertThat(recorder.events()).isEmpty();
  }

  @Test
  void theMtuFollowsTheLinkUnderIt() {
    settled();

    host.ip("link set eth0 mtu 1400");
    eventually().until(() -> host.ip("link show dev manul-udp").contains("mtu 1372"));
    host.ip("link set eth0 mtu 9000");
    eventually().until(() -> host.ip("link show dev manul-udp").contains("mtu 8972"));
  }
}
