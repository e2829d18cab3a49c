package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.bgp.interop.Outcome.Lacking;
import dev.manul.bgp.interop.PeerPlan.Neighbor;
import dev.manul.bgp.interop.PeerPlan.Route;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A session over IPv4 between two ASes, and its life from beginning to end. */
final class ExternalStage extends Stage {
  ExternalStage(PeerRun run) {
    super(run);
  }

  @Override
  void play() {
    Map<Feature, PeerRun.Check> checks = new LinkedHashMap<>();
    checks.put(Feature.SESSION_IPV4, this::session);
    checks.put(Feature.ROUTES_IPV4, this::ipv4Routes);
    checks.put(Feature.ROUTES_IPV6, this::ipv6Routes);
    checks.put(Feature.LARGE_COMMUNITIES, this::largeCommunities);
    checks.put(Feature.WITHDRAW, this::withdraw);
    checks.put(Feature.ROUTE_REFRESH, this::routeRefresh);
    checks.put(Feature.ENHANCED_REFRESH, this::enhancedRefresh);
    checks.put(Feature.RESTART_OF_OURS, this::restartOfOurs);
    checks.put(Feature.RESTART_OF_THEIRS, this::restartOfTheirs);
    checks.put(Feature.GOODBYE, this::goodbye);
    run.stage(
        () -> {
          run.third.start(
              new PeerPlan(
                  lab.third,
                  THIRD_AS,
                  List.of(Route.of(THIRD).largeCommunities("64514:1:2", "64514:1:3")),
                  Neighbor.of("10.99.0.1", OUR_AS)),
              false);
          peer.start(externalPlan(), false);
          run.startManul(externalConfiguration());
          awaitExchange("10.99.0.2");
        },
        checks);
    run.killAll();
  }

  private String externalConfiguration() {
    return OURS.formatted(OUR_AS)
        + neighbor("10.99.0.2", THEIR_AS, ", localAddress: 10.99.0.1")
        + neighbor("10.99.0.3", THIRD_AS, ", localAddress: 10.99.0.1");
  }

  private PeerPlan externalPlan() {
    return new PeerPlan(lab.theirs, THEIR_AS, THEIR_ROUTES, Neighbor.of("10.99.0.1", OUR_AS));
  }

  private void session() {
    JsonNode neighbor = lab.neighbor("10.99.0.2");
    assertThat(neighbor.path("holdTime").asInt()).isEqualTo(9);
    assertThat(neighbor.path("malformed").asInt()).isZero();
    assertThat(neighbor.path("flaps").asInt()).isZero();
    assertThat(run.capabilities()).contains(new Capability.FourOctetAs(THEIR_AS));
    lab.eventually(
        "it has sent End-of-RIB, or does not know of it",
        () ->
            lab.neighbor("10.99.0.2").path("endOfRib").asBoolean()
                || !run.announces(Capability.GracefulRestart.class));
  }

  private void ipv4Routes() {
    assertThat(peer.routes(R4))
        .singleElement()
        .satisfies(
            route -> {
              assertThat(route.asPath()).isEqualTo("4200000512");
              assertThat(route.nextHop()).isEqualTo("10.99.0.1");
              assertThat(route.communities()).containsExactlyInAnyOrder("64512:1", "64512:2");
            });
    JsonNode theirs = lab.route("/v1/neighbors/10.99.0.2/adj-in", T4);
    assertThat(theirs.path("asPath").asText()).isEqualTo("64513");
    assertThat(theirs.path("nextHop").asText()).isEqualTo("10.99.0.2");
    assertThat(PeerDaemon.texts(theirs.path("communities"))).containsExactly("64513:7");
  }

  private void ipv6Routes() {
    assertThat(peer.routes(R6))
        .singleElement()
        .satisfies(
            route -> {
              assertThat(route.asPath()).isEqualTo("4200000512");
              assertThat(route.nextHop()).isEqualTo("2001:db8:99::1");
              assertThat(route.communities()).containsExactly("64512:6");
            });
    JsonNode theirs = lab.route("/v1/routes", T6);
    assertThat(theirs.path("asPath").asText()).isEqualTo("64513");
    assertThat(theirs.path("nextHop").asText()).isEqualTo("2001:db8:99::2");
    assertThat(PeerDaemon.texts(theirs.path("communities"))).containsExactly("64513:8");
  }

