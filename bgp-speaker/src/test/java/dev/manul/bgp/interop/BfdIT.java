package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** BFD between {@code manul-bgp} and the BFD of BIRD and FRR, over a wire of their own. */
@Timeout(180)
class BfdIT {
  private static final String MANUL =
      """
      asNumber: 64512
      routerId: 10.99.0.1
      listen: [{address: 10.99.0.1}]
      originate: [{prefix: 10.244.0.0/26}]
      neighbors:
        - address: 10.99.0.2
          asNumber: 64513
          localAddress: 10.99.0.1
          families: [ipv4-unicast]
          gracefulRestart: {restartTime: 60}
          bfd: {minTxMillis: 60, minRxMillis: 80, multiplier: 5}
      """;

  private static final String BIRD =
      """
      router id 10.99.0.2;
      log stderr all;
      protocol device {}
      protocol bfd {
        interface "*" { min rx interval 50 ms; min tx interval 70 ms; multiplier 5; };
      }
      protocol static s4 { ipv4; route 172.20.0.0/24 blackhole; }
      protocol bgp manul {
        local 10.99.0.2 as 64513;
        neighbor 10.99.0.1 as 64512;
        connect delay time 1; connect retry time 1; error wait time 1, 2;
        graceful restart on;
        bfd on;
        ipv4 { import all; export where source = RTS_STATIC; next hop self; };
      }
      """;

  private static final String FRR =
      """
      frr defaults traditional
      hostname frr
      log stdout
      router bgp 64513
       bgp router-id 10.99.0.2
       no bgp ebgp-requires-policy
       no bgp network import-check
       neighbor 10.99.0.1 remote-as 64512
       neighbor 10.99.0.1 timers connect 1
       neighbor 10.99.0.1 bfd 5 50 70
       address-family ipv4 unicast
        network 172.20.0.0/24
       exit-address-family
      """;

  private Lab lab;

  @BeforeEach
  void open() throws IOException {
    lab = Lab.open("bfd");
  }

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  private String bfdState() {
    return lab.manul("/v1/bgp/neighbors/10.99.0.2").at("/bfd/state").asText();
  }

  private void awaitWatching() {
    lab.eventually("the session is up", () -> lab.established("10.99.0.2"));
    lab.eventually("BFD is up", () -> bfdState().equals("Up"));
    lab.eventually(
        "their route is there",
        () -> lab.route("/v1/routes", "172.20.0.0/24").path("best").asBoolean());
  }

  private void awaitGivenUp() {
    lab.eventually(
        "the session is down because of BFD",
        () -> lab.neighbor("10.99.0.2").path("lastError").asText().startsWith("BFD down"));
    assertThat(lab.route("/v1/routes", "172.20.0.0/24").path("prefix").isMissingNode())
        .as("a dead path keeps no routes, graceful restart or not")
        .isTrue();
  }

  private static void signal(String signal, Process process) throws IOException {
    Lab.run("kill -" + signal + " " + process.pid());
  }

  @Test
  void birdAndManulWatchEachOther() throws IOException {
    var bird = lab.startBird(BIRD);
    var manul = lab.startManul(MANUL);
    awaitWatching();
    lab.eventually(
        "BIRD's is up", () -> lab.birdc("show bfd sessions").matches("(?s).*10.99.0.1.*Up.*"));
    lab.eventually(
        "the faster intervals are agreed on",
        () -> {
          var bfd = lab.manul("/v1/bgp/neighbors/10.99.0.2").path("bfd");
          return bfd.path("transmitMicros").asInt() == 60_000
              && bfd.path("detectionMicros").asInt() == 400_000;
        });
    signal("STOP", bird);
    awaitGivenUp();
    signal("CONT", bird);
    awaitWatching();

    signal("STOP", manul);
    lab.eventually(
        "BIRD gives us up",
        () -> lab.birdc("show bfd sessions").matches("(?s).*10.99.0.1.*Down.*"));
    lab.eventually(
        "BIRD ends the session", () -> lab.birdc("show protocols all manul").contains("BFD"));
    signal("CONT", manul);
    awaitWatching();
  }

  @Test
  void frrAndManulWatchEachOther() throws IOException {
    lab.startFrr(FRR);
    var bfdd = lab.startBfdd();
    var manul = lab.startManul(MANUL);
    awaitWatching();
    lab.eventually("FRR's is up", () -> lab.vtysh("show bfd peers").contains("Status: up"));
    signal("STOP", bfdd);
    awaitGivenUp();
    signal("CONT", bfdd);
    awaitWatching();

    signal("STOP", manul);
    lab.eventually("FRR gives us up", () -> lab.vtysh("show bfd peers").contains("Status: down"));
    lab.eventually(
        "FRR ends the session",
        () -> !lab.vtysh("show bgp neighbors").contains("BGP state = Established"));
    signal("CONT", manul);
    awaitWatching();
  }

  @Test
  void aNeighborWithAnIpv6AddressIsWatchedOverOneHop() throws IOException {
    lab.startBird(
        BIRD.replace("local 10.99.0.2", "local 2001:db8:99::2")
            .replace("neighbor 10.99.0.1", "neighbor 2001:db8:99::1")
            .replace("ipv4", "ipv6")
            .replace("172.20.0.0/24", "2001:db8:20::/48"));
    lab.startManul(
        MANUL
            .replace("{address: 10.99.0.1}", "{address: \"2001:db8:99::1\"}")
            .replace("10.244.0.0/26", "2001:db8:244::/122")
            .replace("10.99.0.2", "2001:db8:99::2")
            .replace("localAddress: 10.99.0.1", "localAddress: 2001:db8:99::1")
            .replace("ipv4-unicast", "ipv6-unicast"));
    lab.eventually("BFD is up", () -> bfd("2001:db8:99::2").path("state").asText().equals("Up"));
    assertThat(bfd("2001:db8:99::2").path("multihop").asBoolean()).isFalse();
    assertThat(lab.birdc("show bfd sessions")).contains("2001:db8:99::1");
  }

  /** Addresses that are in no subnet of both. */
  @Test
  void aNeighborBehindARouteIsWatchedOverSeveralHops() throws IOException {
    Lab.run("ip -n " + lab.ours.namespace() + " addr add 10.98.0.1/32 dev lo");
    Lab.run("ip -n " + lab.theirs.namespace() + " addr add 10.98.0.2/32 dev lo");
    Lab.run("ip -n " + lab.ours.namespace() + " route add 10.98.0.2/32 via 10.99.0.2");
    Lab.run("ip -n " + lab.theirs.namespace() + " route add 10.98.0.1/32 via 10.99.0.1");
    lab.startBird(
        BIRD.replace("interface \"*\"", "multihop")
            .replace("local 10.99.0.2", "multihop; local 10.98.0.2")
            .replace("neighbor 10.99.0.1", "neighbor 10.98.0.1"));
    lab.startManul(
        MANUL
            .replace("{address: 10.99.0.1}", "{address: 10.98.0.1}")
            .replace("address: 10.99.0.2", "address: 10.98.0.2")
            .replace("localAddress: 10.99.0.1", "localAddress: 10.98.0.1\n    multihop: 4"));
    lab.eventually("BFD is up", () -> bfd("10.98.0.2").path("state").asText().equals("Up"));
    assertThat(bfd("10.98.0.2").path("multihop").asBoolean()).isTrue();
  }

  private JsonNode bfd(String neighbor) {
    return lab.manul("/v1/bgp/neighbors/" + neighbor).path("bfd");
  }
}
