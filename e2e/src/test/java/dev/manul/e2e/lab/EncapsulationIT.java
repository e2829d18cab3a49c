package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.demo.MtuCheck;
import dev.manul.e2e.demo.MtuReport;
import dev.manul.model.AddressFamily;
import dev.manul.routes.VxlanTunnel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What nodes send each other in each mode, octet by octet, on a lab of four agents. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncapsulationIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int RATE = 500;
  private static final String NIC = "eth0";
  private static final int ECHO_REQUEST = 8;
  private static final String A = "vxlan-a";
  private static final String SAME_SUBNET = "vxlan-b";
  private static final String OTHER_SUBNET = "vxlan-c";

  private final Path pings = SteadyPings.program(Path.of("..").toAbsolutePath().normalize());

  @TempDir private static Path directory;
  private Lab lab;

  @BeforeAll
  void bringTheLabUp() {
    Path programs = Path.of("../dist/bin").toAbsolutePath().normalize();
    assertThat(programs.resolve("manul-agent")).as("made by ./dev build").isExecutable();
    Path topology = Path.of("topologies/vxlan.clab.yaml");
    lab = Lab.up(directory.resolve("lab"), programs, topology, Progress.NONE);
  }

  @AfterAll
  void endTheLab() {
    Lab.down(directory.resolve("lab"));
  }

  /** Brings the pool into modes and waits until every node has all routes and every pod answers. */
  private void in(String vxlan, String udp) {
    String patch =
        "{\"spec\":{\"ipipMode\":\"Never\",\"vxlanMode\":\"%s\",\"udpMode\":\"%s\"}}"
            .formatted(vxlan, udp);
    lab.manulctl(A, "patch", "ippool", "default-ipv4-ippool", "-p", patch).orThrow();
    var _ = Waiting.until(patch, LIMIT, Progress.NONE, () -> wrongRoutes(vxlan, udp));
  }

  private List<String> wrongRoutes(String vxlan, String udp) {
    List<String> wrong = new ArrayList<>();
    for (Topology.Machine node : lab.topology().nodes()) {
      KernelRoutes routes = KernelRoutes.of(node.namespace());
      for (Pod pod : lab.pods()) {
        Optional<String> device =
            routes.ours(pod.address()).flatMap(line -> KernelRoutes.device(line));
        String wanted = device(vxlan, udp, node.name(), pod.node());
        if (!pod.node().equals(node.name()) && !device.equals(Optional.of(wanted))) {
          wrong.add(node.name() + " to " + pod.name() + ": " + device.orElse("no route"));
        }
      }
    }
    return wrong;
  }

  private String device(String vxlan, String udp, String from, String to) {
    boolean near = Subnets.same(lab.topology(), from, to);
    if (vxlan.equals("Always") || (vxlan.equals("CrossSubnet") && !near)) {
      return "vxlan.calico";
    }
    return udp.equals("Always") || (udp.equals("CrossSubnet") && !near) ? "manul-udp" : NIC;
  }

  private Pod podOf(String node) {
    return lab.pod(node, 0);
  }

  /** The echo request of a ping between the first pods of two nodes, on the first one's wire. */
  private Frames.Ethernet pinged(String from, String to, String filter)
      throws IOException, InterruptedException {
    Pod sender = podOf(from);
    Pod receiver = podOf(to);
    Path file = directory.resolve("wire.pcap");
    Files.deleteIfExists(file);
    Process tcpdump =
        new ProcessBuilder(
                Run.inNamespace(
                    lab.topology().machine(from).namespace(),
                    List.of(
                        "timeout",
                        "60",
                        "tcpdump",
                        "-Z",
                        "root",
                        "-n",
                        "-i",
                        NIC,
                        "-Q",
                        "out",
                        "-c",
                        "1",
                        "-w",
                        file.toString(),
                        filter)))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader said = tcpdump.inputReader()) {
      String line = said.readLine();
      while (line != null && !line.contains("listening on")) {
        line = said.readLine();
      }
      assertThat(line).as("tcpdump listens").isNotNull();
      var _ =
          Waiting.until(
              "an answer of " + receiver.name(),
              LIMIT,
              Progress.NONE,
              () -> ping(sender, receiver) ? List.of() : List.of("none"));
      assertThat(tcpdump.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      tcpdump.destroy();
    }
    List<Frames.Ethernet> frames = Frames.of(Files.readAllBytes(file));
    assertThat(frames).hasSize(1);
    return frames.getFirst();
  }

  private static boolean ping(Pod from, Pod to) {
    return Run.of(
                Run.inNamespace(
                    from.networkNamespace(), List.of("ping", "-n", "-c1", "-W1", to.address())))
            .status()
        == 0;
  }

  /** What a pod sent to another, whatever it was in. */
  private void assertEcho(Frames.Ipv4 packet, String from, String to) {
    assertThat(packet.source()).isEqualTo(podOf(from).address());
    assertThat(packet.destination()).isEqualTo(podOf(to).address());
    assertThat(packet.timeToLive()).as("the node is one hop").isEqualTo(63);
    assertThat(Frames.echo(packet)).isEqualTo(new Frames.Echo(ECHO_REQUEST, 0));
  }

  private void assertPlain(String to) throws IOException, InterruptedException {
    assertEcho(Frames.ipv4(pinged(A, to, "icmp")), A, to);
  }

  private void assertVxlan(String to, String node) throws IOException, InterruptedException {
    Frames.Ethernet outer = pinged(A, to, "udp port 4789");
    Frames.Ipv4 packet = Frames.ipv4(outer);
    assertThat(packet.source()).isEqualTo("10.1.5.10");
    assertThat(packet.destination()).isEqualTo(node);
    Frames.Udp datagram = Frames.udp(packet);
    assertThat(datagram.destination()).isEqualTo(4789);
    assertThat(datagram.source()).as("by the flow").isGreaterThan(1023);
    Frames.Vxlan vxlan = Frames.vxlan(datagram);
    assertThat(vxlan.flags()).as("a VNI is there").isEqualTo(0x08);
    assertThat(vxlan.vni()).isEqualTo(4096);
    assertThat(vxlan.reserved()).isZero();
    Frames.Ethernet inner = Frames.ethernet(vxlan.frame());
    assertThat(inner.source()).isEqualTo(VxlanTunnel.derivedMac(A, AddressFamily.IPV4));
    assertThat(inner.destination()).isEqualTo(VxlanTunnel.derivedMac(to, AddressFamily.IPV4));
    assertEcho(Frames.ipv4(inner), A, to);
  }

  private void assertUdp(String to, String node) throws IOException, InterruptedException {
    Frames.Ipv4 packet = Frames.ipv4(pinged(A, to, "udp port 8285"));
    assertThat(packet.source()).isEqualTo("10.1.5.10");
    assertThat(packet.destination()).isEqualTo(node);
    assertThat(packet.whole()).as("may not be cut up").isFalse();
    Frames.Udp datagram = Frames.udp(packet);
    assertThat(datagram.source()).isEqualTo(8285);
    assertThat(datagram.destination()).isEqualTo(8285);
    Frames.Ipv4 inner = Frames.ipv4(datagram.payload());
    assertThat(datagram.payload().limit()).as("the packet and nothing else").isEqualTo(84);
    assertEcho(inner, A, to);
  }

  @Test
  void vxlanCarriesFrames() throws IOException, InterruptedException {
    in("Always", "Never");
    assertVxlan(SAME_SUBNET, "10.1.5.11");
    assertVxlan(OTHER_SUBNET, "10.1.8.10");
  }

  /** What flannel calls DirectRouting. */
  @Test
  void vxlanAcrossSubnetsLeavesASubnetPlain() throws IOException, InterruptedException {
    in("CrossSubnet", "Never");
    assertPlain(SAME_SUBNET);
    assertVxlan(OTHER_SUBNET, "10.1.8.10");
  }

  /** What flannel calls host-gw. */
  @Test
  void withoutAModePacketsArePlain() throws IOException, InterruptedException {
    in("Never", "Never");
    assertPlain(SAME_SUBNET);
  }

  @Test
  void udpCarriesBarePackets() throws IOException, InterruptedException {
    in("Never", "Always");
    assertUdp(SAME_SUBNET, "10.1.5.11");
    assertUdp(OTHER_SUBNET, "10.1.8.10");
  }

  @Test
  void udpAcrossSubnetsLeavesASubnetPlain() throws IOException, InterruptedException {
    in("Never", "CrossSubnet");
    assertPlain(SAME_SUBNET);
    assertUdp(OTHER_SUBNET, "10.1.8.10");
  }

  @Test
  void noPingIsLostBetweenVxlanAndUdp() {
    in("Always", "Never");
    everyPodAnswers();

    try (SteadyPings load = SteadyPings.start(pings, SteadyPings.betweenNodes(lab.pods()), RATE)) {
      in("Never", "Always");
      in("Always", "Never");
      SteadyPings.Count count = load.stop();

      assertThat(count.losses()).isEmpty();
      assertThat(count.sent()).isPositive();
      assertThat(count.lost()).isZero();
    }
  }

  /** The device and its routes outlive the agent; packets wait for nobody. */
  @Test
  void aRestartedAgentTakesItsDeviceOver() {
    in("Never", "Always");
    everyPodAnswers();
    String namespace = lab.topology().machine(A).namespace();
    List<String> routes = KernelRoutes.of(namespace).ours();

    lab.killAgent(A);
    assertThat(KernelRoutes.of(namespace).ours())
        .map(route -> route.replace(" linkdown", ""))
        .isEqualTo(routes);
    assertThat(ping(podOf(A), podOf(SAME_SUBNET))).isFalse();
    var _ = lab.restartAgent(A, Progress.NONE);

    everyPodAnswers();
    assertThat(KernelRoutes.of(namespace).ours()).isEqualTo(routes);
  }

  @Test
  void packetsThatAreTooLongAreToldOfAndStreamsGoOn() {
    MtuReport report =
        new MtuCheck(lab, Progress.NONE)
            .run(List.of(MtuCheck.Way.DIRECT, MtuCheck.Way.VXLAN, MtuCheck.Way.UDP));

    assertThat(report.failures()).isEmpty();
    assertThat(report.findings())
        .extracting(MtuReport.Finding::deviceMtu)
        .containsExactly(1500, 1400, 1450, 1350, 1472, 1372);
  }

  private void everyPodAnswers() {
    var _ =
        Waiting.until(
            "every pod answers", LIMIT, Progress.NONE, () -> PingMatrix.take(lab).silent());
  }
}
