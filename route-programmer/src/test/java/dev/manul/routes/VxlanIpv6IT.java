package dev.manul.routes;

import static dev.manul.model.AddressFamily.IPV6;
import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.model.EncapsulationMode.CROSS_SUBNET;
import static dev.manul.model.EncapsulationMode.NEVER;
import static dev.manul.routes.TestHost.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EncapsulationMode;
import dev.manul.model.InterfaceAddress;
import dev.manul.netlink.Event;
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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pools of IPv6 in VXLAN against the real kernel. */
class VxlanIpv6IT {

  private static final String DEVICE = "vxlan-v6.calico";
  private static final String NEAR = "2001:db8:5::10 fd00:12:5::1";
  private static final String FAR = "2001:db8:8::10 fd00:12:8::1";
  private static final Pattern ANSWERED = Pattern.compile("xmt/rcv/%loss = (\\d+)/(\\d+)/");

  private TestHost host;

  @BeforeEach
  void makeHost() {
    host = new TestHost();
    host.ip("-6 route add default via 2001:db8:5::1");
    host.outside("link set lo up");
    host.outside("address add 2001:db8:5::10/64 dev p-eth0 nodad");
  }

  @AfterEach
  void removeHost() {
    host.close();
  }

  private static NodeView in(EncapsulationMode mode, String... others) {
    return Sketch.view()
        .pools(Sketch.pool("fd00:12::/32", NEVER, mode))
        .vxlan(IPV6, "fd00:12:1::1", others)
        .get();
  }

  private RouteProgrammer settled() {
    return host.settled(
        in(ALWAYS, NEAR, FAR),
        List.of(
            Sketch.change("fd00:12:5::/122", "2001:db8:5::10"),
            Sketch.change("fd00:12:8::/122", "2001:db8:8::10")),
        4);
  }

  private List<String> bridge() {
    return host.forwarding(DEVICE);
  }

  private List<String> neighbours() {
    return host.neighbours(DEVICE);
  }

  private static String mac(String node) {
    return VxlanTunnel.derivedMac(node, IPV6);
  }

  private static String block(String prefix, String way) {
    return prefix + " via " + way + " proto 77 metric 1024";
  }

  private boolean shows(String line) {
    return host.shown().stream().anyMatch(shown -> shown.startsWith(line));
  }

  @Test
  void theKernelHasDeviceEndsAndRoutes() {
    settled();

    assertThat(host.ip("-d link show dev " + DEVICE))
        .contains(
            "vxlan id 4096",
            "local 2001:db8:5::11",
            "dev eth0",
            "dstport 4789",
            "nolearning",
            "mtu 1430",
            mac("worker"));
    assertThat(host.ip("-6 address show dev " + DEVICE))
        .contains("inet6 fd00:12:1::1/128")
        .doesNotContain("fd00:12:1::1/128 scope global tentative");
    assertThat(neighbours())
        .containsExactlyInAnyOrder(
            "fd00:12:5::1 lladdr " + mac("2001:db8:5::10") + " PERMANENT",
            "fd00:12:8::1 lladdr " + mac("2001:db8:8::10") + " PERMANENT");
    assertThat(bridge())
        .containsExactlyInAnyOrder(
            mac("2001:db8:5::10") + " dst 2001:db8:5::10 self permanent",
            mac("2001:db8:8::10") + " dst 2001:db8:8::10 self permanent");
    assertThat(host.shown())
        .map(line -> line.replace(" pref medium", ""))
        .containsExactlyInAnyOrder(
            block("fd00:12:5::/122", "fd00:12:5::1 dev " + DEVICE) + " onlink",
            "fd00:12:5::1 dev " + DEVICE + " proto 77 metric 1024",
            block("fd00:12:8::/122", "fd00:12:8::1 dev " + DEVICE) + " onlink",
            "fd00:12:8::1 dev " + DEVICE + " proto 77 metric 1024");
  }

