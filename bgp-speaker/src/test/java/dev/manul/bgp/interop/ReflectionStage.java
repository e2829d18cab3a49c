package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.bgp.interop.Outcome.Lacking;
import dev.manul.bgp.interop.PeerPlan.Route;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sessions within an AS; manul-bgp stays for the next stage. */
final class ReflectionStage extends Stage {
  ReflectionStage(PeerRun run) {
    super(run);
  }

  @Override
  void play() {
    weReflect();
    theyReflect();
  }

  /** We reflect between the peer and the third host. */
  private void weReflect() {
    Map<Feature, PeerRun.Check> checks = new LinkedHashMap<>();
    checks.put(Feature.REFLECTED_BY_US, this::reflectedByUs);
    checks.put(Feature.HOLD_TIME, this::holdTime);
    String client = ", localAddress: 10.99.0.1, routeReflectorClient: true";
    run.stage(
        () -> {
          startThird(internal("10.99.0.1"));
          peer.start(
              new PeerPlan(
                  lab.theirs,
                  INTERNAL_AS,
                  THEIR_ROUTES,
                  internal("10.99.0.1").withPassword(PASSWORD)),
              false);
          run.startManul(
              (OURS.formatted(INTERNAL_AS)
                      + neighbor("10.99.0.2", INTERNAL_AS, client + ", password: " + PASSWORD)
                      + neighbor("10.99.0.3", INTERNAL_AS, client))
                  .replace("holdTime: 9", "holdTime: 6"));
          awaitExchange("10.99.0.2");
        },
        checks);
    run.killPeers();
  }

  private void reflectedByUs() {
    lab.eventually(
        "both clients have each other's routes", () -> peer.has(THIRD) && run.third.has(T4));
    assertThat(peer.routes(THIRD)).singleElement().satisfies(route -> reflected(route, 3, 1));
    assertThat(run.third.routes(T4)).singleElement().satisfies(route -> reflected(route, 2, 1));
  }

  private static void reflected(SeenRoute route, int originator, int cluster) {
    assertThat(route.nextHop()).isEqualTo("10.99.0." + originator);
    assertThat(route.originatorId()).isEqualTo("10.99.0." + originator);
    assertThat(route.clusterList()).containsExactly("10.99.0." + cluster);
    assertThat(route.asPath()).isEmpty();
  }

  private void holdTime() throws IOException {
    String since = lab.neighbor("10.99.0.2").path("since").asText();
    long messages = lab.neighbor("10.99.0.2").path("messagesIn").asLong();
    lab.eventually(
        "keepalives have come for longer than the hold time",
        () -> lab.neighbor("10.99.0.2").path("messagesIn").asLong() >= messages + 4);
    assertThat(lab.neighbor("10.99.0.2").path("since").asText()).isEqualTo(since);
    final int flapsOfThird = lab.neighbor("10.99.0.3").path("flaps").asInt();
    peer.freeze();
    try {
      lab.eventually(
          "the hold time has expired",
          () ->
              !lab.established("10.99.0.2")
                  && lab.neighbor("10.99.0.2").path("lastError").asText().contains("hold timer"));
      var _ =
          run.settled(
              "the NOTIFICATION",
              () -> lastNotification(lab.ours, lab.theirs),
              notification -> assertThat(notification).isEqualTo("0400"));
      if (knowsHardReset()) {
        assertThat(lab.route("/v1/routes", T4).path("stale").asBoolean())
            .as("its routes are kept (RFC 8538)")
            .isTrue();
      } else {
        lab.eventually("its routes are gone", () -> !run.third.has(T4));
      }
      assertThat(lab.neighbor("10.99.0.3").path("flaps").asInt()).isEqualTo(flapsOfThird);
    } finally {
      peer.thaw();
    }
  }

  /** The peer reflects between us and the third host. */
  private void theyReflect() {
    run.stage(
        () -> {
          startThird(internal("10.99.0.2"));
          // A fresh start is no restart: FRR 10 would hold back what it has learned first.
          peer.start(
              new PeerPlan(
                  lab.theirs,
                  INTERNAL_AS,
                  false,
                  List.of(internal("10.99.0.1").asClient(), internal("10.99.0.3").asClient()),
                  List.of(Route.of(T4))),
              false);
          lab.reload(
              run.manul,
              OURS.formatted(INTERNAL_AS)
                  + neighbor("10.99.0.2", INTERNAL_AS, ", localAddress: 10.99.0.1"));
          lab.eventually("we have its route", () -> run.weHave(T4));
          lab.eventually("the third host has its route", () -> run.third.has(T4));
          lab.eventually("it has the routes of both", () -> peer.has(THIRD) && peer.has(R4));
        },
        Map.of(Feature.REFLECTED_BY_THEM, this::reflectedByThem));
    run.killPeers();
  }

  private void reflectedByThem() {
    if (!peer.passesRoutesOn()) {
      assertThat(run.third.has(R4)).isFalse();
      assertThat(run.weHave(THIRD)).isFalse();
      throw new Lacking("it passes no route on");
    }
    lab.eventually(
        "both clients have each other's routes", () -> run.third.has(R4) && run.weHave(THIRD));
    assertThat(run.third.routes(R4)).singleElement().satisfies(route -> reflected(route, 1, 2));
    JsonNode route = lab.route("/v1/routes", THIRD);
    assertThat(route.path("nextHop").asText()).isEqualTo("10.99.0.3");
    assertThat(route.path("originatorId").asText()).isEqualTo("10.99.0.3");
    assertThat(PeerDaemon.texts(route.path("clusterList"))).containsExactly("10.99.0.2");
  }
}
