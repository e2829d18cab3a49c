package dev.manul.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two hosts on one link, each with a network of its own behind a TUN device. */
class PacketRelayIT {

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int PORT = 8285;
  private static final String DEVICE = "relay0";

  private final String prefix =
      "mnrelay-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
  private final String left = prefix + "-l";
  private final String right = prefix + "-r";

  @BeforeEach
  void makeHosts() throws IOException, InterruptedException {
    run("ip netns add " + left);
    run("ip netns add " + right);
    run("ip -n " + left + " link set lo up");
    run("ip -n " + right + " link set lo up");
    run("ip -n " + left + " link add eth0 type veth peer name eth0 netns " + right);
    host(left, "10.9.0.1/24", "fd09::1/64");
    host(right, "10.9.0.2/24", "fd09::2/64");
  }

  private static void host(String namespace, String ipv4, String ipv6)
      throws IOException, InterruptedException {
    run("ip -n " + namespace + " address add " + ipv4 + " dev eth0");
    run("ip -n " + namespace + " address add " + ipv6 + " dev eth0 nodad");
    run("ip -n " + namespace + " link set eth0 up");
  }

  @AfterEach
  void removeHosts() throws IOException, InterruptedException {
    run("ip netns delete " + left);
    run("ip netns delete " + right);
  }

