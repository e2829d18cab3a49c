package dev.manul.routes;

import static dev.manul.model.AddressFamily.IPV4;
import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.model.EncapsulationMode.CROSS_SUBNET;
import static dev.manul.model.EncapsulationMode.NEVER;
import static dev.manul.routes.TestHost.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EncapsulationMode;
import dev.manul.netlink.Event;
import dev.manul.netlink.Group;
import dev.manul.netlink.Neighbour;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetlinkMonitor;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pools in VXLAN against the real kernel. */
class VxlanIT {

  private static final String NEAR = "10.1.5.10 10.244.5.1";
  private static final String FAR = "10.1.8.10 10.244.8.1";

  private TestHost host;

  @BeforeEach
  void makeHost() {
    host = new TestHost();
    host.outside("address add 10.1.5.10/24 dev p-eth0");
  }

  @AfterEach
  void removeHost() {
    host.close();
  }

  private static NodeView in(EncapsulationMode mode, String... others) {
    return Sketch.view()
        .pools(Sketch.pool("10.244.0.0/16", NEVER, mode))
        .vxlan(IPV4, "10.244.1.1", others)
        .get();
  }

  private RouteProgrammer settled() {
    return host.settled(
        in(ALWAYS, NEAR, FAR),
        List.of(
            Sketch.change("10.244.5.0/26", "10.1.5.10"),
            Sketch.change("10.244.8.0/26", "10.1.8.10")),
        4);
  }

  private List<String> bridge() {
    return host.forwarding("vxlan.calico");
  }

  private List<String> neighbours() {
    return host.neighbours("vxlan.calico");
  }

  @Test
  void theKernelHasDeviceEndsAndRoutes() {
    settled();

    assertThat(host.ip("-d link show dev vxlan.calico"))
        .contains(
            "vxlan id 4096",
            "local 10.1.5.11",
            "dev eth0",
            "dstport 4789",
            "nolearning",
            "mtu 1450",
            VxlanTunnel.derivedMac("worker", IPV4));
    assertThat(host.ip("address show dev vxlan.calico")).contains("inet 10.244.1.1/32");
    assertThat(neighbours())
        .containsExactlyInAnyOrder(
            "10.244.5.1 lladdr " + VxlanTunnel.derivedMac("10.1.5.10", IPV4) + " PERMANENT",
            "10.244.8.1 lladdr " + VxlanTunnel.derivedMac("10.1.8.10", IPV4) + " PERMANENT");
    assertThat(bridge())
        .containsExactlyInAnyOrder(
            VxlanTunnel.derivedMac("10.1.5.10", IPV4) + " dst 10.1.5.10 self permanent",
            VxlanTunnel.derivedMac("10.1.8.10", IPV4) + " dst 10.1.8.10 self permanent");
    assertThat(host.shown())
        .containsExactlyInAnyOrder(
            "10.244.5.0/26 via 10.244.5.1 dev vxlan.calico proto 77 onlink",
            "10.244.5.1 dev vxlan.calico proto 77 scope link",
            "10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink",
            "10.244.8.1 dev vxlan.calico proto 77 scope link");
  }

  /** What the other node's UDP port 4789 is sent, field by field (RFC 7348 section 5). */
  @Test
  void aFrameHasTheRightHeaders() throws IOException {
    byte[] payload = "over the tunnel".getBytes(StandardCharsets.US_ASCII);
    try (DatagramSocket taken =
        host.outside().call(() -> new DatagramSocket(new InetSocketAddress("10.1.5.10", 4789)))) {
      taken.setSoTimeout(60_000);
      settled();
      try (DatagramSocket sending = host.namespace().call(() -> new DatagramSocket())) {
        sending.send(
            new DatagramPacket(payload, payload.length, InetAddress.getByName("10.244.5.7"), 9));
      }
      DatagramPacket outer = new DatagramPacket(new byte[2048], 2048);
      taken.receive(outer);

      assertThat(outer.getAddress().getHostAddress()).isEqualTo("10.1.5.11");
      ByteBuffer frame = ByteBuffer.wrap(outer.getData(), 0, outer.getLength());
      assertThat(frame.get()).as("flags: a VNI is there").isEqualTo((byte) 0x08);
      assertThat(frame.get(1) | frame.get(2) | frame.get(3)).as("reserved").isZero();
      assertThat(frame.getInt(4) >>> 8).as("VNI").isEqualTo(4096);
      assertThat(frame.get(7)).as("reserved").isZero();
      assertThat(mac(outer.getData(), 8)).isEqualTo(VxlanTunnel.derivedMac("10.1.5.10", IPV4));
      assertThat(mac(outer.getData(), 14)).isEqualTo(VxlanTunnel.derivedMac("worker", IPV4));
      assertThat(frame.getShort(20)).as("EtherType of IPv4").isEqualTo((short) 0x0800);
      int ip = 22;
      assertThat(frame.get(ip)).as("IPv4 without options").isEqualTo((byte) 0x45);
      assertThat(frame.get(ip + 9)).as("UDP").isEqualTo((byte) 17);
      assertThat(address(outer.getData(), ip + 12)).isEqualTo("10.244.1.1");
      assertThat(address(outer.getData(), ip + 16)).isEqualTo("10.244.5.7");
      assertThat(Arrays.copyOfRange(outer.getData(), ip + 28, outer.getLength()))
          .isEqualTo(payload);
    }
  }

