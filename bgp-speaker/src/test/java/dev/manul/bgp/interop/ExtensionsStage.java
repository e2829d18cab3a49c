package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.bgp.interop.Outcome.Lacking;
import dev.manul.bgp.interop.PeerPlan.Extension;
import dev.manul.bgp.interop.PeerPlan.Neighbor;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Capability.LongLivedGracefulRestart;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A session over IPv6 alone, next hops of IPv4 prefixes included, and its ends' long absences. The
 * latter are looked at by IPv6 prefixes, since not every peer takes the others there.
 */
final class ExtensionsStage extends Stage {
  private static final String ADDRESS = "2001:db8:99::2";

  ExtensionsStage(PeerRun run) {
    super(run);
  }

  @Override
  void play() {
    Map<Feature, PeerRun.Check> checks = new LinkedHashMap<>();
    checks.put(Feature.EXTENDED_NEXT_HOP, this::extendedNextHop);
    checks.put(Feature.LONG_LIVED_OF_OURS, this::longLivedOfOurs);
    checks.put(Feature.LONG_LIVED_OF_THEIRS, this::longLivedOfTheirs);
    run.stage(
        () -> {
          peer.start(plan(), false);
          run.configureManul(configuration());
          awaitExchange();
        },
        checks);
    run.killAll();
  }

  private PeerPlan plan() {
    return new PeerPlan(
        lab.theirs,
        THEIR_AS,
        THEIR_ROUTES,
        Neighbor.of("2001:db8:99::1", OUR_AS)
            .with(Extension.EXTENDED_NEXT_HOP, Extension.LONG_LIVED_RESTART));
  }

  private static String configuration() {
    return OURS.formatted(OUR_AS).replace(", nextHop: 10.99.0.1", "")
        + neighbor(ADDRESS, THEIR_AS, ", localAddress: \"2001:db8:99::1\", extendedNextHop: true")
            .replace(
                "restartTime: 60",
                "restartTime: %d, longLivedStaleTime: %d"
                    .formatted(PeerPlan.RESTART_SECONDS, PeerPlan.LONG_LIVED_SECONDS));
  }

  private void awaitExchange() {
    lab.eventually("the session is up", () -> lab.established(ADDRESS));
    lab.eventually("it has our route", () -> peer.has(R6));
    lab.eventually("we have its route", () -> run.weHave(T6));
  }

  private void extendedNextHop() {
    if (!run.announces(Capability.ExtendedNextHop.class)) {
      assertThat(peer.has(R4)).as("it is not told what it cannot take").isFalse();
      throw new Lacking("its OPEN has no extended next hop capability");
    }
    lab.eventually("it has our IPv4 routes", () -> peer.has(R4) && peer.has(R4_SECOND));
    assertThat(peer.routes(R4))
        .singleElement()
        .satisfies(
            route -> {
              assertThat(route.asPath()).isEqualTo("4200000512");
              assertThat(route.nextHop()).isEqualTo("2001:db8:99::1");
              assertThat(route.communities()).containsExactlyInAnyOrder("64512:1", "64512:2");
            });
    lab.eventually("we have its IPv4 routes", () -> run.weHave(T4) && run.weHave(T4_SECOND));
    JsonNode theirs = lab.route("/v1/routes", T4);
    assertThat(theirs.path("nextHop").asText()).isEqualTo(ADDRESS);
    assertThat(PeerDaemon.texts(theirs.path("communities"))).containsExactly("64513:7");
    assertThat(lab.neighbor(ADDRESS).path("malformed").asInt()).isZero();
  }

  private void needsLongLived() {
    if (!run.announces(LongLivedGracefulRestart.class)) {
      throw new Lacking("its OPEN has no long-lived graceful restart capability");
    }
  }

  private void longLivedOfOurs() throws IOException {
    needsLongLived();
    lab.kill(run.manul);
    lab.eventually(
        "the restart time is over, and it keeps our route",
        () ->
            peer.routes(R6).stream()
                .anyMatch(r -> r.communities().contains(SeenRoute.LONG_LIVED_STALE)));
    run.startManul(configuration(), "--restarting");
    awaitExchange();
    lab.eventually(
        "our route is as before",
        () ->
            peer.routes(R6).size() == 1
                && !peer.routes(R6).getFirst().communities().contains(SeenRoute.LONG_LIVED_STALE));
  }

  private void longLivedOfTheirs() throws IOException {
    needsLongLived();
    boolean names =
        run.capabilities().stream()
            .anyMatch(c -> c instanceof LongLivedGracefulRestart l && !l.families().isEmpty());
    if (!names) {
      throw new Lacking("its OPEN names no family for long-lived graceful restart");
    }
    lab.eventually("we have its route", () -> run.weHave(T6));
    peer.kill();
    lab.eventually(
        "the restart time is over, and we keep its route",
        () ->
            PeerDaemon.texts(lab.route("/v1/routes", T6).path("communities"))
                .contains(SeenRoute.LONG_LIVED_STALE));
    JsonNode kept = lab.route("/v1/routes", T6);
    assertThat(kept.path("best").asBoolean()).isTrue();
    assertThat(kept.path("stale").asBoolean()).isTrue();
    peer.start(plan(), true);
    lab.eventually(
        "its route is as before",
        () -> {
          JsonNode route = lab.route("/v1/routes", T6);
          return route.path("best").asBoolean()
              && !route.path("stale").asBoolean()
              && !PeerDaemon.texts(route.path("communities")).contains(SeenRoute.LONG_LIVED_STALE);
        });
  }
}
