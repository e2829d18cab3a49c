package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code manul-bgp} and FRR over a wire of their own. */
@Timeout(180)
class FrrIT {
  private static final String MANUL =
      """
      asNumber: 4200000512
      routerId: 10.99.0.1
      listen: [{address: 10.99.0.1}]
      originate:
        - {prefix: 10.244.0.0/26, nextHop: self, communities: ["64512:1"]}
        - {prefix: 10.244.0.64/26}
        - {prefix: 2001:db8:244::/122, nextHop: "2001:db8:99::1", communities: ["64512:6"]}
      neighbors:
        - address: 10.99.0.2
          asNumber: 64513
          localAddress: 10.99.0.1
          holdTime: 9
          gracefulRestart: {restartTime: 60}
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
       bgp graceful-restart
       bgp graceful-restart preserve-fw-state
       neighbor 10.99.0.1 remote-as 4200000512
       neighbor 10.99.0.1 timers 3 9
       neighbor 10.99.0.1 timers connect 1
       address-family ipv4 unicast
        network 172.20.0.0/24 route-map tag4
        network 172.20.1.0/24
       exit-address-family
       address-family ipv6 unicast
        network 2001:db8:20::/48 route-map tag6
        neighbor 10.99.0.1 activate
        neighbor 10.99.0.1 route-map six out
       exit-address-family
      route-map tag4 permit 10
       set community 64513:7
       set large-community 64513:1:2
      route-map tag6 permit 10
       set community 64513:8
      route-map six permit 10
       set ipv6 next-hop global 2001:db8:99::2
      """;

  private Lab lab;

  @BeforeEach
  void open() throws IOException {
    lab = Lab.open("frr");
  }

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  private boolean frrHas(String prefix) {
    String family = prefix.contains(":") ? "ipv6" : "ipv4";
    return lab.vtysh("show bgp " + family + " unicast " + prefix).contains("best");
  }

  private void awaitExchange() {
    lab.eventually("the session is up", () -> lab.established("10.99.0.2"));
    lab.eventually(
        "FRR has our routes",
        () ->
            Stream.of("10.244.0.0/26", "10.244.0.64/26", "2001:db8:244::/122")
                .allMatch(this::frrHas));
    lab.eventually(
        "we have FRR's routes",
        () ->
            Stream.of("172.20.0.0/24", "172.20.1.0/24", "2001:db8:20::/48")
                .allMatch(prefix -> lab.route("/v1/routes", prefix).path("best").asBoolean()));
  }

  @Test
  void routesOfBothFamiliesGoBothWaysWithTheirAttributes() throws IOException {
    lab.startFrr(FRR);
    lab.startManul(MANUL);
    awaitExchange();
    assertThat(lab.vtysh("show bgp ipv4 unicast 10.244.0.0/26"))
        .contains("4200000512")
        .contains("10.99.0.1 from 10.99.0.1")
        .contains("Community: 64512:1");
    assertThat(lab.vtysh("show bgp ipv6 unicast 2001:db8:244::/122"))
        .contains("2001:db8:99::1 from 10.99.0.1")
        .contains("Community: 64512:6");

    var v4 = lab.route("/v1/neighbors/10.99.0.2/adj-in", "172.20.0.0/24");
    assertThat(v4.path("asPath").asText()).isEqualTo("64513");
    assertThat(v4.path("nextHop").asText()).isEqualTo("10.99.0.2");
    assertThat(v4.path("communities").path(0).asText()).isEqualTo("64513:7");
    assertThat(v4.path("largeCommunities").path(0).asText()).isEqualTo("64513:1:2");
    var v6 = lab.route("/v1/routes", "2001:db8:20::/48");
    assertThat(v6.path("nextHop").asText()).isEqualTo("2001:db8:99::2");
    assertThat(v6.path("communities").path(0).asText()).isEqualTo("64513:8");
    assertThat(lab.neighbor("10.99.0.2").path("malformed").asInt()).isZero();
  }

  @Test
  void withdrawalsPropagateBothWaysAndTheSessionStays() throws IOException {
    lab.startFrr(FRR);
    var manul = lab.startManul(MANUL);
    awaitExchange();
    var since = lab.neighbor("10.99.0.2").path("since").asText();

    lab.vtysh(
        "configure terminal",
        "router bgp 64513",
        "address-family ipv4 unicast",
        "no network 172.20.1.0/24");
    lab.eventually(
        "FRR's route is gone",
        () -> lab.route("/v1/routes", "172.20.1.0/24").path("prefix").isMissingNode());
    assertThat(lab.route("/v1/routes", "172.20.0.0/24").path("best").asBoolean()).isTrue();

    lab.reload(manul, MANUL.replace("  - {prefix: 10.244.0.64/26}\n", ""));
    lab.eventually("our route is withdrawn", () -> !frrHas("10.244.0.64/26"));
    assertThat(frrHas("10.244.0.0/26")).isTrue();
    assertThat(lab.neighbor("10.99.0.2").path("since").asText())
        .as("the session was never reset")
        .isEqualTo(since);
  }

  @Test
  void frrKeepsTheRoutesOfAKilledManulUntilItIsBack() throws IOException {
    lab.startFrr(FRR);
    var manul = lab.startManul(MANUL);
    awaitExchange();
    lab.kill(manul);
    lab.eventually(
        "FRR has them as stale",
        () -> lab.vtysh("show bgp ipv4 unicast 10.244.0.0/26").contains("(stale)"));
    assertThat(frrHas("10.244.0.0/26")).isTrue();
    lab.startManul(MANUL.replace("  - {prefix: 10.244.0.64/26}\n", ""), "--restarting");
    lab.eventually(
        "the stale route is gone",
        () -> {
          assertThat(frrHas("10.244.0.0/26")).isTrue();
          return !frrHas("10.244.0.64/26");
        });
    assertThat(lab.vtysh("show bgp ipv4 unicast 10.244.0.0/26")).doesNotContain("(stale)");
  }
}