  /** What the other node's UDP port 4789 is sent, field by field (RFC 7348 section 5). */
  @Test
  void aFrameHasTheRightHeaders() throws IOException {
    byte[] payload = "over the tunnel".getBytes(StandardCharsets.US_ASCII);
    try (DatagramSocket taken =
        host.outside()
            .call(() -> new DatagramSocket(new InetSocketAddress("2001:db8:5::10", 4789)))) {
      taken.setSoTimeout(60_000);
      settled();
      try (DatagramSocket sending = host.namespace().call(() -> new DatagramSocket())) {
        sending.send(
            new DatagramPacket(payload, payload.length, InetAddress.getByName("fd00:12:5::7"), 9));
      }
      byte[] frame = received(taken);

      ByteBuffer fields = ByteBuffer.wrap(frame);
      assertThat(fields.get()).as("flags: a VNI is there").isEqualTo((byte) 0x08);
      assertThat(fields.getInt(4) >>> 8).as("VNI").isEqualTo(4096);
      assertThat(macAt(frame, 8)).isEqualTo(mac("2001:db8:5::10"));
      assertThat(macAt(frame, 14)).isEqualTo(mac("worker"));
      assertThat(fields.getShort(20)).as("EtherType of IPv6").isEqualTo((short) 0x86dd);
      int ip = 22;
      assertThat(fields.get(ip) >>> 4).as("version").isEqualTo(6);
      assertThat(fields.get(ip + 6)).as("UDP").isEqualTo((byte) 17);
      assertThat(addressAt(frame, ip + 8)).isEqualTo(InetAddress.getByName("fd00:12:1::1"));
      assertThat(addressAt(frame, ip + 24)).isEqualTo(InetAddress.getByName("fd00:12:5::7"));
      assertThat(Arrays.copyOfRange(frame, ip + 48, frame.length)).isEqualTo(payload);
    }
  }

  /** The first frame with UDP in it: the device sends ICMPv6 of its own as well. */
  private static byte[] received(DatagramSocket socket) throws IOException {
    while (true) {
      DatagramPacket outer = new DatagramPacket(new byte[2048], 2048);
      socket.receive(outer);
      byte[] frame = Arrays.copyOf(outer.getData(), outer.getLength());
      if (frame.length > 28 && frame[28] == 17) {
        assertThat(outer.getAddress()).isEqualTo(InetAddress.getByName("2001:db8:5::11"));
        return frame;
      }
    }
  }

  private static String macAt(byte[] frame, int at) {
    return HexFormat.ofDelimiter(":").formatHex(frame, at, at + 6);
  }

  private static InetAddress addressAt(byte[] frame, int at) throws IOException {
    return InetAddress.getByAddress(Arrays.copyOfRange(frame, at, at + 16));
  }

  @Test
  void switchesReplaceRoutesAndNeverTakeOneAway() {
    RouteProgrammer programmer = settled();
    TestHost.Recorder recorder = host.new Recorder();

    programmer.view(in(CROSS_SUBNET, NEAR, FAR));
    eventually().until(() -> shows(block("fd00:12:5::/122", "2001:db8:5::10 dev eth0")));
    assertThat(shows(block("fd00:12:8::/122", "fd00:12:8::1 dev " + DEVICE))).isTrue();
    programmer.view(in(NEVER, NEAR, FAR));
    eventually().until(() -> shows(block("fd00:12:8::/122", "2001:db8:5::1 dev eth0")));
    eventually().until(() -> neighbours().isEmpty() && bridge().isEmpty());
    programmer.view(in(ALWAYS, NEAR, FAR));
    eventually().until(() -> neighbours().size() == 2 && host.shown().size() == 4);
    eventually().until(() -> blockEvents(recorder).size() >= 4);

    assertThat(blockEvents(recorder))
        .hasSize(4)
        .allSatisfy(
            event ->
                assertThat(event)
                    .isInstanceOfSatisfying(
                        Event.RouteAdded.class, added -> assertThat(added.replaced()).isTrue()));
  }

  private static List<Event> blockEvents(TestHost.Recorder recorder) {
    return recorder.events().stream().filter(event -> event.toString().contains("/122")).toList();
  }