  /** Ours are those of the third host, passed on. */
  private void largeCommunities() {
    lab.eventually("it has the third host's route", () -> peer.has(THIRD));
    assertThat(peer.routes(THIRD))
        .singleElement()
        .satisfies(
            route -> {
              assertThat(route.asPath()).isEqualTo("4200000512 64514");
              assertThat(route.nextHop()).isEqualTo("10.99.0.1");
              assertThat(route.largeCommunities())
                  .containsExactlyInAnyOrder("64514:1:2", "64514:1:3");
            });
    JsonNode theirs = lab.route("/v1/routes", T4_SECOND);
    assertThat(PeerDaemon.texts(theirs.path("largeCommunities"))).containsExactly("64513:1:2");
  }

  private void withdraw() throws IOException {
    String since = lab.neighbor("10.99.0.2").path("since").asText();
    peer.announceOnly(externalPlan().without(T4_SECOND).without(T6));
    lab.eventually(
        "its routes are gone",
        () ->
            lab.route("/v1/routes", T4_SECOND).path("prefix").isMissingNode()
                && lab.route("/v1/routes", T6).path("prefix").isMissingNode());
    assertThat(run.weHave(T4)).isTrue();
    lab.reload(
        run.manul,
        externalConfiguration().replace(SECOND_ROUTE, "").replaceAll("(?m)^ .*db8:244.*\n", ""));
    lab.eventually("ours are gone", () -> !peer.has(R4_SECOND) && !peer.has(R6));
    assertThat(peer.has(R4)).isTrue();

    peer.announceOnly(externalPlan());
    lab.reload(run.manul, externalConfiguration());
    awaitExchange("10.99.0.2");
    assertThat(lab.neighbor("10.99.0.2").path("since").asText())
        .as("the session was never reset")
        .isEqualTo(since);
  }

  private void routeRefresh() throws IOException {
    if (!run.announces(Capability.RouteRefresh.class)) {
      throw new Lacking("its OPEN has no route refresh capability");
    }
    int requests = run.sent(lab.theirs, lab.ours, PeerRun.ROUTE_REFRESH).size();
    int before = run.sent(lab.ours, lab.theirs, PeerRun.UPDATE).size();
    peer.askForRoutes("10.99.0.1");
    if (peer.neverAsks().isPresent()) {
      long messages = lab.neighbor("10.99.0.2").path("messagesIn").asLong();
      lab.eventually(
          "a keepalive has come since",
          () -> lab.neighbor("10.99.0.2").path("messagesIn").asLong() > messages);
      assertThat(run.sent(lab.theirs, lab.ours, PeerRun.ROUTE_REFRESH)).hasSize(requests);
      throw new Lacking(peer.neverAsks().get());
    }
    lab.eventually(
        "it has asked",
        () -> run.sent(lab.theirs, lab.ours, PeerRun.ROUTE_REFRESH).size() >= requests + 2);
    lab.eventually(
        "we have sent all again",
        () -> run.sent(lab.ours, lab.theirs, PeerRun.UPDATE).size() >= before + 2);
    assertThat(List.of(R4, R4_SECOND, R6)).allMatch(peer::has);
    assertThat(lab.established("10.99.0.2")).isTrue();
  }

  /** What its request of before has brought it. */
  private void enhancedRefresh() {
    if (!run.announces(Capability.EnhancedRouteRefresh.class)) {
      throw new Lacking("its OPEN has no enhanced route refresh capability");
    }
    if (peer.neverAsks().isPresent()) {
      throw new Lacking(peer.neverAsks().get());
    }
    for (Family family : List.of(Family.IPV4_UNICAST, Family.IPV6_UNICAST)) {
      run.settled(
          "the refresh of " + family,
          () -> refreshed(family),
          seen -> assertThat(seen).isEqualTo("begin routes end"));
    }
    assertThat(List.of(R4, R4_SECOND, R6)).allMatch(peer::has);
    assertThat(lab.neighbor("10.99.0.2").path("flaps").asInt()).isZero();
  }