  private static String mac(byte[] frame, int at) {
    return HexFormat.ofDelimiter(":").formatHex(frame, at, at + 6);
  }

  private static String address(byte[] frame, int at) throws IOException {
    return InetAddress.getByAddress(Arrays.copyOfRange(frame, at, at + 4)).getHostAddress();
  }

  /** What the kernel tells of a batch is one message a change. */
  @Test
  void oneMoreNodeIsFourMessages() {
    RouteProgrammer programmer = settled();
    Ears recorder = new Ears();
    try (NetlinkMonitor _ =
        NetlinkMonitor.open(
            host.namespace(), Set.of(Group.NEIGHBOUR, Group.IPV4_ROUTE), recorder)) {
      programmer.learned(List.of(Sketch.change("10.244.9.0/26", "10.1.8.11")));
      programmer.view(in(ALWAYS, NEAR, FAR, "10.1.8.11 10.244.9.1"));
      eventually().until(() -> programmer.status().installed() == 6);
      eventually().until(() -> recorder.events.size() >= 4);

      assertThat(recorder.events.stream().<Class<?>>map(Object::getClass))
          .containsExactlyInAnyOrder(
              Event.NeighbourChanged.class,
              Event.ForwardingChanged.class,
              Event.RouteAdded.class,
              Event.RouteAdded.class);
    }
  }

  /** What concerns permanent entries and routes; neighbours that are asked for come and go. */
  private static final class Ears implements NetlinkMonitor.Listener {
    final List<Event> events = new CopyOnWriteArrayList<>();

    @Override
    public void changed(List<Event> told) {
      for (Event event : told) {
        boolean asking =
            event instanceof Event.NeighbourChanged(var n) && n.state() != Neighbour.PERMANENT;
        if (!asking) {
          events.add(event);
        }
      }
    }

    @Override
    public void overrun() {
      throw new IllegalStateException("news were lost");
    }

    @Override
    public void failed(NetlinkException cause) {
      throw cause;
    }
  }

  @Test
  void switchesReplaceRoutesAndNeverTakeOneAway() {
    RouteProgrammer programmer = settled();
    TestHost.Recorder recorder = host.new Recorder();

    programmer.view(in(CROSS_SUBNET, NEAR, FAR));
    eventually()
        .until(() -> host.shown().contains("10.244.5.0/26 via 10.1.5.10 dev eth0 proto 77"));
    assertThat(host.shown())
        .contains("10.244.8.0/26 via 10.244.8.1 dev vxlan.calico proto 77 onlink");
    programmer.view(in(NEVER, NEAR, FAR));
    eventually().until(() -> host.shown().contains("10.244.8.0/26 via 10.1.5.1 dev eth0 proto 77"));
    eventually().until(() -> neighbours().isEmpty() && bridge().isEmpty());
    programmer.view(in(ALWAYS, NEAR, FAR));
    eventually().until(() -> neighbours().size() == 2 && host.shown().size() == 4);
    eventually().until(() -> recorder.told.size() >= 8);

    assertThat(recorder.events())
        .filteredOn(event -> destination(event).endsWith("/26"))
        .hasSize(4)
        .allSatisfy(
            event ->
                assertThat(event)
                    .isInstanceOfSatisfying(
                        Event.RouteAdded.class, added -> assertThat(added.replaced()).isTrue()));
  }

  private static String destination(Event event) {
    return switch (event) {
      case Event.RouteAdded added -> added.route().destination().toString();
      case Event.RouteRemoved removed -> removed.route().destination().toString();
      default -> "";
    };
  }

  @Test
  void whatOthersDoIsPutRight() {
    settled();
    String near = VxlanTunnel.derivedMac("10.1.5.10", IPV4);
    List<String> bridgeBefore = bridge();
    List<String> neighboursBefore = neighbours();

    host.ip("neighbour del 10.244.5.1 dev vxlan.calico");
    eventually().untilAsserted(() -> assertThat(neighbours()).hasSameElementsAs(neighboursBefore));
    host.bridge("fdb del " + near + " dev vxlan.calico dst 10.1.5.10");
    eventually().untilAsserted(() -> assertThat(bridge()).hasSameElementsAs(bridgeBefore));
    host.bridge("fdb add 66:00:00:00:00:01 dev vxlan.calico dst 10.1.5.99");
    eventually().untilAsserted(() -> assertThat(bridge()).hasSameElementsAs(bridgeBefore));
    host.ip("link set vxlan.calico mtu 1300");
    eventually().until(() -> host.ip("link show dev vxlan.calico").contains("mtu 1450"));
    host.ip("link del vxlan.calico");
    eventually()
        .untilAsserted(
            () -> {
              assertThat(host.shown()).hasSize(4);
              assertThat(bridge()).hasSameElementsAs(bridgeBefore);
              assertThat(neighbours()).hasSameElementsAs(neighboursBefore);
            });
  }
}