  /** Two nodes that change one after the other, while a pod of one pings a pod of the other. */
  @Test
  void noPingIsLostWhileBothNodesChangeTheMode() throws IOException, InterruptedException {
    host.ip("address add fd00:12:1::5/128 dev lo nodad");
    host.outside("address add fd00:12:5::5/128 dev lo nodad");
    try (RouteProgrammer other =
        RouteProgrammer.start(host.outside(), TestHost.OPTIONS, ProgrammerListener.NONE)) {
      RouteProgrammer here = host.programmer();
      here.learned(List.of(Sketch.change("fd00:12:5::/122", "2001:db8:5::10")));
      other.learned(List.of(Sketch.change("fd00:12:1::/122", "2001:db8:5::11")));
      here.inSync();
      other.inSync();
      change(here, other, NEVER);

      // Links that have just come up find each other after a second or two, and until then the
      // kernel keeps a limited number of packets.
      eventually().until(() -> fping("-c 1 -t 500").waitFor() == 0);

      Process pings = fping("-c 300 -p 10 -t 9000");
      int changes = 0;
      do {
        for (EncapsulationMode mode : List.of(ALWAYS, CROSS_SUBNET, ALWAYS, NEVER)) {
          change(here, other, mode);
          changes++;
        }
      } while (pings.isAlive());
      String output = new String(pings.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(pings.waitFor()).as(output).isZero();
      Matcher matcher = ANSWERED.matcher(output);
      assertThat(matcher.find()).as(output).isTrue();
      assertThat(matcher.group(1)).isEqualTo("300");
      assertThat(matcher.group(2)).as("answers in %d changes", changes).isEqualTo("300");
    }
  }

  private Process fping(String options) throws IOException {
    String command =
        "ip netns exec %s fping -6 -q -S fd00:12:1::5 %s fd00:12:5::5"
            .formatted(host.name, options);
    return new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
  }

  /** Each node hears of the mode first, and of the other's tunnel address when that is ready. */
  private void change(RouteProgrammer here, RouteProgrammer other, EncapsulationMode mode) {
    boolean tunnelled = mode == ALWAYS;
    boolean vxlan = mode != NEVER;
    here.view(in(mode));
    other.view(there(mode, false));
    eventually().until(() -> !vxlan || (isUp(here) && isUp(other)));
    here.view(vxlan ? in(mode, NEAR) : in(mode));
    eventually()
        .until(
            () ->
                shows(
                    block(
                        "fd00:12:5::/122",
                        tunnelled ? "fd00:12:5::1 dev " + DEVICE : "2001:db8:5::10 dev eth0")));
    other.view(there(mode, vxlan));
    String back =
        block(
            "fd00:12:1::/122",
            tunnelled ? "fd00:12:1::1 dev " + DEVICE : "2001:db8:5::11 dev p-eth0");
    eventually().until(() -> host.outside("-6 route show proto 77").contains(routeOf(back)));
  }

  /** As {@code ip route show proto 77} writes it, without the protocol. */
  private static String routeOf(String line) {
    return line.replace(" proto 77", "");
  }

  private static boolean isUp(RouteProgrammer programmer) {
    return VxlanTunnel.device(programmer.underlay(), IPV6).isPresent();
  }

  private static NodeView there(EncapsulationMode mode, boolean ready) {
    Sketch.View view = Sketch.view().pools(Sketch.pool("fd00:12::/32", NEVER, mode));
    view.ipv4 = Optional.empty();
    view.ipv6 = Optional.of(InterfaceAddress.parse("2001:db8:5::10/64"));
    view.vxlan.put(
        IPV6,
        new VxlanTunnel(
            VxlanTunnel.DEFAULT_VNI,
            VxlanTunnel.DEFAULT_PORT,
            OptionalInt.empty(),
            Optional.of(Sketch.address("fd00:12:5::1")),
            mac("2001:db8:5::10"),
            ready
                ? Map.of(
                    Sketch.address("2001:db8:5::11"),
                    new VxlanTunnel.Remote(Sketch.address("fd00:12:1::1"), mac("worker")))
                : Map.of()));
    return view.get();
  }
}
