package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.netlink.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks of the articles whose pods are on a bridge of their node. */
class BridgedLabsIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String GATEWAY = "10.1.5.1";

  @TempDir private Path directory;

  @AfterEach
  void endTheLab() {
    Lab.down(directory.resolve("lab"));
  }

  private Lab up(String name) {
    Path programs = Path.of("../dist/bin").toAbsolutePath().normalize();
    assertThat(programs.resolve("manul-agent")).as("made by ./dev build").isExecutable();
    Path topology = Path.of("topologies", name + ".clab.yaml");
    Lab lab = Lab.up(directory.resolve("lab"), programs, topology, Progress.NONE);
    for (Pod from : lab.pods()) {
      for (Pod to : lab.pods()) {
        await().atMost(LIMIT).until(() -> answers(from, to.address()));
      }
    }
    return lab;
  }

  private static boolean answers(Pod from, String address) {
    return Run.of(
                Run.inNamespace(
                    from.networkNamespace(), List.of("ping", "-c", "1", "-W", "1", address)))
            .status()
        == 0;
  }

  private static String mac(String namespace, String device) {
    String line = Run.in(namespace, "ip", "-o", "link", "show", "dev", device);
    return line.replaceFirst("(?s).*link/ether (\\S+).*", "$1");
  }

  /** What lies beside flannel's labs is what its own configuration becomes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "flannel-vxlan",
        "flannel-directrouting",
        "flannel-host-gw",
        "flannel-udp",
        "canal"
      })
  void flannelsConfigurationBecomesWhatTheLabHas(String name) throws IOException {
    Path beside = Path.of("topologies", name);
    Run convert =
        Run.of(
            List.of(
                Path.of("../dist/bin/manulctl").toAbsolutePath().normalize().toString(),
                "convert",
                "--ip-masq",
                "-f",
                beside.resolve("net-conf.json").toString()));
    assertThat(convert.orThrow().output())
        .isEqualTo(Files.readString(beside.resolve("resources.yaml")));
  }

  /**
   * As in the article: on {@code cni0} the frame is addressed to the bridge, on the node's NIC to
   * the other node; the packet in it is the same, and no outer one is around it.
   */
  @Test
  void kindnetsPacketsAreSeenOnTheBridgeAndOnTheNic() {
    Lab lab = up("kindnet");
    String a = lab.topology().machine("kn-a").namespace();
    String b = lab.topology().machine("kn-b").namespace();
    Pod first = lab.pod("kn-a", 0);
    Pod second = lab.pod("kn-a", 1);
    Pod remote = lab.pod("kn-b", 0);

    try (var bridge = new Sniffer(a, "cni0", "icmp");
        var nic = new Sniffer(a, "eth0", "icmp");
        var gateway = new Sniffer(lab.topology().machine("kn-gw").namespace(), "eth0", "icmp")) {
      String request = first.address() + " > " + remote.address() + ": ICMP echo request";
      assertThat(answers(first, remote.address())).isTrue();
      String own = mac(first.networkNamespace(), "eth0");
      assertThat(bridge.await(request))
          .startsWith(own + " > " + mac(a, "cni0") + ", ethertype IPv4");
      assertThat(nic.await(request))
          .startsWith(mac(a, "eth0") + " > " + mac(b, "eth0") + ", ethertype IPv4");

      assertThat(answers(first, second.address())).isTrue();
      String within = first.address() + " > " + second.address() + ": ICMP echo request";
      assertThat(bridge.await(within))
          .as("from port to port, never routed")
          .startsWith(own + " > " + mac(second.networkNamespace(), "eth0"));

      assertThat(answers(first, GATEWAY)).isTrue();
      gateway.await("10.1.5.10 > " + GATEWAY + ": ICMP echo request"); // masqueraded
      assertThat(nic.lines()).noneMatch(line -> line.contains(within));
      assertThat(gateway.lines()).noneMatch(line -> line.contains(first.address()));
    }
    assertThat(Run.in(a, "ip", "route"))
        .containsPattern("10\\.244\\.\\d\\.0/24 via 10\\.1\\.5\\.11 dev eth0 proto 77")
        .containsPattern("10\\.244\\.\\d\\.0/24 dev cni0 proto 77 scope link");
  }

  /** Policy is asked about what the bridge carries from port to port as well. */
  @Test
  void canalsPolicyHoldsOnTheBridgeAndBetweenNodes() {
    Lab lab = up("canal");
    Pod from = lab.pod("cn-a", 0);
    Pod beside = lab.pod("cn-a", 1);
    Pod remote = lab.pod("cn-b", 0);
    try (ServerSocket one = listening(beside);
        ServerSocket other = listening(remote)) {
      await().atMost(LIMIT).until(() -> connects(from, beside) && connects(from, remote));

      Path policy = Path.of("topologies/canal/policy.yaml").toAbsolutePath();
      lab.manulctl("cn-a", "apply", "-f", policy.toString()).orThrow();
      await().atMost(LIMIT).until(() -> !connects(from, beside) && !connects(from, remote));
      assertThat(answers(from, beside.address())).isTrue();
      assertThat(answers(from, remote.address())).isTrue();
      assertThat(one.isBound() && other.isBound()).isTrue();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThat(Run.in(lab.topology().machine("cn-a").namespace(), "ip", "-d", "link"))
        .contains("vxlan id 1 ", "dstport 8472");
  }

  private static ServerSocket listening(Pod pod) {
    return NetworkNamespace.named(pod.networkNamespace())
        .call(
            () -> {
              var server = new ServerSocket();
              server.bind(new InetSocketAddress(pod.address(), 80));
              return server;
            });
  }

  private static boolean connects(Pod from, Pod to) {
    return NetworkNamespace.named(from.networkNamespace())
        .call(
            () -> {
              try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(to.address(), 80), 400);
                return true;
              } catch (IOException e) {
                return false;
              }
            });
  }
}