  /** What we have sent of a family from the last mark of a beginning on, each kind once. */
  private String refreshed(Family family) {
    List<String> seen = new ArrayList<>();
    for (BgpMessage message : run.read(lab.ours, lab.theirs)) {
      String kind =
          switch (message) {
            case RouteRefresh(Family of, int mark) when of.equals(family) ->
                mark == 1 ? "begin" : "end";
            case Update update when PeerRun.announces(update, family) -> "routes";
            default -> "";
          };
      if (kind.equals("begin")) {
        seen.clear();
      }
      if (!kind.isEmpty() && !seen.contains(kind)) {
        seen.add(kind);
      }
    }
    return String.join(" ", seen);
  }

  private void restartOfOurs() throws IOException {
    lab.kill(run.manul);
    lab.eventually("it has noticed", () -> peer.routes(R4).stream().allMatch(SeenRoute::stale));
    boolean kept = peer.has(R4) && peer.has(R4_SECOND) && peer.has(R6);
    run.startManul(externalConfiguration().replace(SECOND_ROUTE, ""), "--restarting");
    lab.eventually(
        "the route we no longer announce is gone",
        () -> {
          if (kept) {
            assertThat(peer.has(R4)).isTrue();
            assertThat(peer.has(R6)).isTrue();
          }
          return !peer.has(R4_SECOND) && lab.established("10.99.0.2");
        });
    lab.eventually(
        "the others are fresh",
        () ->
            List.of(R4, R6).stream()
                .allMatch(p -> peer.has(p) && peer.routes(p).stream().noneMatch(SeenRoute::stale)));
    if (!kept) {
      throw new Lacking("it keeps no routes of a neighbour that is away");
    }
  }

  private void restartOfTheirs() throws IOException {
    if (!lab.neighbor("10.99.0.2").path("gracefulRestart").asBoolean()) {
      throw new Lacking("its OPEN names no family that it keeps forwarding for");
    }
    lab.eventually("we have its routes", () -> run.weHave(T4) && run.weHave(T4_SECOND));
    peer.kill();
    lab.eventually(
        "we wait for it", () -> lab.neighbor("10.99.0.2").path("restarting").asBoolean());
    JsonNode kept = lab.route("/v1/routes", T4);
    assertThat(kept.path("best").asBoolean()).isTrue();
    assertThat(kept.path("stale").asBoolean()).isTrue();
    peer.start(externalPlan().without(T4_SECOND), true);
    lab.eventually(
        "the route it no longer announces is gone",
        () -> lab.route("/v1/routes", T4_SECOND).path("prefix").isMissingNode());
    lab.eventually(
        "nothing is stale any more",
        () ->
            Set.of(T4, T6).stream()
                .map(p -> lab.route("/v1/routes", p))
                .allMatch(r -> r.path("best").asBoolean() && !r.path("stale").asBoolean()));
    assertThat(lab.established("10.99.0.2")).isTrue();
  }

  private void goodbye() {
    lab.eventually("it has our route", () -> peer.has(R4));
    run.manul.destroy();
    lab.eventually("manul-bgp has ended", () -> !run.manul.isAlive());
    assertThat(run.manul.exitValue()).isZero();
    lab.eventually("our routes are gone", () -> !peer.has(R4) && !peer.has(R6));
    String cease = knowsHardReset() ? "06090602" : "0602";
    var _ =
        run.settled(
            "the NOTIFICATION",
            () -> lastNotification(lab.ours, lab.theirs),
            notification ->
                assertThat(notification)
                    .as("administrative shutdown; in a hard reset for who knows of that (RFC 8538)")
                    .startsWith(cease));
    assertThat(lab.path("manul.sock")).doesNotExist();
  }
}
