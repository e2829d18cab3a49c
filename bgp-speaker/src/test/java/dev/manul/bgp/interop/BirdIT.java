package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code manul-bgp} and BIRD 2 over a wire of their own. */
@Timeout(180)
class BirdIT {
  private static final String MANUL =
      """
      asNumber: 64512
      routerId: 10.99.0.1
      listen: [{address: 10.99.0.1}, {address: "2001:db8:99::1"}]
      originate:
        - {prefix: 10.244.0.0/26, nextHop: self, communities: ["64512:1", "65535:65281"]}
        - {prefix: 10.244.0.64/26}
        - {prefix: 2001:db8:244::/122, nextHop: "2001:db8:99::1", communities: ["64512:6"]}
      neighbors:
        - address: 10.99.0.2
          asNumber: 64513
          localAddress: 10.99.0.1
          holdTime: 9
          gracefulRestart: {restartTime: 60}
      """;

  private static final String BIRD =
      """
      router id 10.99.0.2;
      log stderr all;
      graceful restart wait 20;
      protocol device {}
      protocol static s4 { ipv4;
        route 172.20.0.0/24 blackhole { bgp_community.add((64513,7)); bgp_med = 5; };
        route 172.20.1.0/24 blackhole { bgp_large_community.add((64513,1,2)); };
      }
      protocol static s6 { ipv6;
        route 2001:db8:20::/48 blackhole { bgp_community.add((64513,8)); };
      }
      protocol bgp manul {
        local 10.99.0.2 as 64513;
        neighbor 10.99.0.1 as 64512;
        hold time 9;
        connect delay time 1; connect retry time 1; error wait time 1, 2;
        graceful restart on;
        ipv4 { import all; export where source = RTS_STATIC; next hop self; };
        ipv6 { import all; export where source = RTS_STATIC; next hop address 2001:db8:99::2; };
      }
      """;

  private Lab lab;

  @BeforeEach
  void open() throws IOException {
    lab = Lab.open("bird");
  }

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  private boolean birdHas(String prefix) {
    return lab.birdc("show route protocol manul").contains(prefix);
  }

  private void awaitExchange() {
    lab.eventually("the session is up", () -> lab.established("10.99.0.2"));
    lab.eventually(
        "BIRD has our routes",
        () ->
            Stream.of("10.244.0.0/26", "10.244.0.64/26", "2001:db8:244::/122")
                .allMatch(this::birdHas));
    lab.eventually(
        "we have BIRD's routes",
        () ->
            Stream.of("172.20.0.0/24", "172.20.1.0/24", "2001:db8:20::/48")
                .allMatch(prefix -> lab.route("/v1/routes", prefix).path("best").asBoolean()));
  }

  @Test
  void routesOfBothFamiliesGoBothWaysWithTheirAttributes() throws IOException {
    lab.startBird(BIRD);
    lab.startManul(MANUL);
    awaitExchange();

    String route = lab.birdc("show route all for 10.244.0.1");
    assertThat(route)
        .contains("BGP.as_path: 64512")
        .contains("BGP.next_hop: 10.99.0.1")
        .contains("(64512,1) (65535,65281)");
    assertThat(lab.birdc("show route all for 2001:db8:244::1"))
        .contains("BGP.next_hop: 2001:db8:99::1")
        .contains("(64512,6)");

    var v4 = lab.route("/v1/neighbors/10.99.0.2/adj-in", "172.20.0.0/24");
    assertThat(v4.path("asPath").asText()).isEqualTo("64513");
    assertThat(v4.path("nextHop").asText()).isEqualTo("10.99.0.2");
    assertThat(v4.path("communities").path(0).asText()).isEqualTo("64513:7");
    var large = lab.route("/v1/routes", "172.20.1.0/24");
    assertThat(large.path("largeCommunities").path(0).asText()).isEqualTo("64513:1:2");
    var v6 = lab.route("/v1/routes", "2001:db8:20::/48");
    assertThat(v6.path("nextHop").asText()).isEqualTo("2001:db8:99::2");
    assertThat(v6.path("communities").path(0).asText()).isEqualTo("64513:8");

    var neighbor = lab.neighbor("10.99.0.2");
    assertThat(neighbor.path("endOfRib").asBoolean()).isTrue();
    assertThat(neighbor.path("holdTime").asInt()).isEqualTo(9);
    assertThat(neighbor.path("malformed").asInt()).isZero();
    assertThat(lab.birdc("show protocols all manul"))
        .contains("Established")
        .contains("Restart time: 60")
        .doesNotContain("Last error");
  }

  @Test
  void withdrawalsPropagateBothWaysAndTheSessionStays() throws IOException {
    lab.startBird(BIRD);
    var manul = lab.startManul(MANUL);
    awaitExchange();
    var since = lab.neighbor("10.99.0.2").path("since").asText();

    lab.birdc("disable s4");
    lab.eventually(
        "BIRD's IPv4 routes are gone",
        () -> lab.route("/v1/routes", "172.20.0.0/24").path("prefix").isMissingNode());
    assertThat(lab.route("/v1/routes", "2001:db8:20::/48").path("best").asBoolean()).isTrue();

    lab.reload(manul, MANUL.replace("  - {prefix: 10.244.0.64/26}\n", ""));
    lab.eventually("our route is withdrawn", () -> !birdHas("10.244.0.64/26"));
    assertThat(birdHas("10.244.0.0/26")).isTrue();

    lab.birdc("enable s4");
    lab.eventually(
        "BIRD's routes are back",
        () -> lab.route("/v1/routes", "172.20.0.0/24").path("best").asBoolean());
    assertThat(lab.neighbor("10.99.0.2").path("since").asText())
        .as("the session was never reset")
        .isEqualTo(since);
  }