  private static String run(String command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command.split(" ", -1)).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    return output;
  }

  private static ConditionFactory eventually() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
  }

  /** Prefixes and the hosts behind which they are; these are peers as well. */
  private record Known(Map<Prefix, Address> ends, Set<Address> peers)
      implements PacketRelay.Directory {

    static Known of(String prefix, String host) {
      return new Known(
          Map.of(Prefix.parse(prefix), Address.parse(host)), Set.of(Address.parse(host)));
    }

    @Override
    public Optional<Address> end(Address destination) {
      return ends.entrySet().stream()
          .filter(each -> each.getKey().contains(destination))
          .map(Map.Entry::getValue)
          .findFirst();
    }

    @Override
    public boolean isPeer(Address host) {
      return peers.contains(host);
    }
  }

  /** A relay whose device has an address and the route to all networks of its family. */
  private static PacketRelay relay(String host, String local, String inner, Known known)
      throws IOException, InterruptedException {
    return relay(LibC.get(), host, local, inner, known);
  }

  private static PacketRelay relay(LibC libc, String host, String local, String inner, Known known)
      throws IOException, InterruptedException {
    PacketRelay relay =
        PacketRelay.start(
            libc, NetworkNamespace.named(host), DEVICE, Address.parse(local), PORT, known);
    String family = inner.contains(":") ? "-6" : "-4";
    String nodad = inner.contains(":") ? " nodad" : "";
    run("ip -n " + host + " link set " + DEVICE + " mtu 1400 up");
    run("ip -n " + host + " address add " + inner + " dev " + DEVICE + nodad);
    String all = inner.contains(":") ? "fd10::/16" : "10.10.0.0/16";
    run("ip -n " + host + " " + family + " route replace " + all + " dev " + DEVICE);
    return relay;
  }

  @Test
  void aHostThatBecomesKnownWithAPacketsRouteIsKnownForThatPacket()
      throws IOException, InterruptedException {
    FaultyLibC libc = new FaultyLibC();
    Known nobody = new Known(Map.of(), Set.of());
    try (PacketRelay relay = relay(libc, left, "10.9.0.1", "10.10.1.1/32", nobody);
        DatagramSocket sender = NetworkNamespace.named(left).call(() -> new DatagramSocket())) {
      libc.onRead = () -> relay.directory(Known.of("10.10.2.1/32", "10.9.0.2"));
      sender.send(
          new DatagramPacket(
              new byte[4], 4, new InetSocketAddress(InetAddress.getByName("10.10.2.1"), 9)));
      eventually().until(() -> relay.counts().sent() + relay.counts().nowhere() > 0);
      assertThat(relay.counts().nowhere()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStreamArrivesWhole(boolean ipv4) throws IOException, InterruptedException {
    byte[] sent = new byte[4 << 20];
    new Random(6).nextBytes(sent);
    String near = ipv4 ? "10.10.1.1" : "fd10:0:0:1::1";
    String far = ipv4 ? "10.10.2.1" : "fd10:0:0:2::1";
    String nearHost = ipv4 ? "10.9.0.1" : "fd09::1";
    String farHost = ipv4 ? "10.9.0.2" : "fd09::2";
    String length = ipv4 ? "/32" : "/128";
    try (PacketRelay here = relay(left, nearHost, near + length, Known.of(far + length, farHost));
        PacketRelay there = relay(right, farHost, far + length, Known.of(near + length, nearHost));
        ServerSocket server =
            NetworkNamespace.named(right)
                .call(() -> new ServerSocket(9000, 1, InetAddress.getByName(far)))) {
      CompletableFuture<byte[]> received =
          CompletableFuture.supplyAsync(
              () -> {
                try (Socket socket = server.accept();
                    InputStream in = socket.getInputStream()) {
                  return in.readAllBytes();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      try (Socket socket = NetworkNamespace.named(left).call(() -> new Socket())) {
        NetworkNamespace.named(left)
            .call(
                () -> {
                  socket.connect(new InetSocketAddress(far, 9000), 30_000);
                  return "";
                });
        socket.getOutputStream().write(sent);
      }

      assertThat(received.join()).isEqualTo(sent);
      assertThat(here.counts().sent()).isGreaterThan(sent.length / 1400);
      assertThat(there.counts().received()).isGreaterThan(sent.length / 1400);
      assertThat(there.counts().strange()).isZero();
    }
  }

  /** The framing: an IP packet, unchanged, is all that a datagram carries. */
  @Test
  void aDatagramCarriesThePacketAlone() throws IOException, InterruptedException {
    byte[] payload = "bare".getBytes(StandardCharsets.US_ASCII);
    try (PacketRelay relay =
            relay(left, "10.9.0.1", "10.10.1.1/32", Known.of("10.10.2.0/24", "10.9.0.2"));
        DatagramSocket taken =
            NetworkNamespace.named(right)
                .call(() -> new DatagramSocket(new InetSocketAddress("10.9.0.2", PORT)));
        DatagramSocket sending = NetworkNamespace.named(left).call(() -> new DatagramSocket())) {
      taken.setSoTimeout(60_000);
      sending.send(
          new DatagramPacket(payload, payload.length, InetAddress.getByName("10.10.2.7"), 9));
      DatagramPacket datagram = new DatagramPacket(new byte[2048], 2048);
      taken.receive(datagram);

      assertThat(datagram.getSocketAddress()).isEqualTo(new InetSocketAddress("10.9.0.1", PORT));
      byte[] packet = Arrays.copyOf(datagram.getData(), datagram.getLength());
      assertThat(packet).as("IPv4 and UDP headers, payload").hasSize(20 + 8 + payload.length);
      assertThat(packet[0]).as("IPv4 without options").isEqualTo((byte) 0x45);
      assertThat(packet[9]).as("UDP").isEqualTo((byte) 17);
      assertThat(Arrays.copyOfRange(packet, 12, 20))
          .as("source and destination")
          .containsExactly(10, 10, 1, 1, 10, 10, 2, 7);
      assertThat(Arrays.copyOfRange(packet, 28, packet.length)).isEqualTo(payload);
      eventually().untilAsserted(() -> assertThat(relay.counts().sent()).isOne());
    }
  }

  @Test
  void whatIsNotForUsIsDroppedAndCounted() throws IOException, InterruptedException {
    byte[] packet = new byte[28];
    packet[0] = 0x45;
    packet[3] = 28;
    packet[8] = 64;
    packet[9] = 17;
    InetSocketAddress relayAt = new InetSocketAddress("10.9.0.1", PORT);
    try (PacketRelay relay =
        relay(left, "10.9.0.1", "10.10.1.1/32", Known.of("10.10.2.0/24", "10.9.0.2"))) {
      send(right, 8286, packet, relayAt);
      eventually().until(() -> relay.counts().strange() == 1);
      send(right, PORT, new byte[] {0x45, 0}, relayAt);
      eventually().until(() -> relay.counts().malformed() > 0);
      send(left, 0, packet, new InetSocketAddress("10.10.99.1", 9));
      eventually().until(() -> relay.counts().nowhere() == 1);
      run("ip -n " + right + " address add 10.9.0.3/24 dev eth0");
      NetworkNamespace.named(right)
          .call(
              () -> {
                try (DatagramSocket socket =
                    new DatagramSocket(new InetSocketAddress("10.9.0.3", PORT))) {
                  socket.send(new DatagramPacket(packet, packet.length, relayAt));
                }
                return "";
              });
      eventually().until(() -> relay.counts().strange() == 2);

      assertThat(relay.counts().received()).isZero();
      relay.directory(
          new Known(Map.of(), Set.of(Address.parse("10.9.0.2"), Address.parse("10.9.0.3"))));
      send(right, PORT, packet, relayAt);
      eventually().until(() -> relay.counts().received() == 1);
    }
  }

  private static void send(String host, int port, byte[] octets, InetSocketAddress to) {
    NetworkNamespace.named(host)
        .run(
            () -> {
              try (DatagramSocket socket = new DatagramSocket(port)) {
                socket.send(new DatagramPacket(octets, octets.length, to));
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  @Test
  void theDeviceOutlivesTheRelayWithItsRoutes() throws IOException, InterruptedException {
    Known known = Known.of("10.10.2.0/24", "10.9.0.2");
    relay(left, "10.9.0.1", "10.10.1.1/32", known).close();

    assertThat(run("ip -n " + left + " route show dev " + DEVICE)).contains("10.10.0.0/16");
    eventually()
        .untilAsserted(
            () ->
                assertThat(run("ip -n " + left + " link show " + DEVICE))
                    .contains("NO-CARRIER", "mtu 1400"));
    try (PacketRelay again =
        PacketRelay.start(
            NetworkNamespace.named(left), DEVICE, Address.parse("10.9.0.1"), PORT, known)) {
      assertThat(again.running()).isTrue();
      eventually()
          .until(() -> !run("ip -n " + left + " link show " + DEVICE).contains("NO-CARRIER"));
      assertThat(run("ip -n " + left + " address show dev " + DEVICE)).contains("10.10.1.1/32");
    }
  }

  @Test
  void oneProcessAtATimeHasADevice() throws IOException, InterruptedException {
    Known known = Known.of("10.10.2.0/24", "10.9.0.2");
    try (PacketRelay _ = relay(left, "10.9.0.1", "10.10.1.1/32", known)) {
      NetworkNamespace namespace = NetworkNamespace.named(left);
      Address local = Address.parse("10.9.0.1");

      assertThatThrownBy(() -> PacketRelay.start(namespace, DEVICE, local, PORT, known))
          .isInstanceOfSatisfying(
              NetlinkException.class,
              refusal -> assertThat(refusal.errno()).isEqualTo(Errno.EBUSY));
      assertThatThrownBy(() -> PacketRelay.start(namespace, "relay1", local, PORT, known))
          .isInstanceOfSatisfying(
              NetlinkException.class,
              refusal -> assertThat(refusal.errno()).isEqualTo(Errno.EADDRINUSE));
    }
  }

  @Test
  void aRelayEndsWithItsDevice() throws IOException, InterruptedException {
    try (PacketRelay relay =
        relay(left, "10.9.0.1", "10.10.1.1/32", Known.of("10.10.2.0/24", "10.9.0.2"))) {
      run("ip -n " + left + " link delete " + DEVICE);

      eventually().until(() -> !relay.running());
    }
  }

  @Test
  void manyPacketsKeepTheirOrder() throws IOException, InterruptedException {
    List<Integer> numbers = IntStream.range(0, 500).boxed().toList();
    try (PacketRelay _ =
            relay(left, "10.9.0.1", "10.10.1.1/32", Known.of("10.10.2.1/32", "10.9.0.2"));
        PacketRelay _ =
            relay(right, "10.9.0.2", "10.10.2.1/32", Known.of("10.10.1.1/32", "10.9.0.1"));
        DatagramSocket taken =
            NetworkNamespace.named(right)
                .call(() -> new DatagramSocket(new InetSocketAddress("10.10.2.1", 9)));
        DatagramSocket sending = NetworkNamespace.named(left).call(() -> new DatagramSocket())) {
      taken.setReceiveBufferSize(1 << 20);
      taken.setSoTimeout(60_000);
      List<Integer> got = new ArrayList<>();
      for (int batch = 0; batch < numbers.size(); batch += 50) {
        for (int number : numbers.subList(batch, batch + 50)) {
          byte[] octets = {(byte) (number >> 8), (byte) number};
          sending.send(new DatagramPacket(octets, 2, InetAddress.getByName("10.10.2.1"), 9));
        }
        for (int i = 0; i < 50; i++) {
          DatagramPacket datagram = new DatagramPacket(new byte[2], 2);
          taken.receive(datagram);
          got.add((datagram.getData()[0] & 0xff) * 256 + (datagram.getData()[1] & 0xff));
        }
      }

      assertThat(got).isEqualTo(numbers);
    }
  }
}
