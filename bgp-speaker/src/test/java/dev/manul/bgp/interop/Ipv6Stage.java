package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.interop.PeerPlan.Neighbor;
import java.util.LinkedHashMap;
import java.util.Map;

/** A session over IPv6 with a password. */
final class Ipv6Stage extends Stage {
  Ipv6Stage(PeerRun run) {
    super(run);
  }

  @Override
  void play() {
    Map<Feature, PeerRun.Check> checks = new LinkedHashMap<>();
    checks.put(
        Feature.SESSION_IPV6,
        () -> {
          assertThat(peer.routes(R6).getFirst().nextHop()).isEqualTo("2001:db8:99::1");
          assertThat(lab.route("/v1/routes", T4).path("nextHop").asText()).isEqualTo("10.99.0.2");
          assertThat(lab.route("/v1/routes", T6).path("nextHop").asText())
              .isEqualTo("2001:db8:99::2");
        });
    checks.put(
        Feature.MD5,
        () ->
            assertThat(run.sent(lab.theirs, lab.ours, PeerRun.UPDATE).getLast().signed())
                .as("the segments are signed")
                .isTrue());
    run.stage(
        () -> {
          peer.start(
              new PeerPlan(
                  lab.theirs,
                  THEIR_AS,
                  THEIR_ROUTES,
                  Neighbor.of("2001:db8:99::1", OUR_AS).withPassword(PASSWORD)),
              false);
          run.startManul(
              OURS.formatted(OUR_AS)
                  + neighbor(
                      "2001:db8:99::2",
                      THEIR_AS,
                      ", localAddress: \"2001:db8:99::1\", password: " + PASSWORD));
          awaitExchange("2001:db8:99::2");
        },
        checks);
    run.killPeers();
  }
}