  @Test
  void theSessionOutlivesItsHoldTime() throws IOException {
    lab.startBird(BIRD);
    lab.startManul(MANUL);
    awaitExchange();
    var since = lab.neighbor("10.99.0.2").path("since").asText();
    long messages = lab.neighbor("10.99.0.2").path("messagesIn").asLong();
    // Four keepalives of 3 s each are more than the hold time of 9 s.
    lab.eventually(
        "keepalives have come for longer than the hold time",
        () -> lab.neighbor("10.99.0.2").path("messagesIn").asLong() >= messages + 4);
    assertThat(lab.neighbor("10.99.0.2").path("since").asText()).isEqualTo(since);
    assertThat(lab.established("10.99.0.2")).isTrue();
  }

  @Test
  void birdKeepsTheRoutesOfAKilledManulUntilItIsBack() throws IOException {
    lab.startBird(BIRD);
    var manul = lab.startManul(MANUL);
    awaitExchange();
    lab.kill(manul);
    lab.eventually(
        "BIRD waits for the restart",
        () -> lab.birdc("show protocols all manul").contains("Neighbor graceful restart active"));
    assertThat(List.of("10.244.0.0/26", "10.244.0.64/26", "2001:db8:244::/122"))
        .allMatch(this::birdHas);

    // One route less now: it must go when the restart is over, the others must stay throughout.
    lab.startManul(MANUL.replace("  - {prefix: 10.244.0.64/26}\n", ""), "--restarting");
    lab.eventually(
        "the stale route is gone",
        () -> {
          assertThat(birdHas("10.244.0.0/26")).isTrue();
          assertThat(birdHas("2001:db8:244::/122")).isTrue();
          return !birdHas("10.244.0.64/26");
        });
    lab.eventually("the session is up again", () -> lab.established("10.99.0.2"));
    assertThat(lab.birdc("show protocols all manul"))
        .doesNotContain("Neighbor graceful restart active");
  }

  @Test
  void weKeepTheRoutesOfAKilledBirdUntilItIsBack() throws IOException {
    var bird = lab.startBird(BIRD);
    lab.startManul(MANUL);
    awaitExchange();
    lab.kill(bird);
    lab.eventually(
        "we wait for the restart", () -> lab.neighbor("10.99.0.2").path("restarting").asBoolean());
    var stale = lab.route("/v1/routes", "172.20.0.0/24");
    assertThat(stale.path("best").asBoolean()).isTrue();
    assertThat(stale.path("stale").asBoolean()).isTrue();

    lab.startBird(
        BIRD.replace(
            "  route 172.20.1.0/24 blackhole { bgp_large_community.add((64513,1,2)); };\n", ""),
        "-R");
    lab.eventually(
        "the stale route is gone",
        () -> {
          assertThat(lab.route("/v1/routes", "172.20.0.0/24").path("best").asBoolean()).isTrue();
          return lab.route("/v1/routes", "172.20.1.0/24").path("prefix").isMissingNode();
        });
    lab.eventually(
        "nothing is stale any more",
        () -> !lab.route("/v1/routes", "172.20.0.0/24").path("stale").asBoolean());
    assertThat(lab.established("10.99.0.2")).isTrue();
  }

  @Test
  void aTerminatedManulSaysGoodbyeAndItsRoutesGo() throws IOException {
    lab.startBird(BIRD);
    var manul = lab.startManul(MANUL);
    awaitExchange();
    manul.destroy();
    lab.eventually("manul-bgp has ended", () -> !manul.isAlive());
    assertThat(manul.exitValue()).isZero();
    lab.eventually("our routes are gone", () -> !birdHas("10.244.0.0/26"));
    assertThat(lab.output("bird.log")).contains("Administrative shutdown");
    assertThat(lab.path("manul.sock")).doesNotExist();
  }

  @Test
  void aSessionOverIpv6WithAPasswordCarriesBothFamilies() throws IOException {
    lab.startBird(
        BIRD.replace(
                "local 10.99.0.2 as 64513", "local 2001:db8:99::2 as 64513; password \"s3cret\"")
            .replace("neighbor 10.99.0.1 as 64512", "neighbor 2001:db8:99::1 as 64512")
            .replace(
                "ipv4 { import all; export where source = RTS_STATIC; next hop self; }",
                "ipv4 { import all; export where source = RTS_STATIC; next hop address 10.99.0.2; }"));
    lab.startManul(
        MANUL
            .replace("address: 10.99.0.2", "address: \"2001:db8:99::2\"\n    password: s3cret")
            .replace("localAddress: 10.99.0.1", "localAddress: \"2001:db8:99::1\"")
            .replace("10.244.0.0/26, nextHop: self", "10.244.0.0/26, nextHop: 10.99.0.1")
            .replace("{prefix: 10.244.0.64/26}", "{prefix: 10.244.0.64/26, nextHop: 10.99.0.1}")
            .replace("nextHop: \"2001:db8:99::1\", ", ""));
    lab.eventually("the session is up", () -> lab.established("2001:db8:99::2"));
    lab.eventually("BIRD has our IPv6 route", () -> birdHas("2001:db8:244::/122"));
    lab.eventually("BIRD has our IPv4 route", () -> birdHas("10.244.0.0/26"));
    assertThat(lab.birdc("show route all for 2001:db8:244::1"))
        .contains("BGP.next_hop: 2001:db8:99::1");
    lab.eventually(
        "we have BIRD's routes",
        () ->
            Stream.of("172.20.0.0/24", "2001:db8:20::/48")
                .allMatch(prefix -> lab.route("/v1/routes", prefix).path("best").asBoolean()));
  }
}
