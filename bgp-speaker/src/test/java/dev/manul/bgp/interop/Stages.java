package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.bgp.interop.Outcome.Lacking;
import dev.manul.bgp.interop.PeerPlan.Neighbor;
import dev.manul.bgp.interop.PeerPlan.Route;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.RoundTrip;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is asked of every peer. */
final class Stages {
  private static final long OUR_AS = 4_200_000_512L;
  private static final long INTERNAL_AS = 64_512;
  private static final String PASSWORD = "correct-horse";

  private static final String R4 = "10.244.0.0/26";
  private static final String R4_SECOND = "10.244.0.64/26";
  private static final String R6 = "2001:db8:244::/122";
  private static final String T4 = "172.20.0.0/24";
  private static final String T4_SECOND = "172.20.1.0/24";
  private static final String T6 = "2001:db8:20::/48";
  private static final String THIRD = "172.30.0.0/24";

  private static final List<Route> THEIR_ROUTES =
      List.of(
          Route.of(T4).communities("64513:7"),
          Route.of(T4_SECOND).largeCommunities("64513:1:2"),
          Route.of(T6).communities("64513:8"));

  private static final String SECOND_ROUTE = "  - {prefix: 10.244.0.64/26, nextHop: 10.99.0.1}\n";

  private static final String OURS =
      """
      asNumber: %d
      routerId: 10.99.0.1
      listen: [{address: 10.99.0.1}, {address: "2001:db8:99::1"}]
      originate:
        - {prefix: 10.244.0.0/26, nextHop: 10.99.0.1, communities: ["64512:1", "64512:2"]}
      """
          + SECOND_ROUTE
          + """
            - {prefix: "2001:db8:244::/122", nextHop: "2001:db8:99::1", communities: ["64512:6"]}
          neighbors:
          """;

  private final PeerRun run;
  private final Lab lab;
  private final PeerDaemon peer;

  Stages(PeerRun run) {
    this.run = run;
    this.lab = run.lab;
    this.peer = run.peer;
  }

  void all() {
    external();
    overIpv6();
    internal();
    reflector();
    refusal();
    run.check(Feature.SAME_OCTETS, this::sameOctets);
  }

  private void sameOctets() throws IOException {
    var contexts = Conversation.contexts(Capture.read(lab.path("capture")));
    assertThat(contexts.keySet().stream().filter(m -> m.type() == PeerRun.UPDATE))
        .hasSizeGreaterThan(10);
    contexts.forEach((message, context) -> RoundTrip.check(message.octets().toArray(), context));
  }

  /** A neighbour in the configuration of manul-bgp. */
  private static String neighbor(String address, long asNumber, String more) {
    return "  - {address: \"%s\", asNumber: %d, holdTime: 9, gracefulRestart: {restartTime: 60}%s}\n"
        .formatted(address, asNumber, more);
  }

  private String externalConfiguration() {
    return OURS.formatted(OUR_AS)
        + neighbor("10.99.0.2", 64513, ", localAddress: 10.99.0.1")
        + neighbor("10.99.0.3", 64514, ", localAddress: 10.99.0.1");
  }

  private PeerPlan externalPlan() {
    return new PeerPlan(lab.theirs, 64513, THEIR_ROUTES, Neighbor.of("10.99.0.1", OUR_AS));
  }

  private void external() {
    Map<Feature, PeerRun.Check> checks = new LinkedHashMap<>();
    checks.put(Feature.SESSION_IPV4, this::session);
    checks.put(Feature.ROUTES_IPV4, this::ipv4Routes);
    checks.put(Feature.ROUTES_IPV6, this::ipv6Routes);
    checks.put(Feature.LARGE_COMMUNITIES, this::largeCommunities);
    checks.put(Feature.WITHDRAW, this::withdraw);
    checks.put(Feature.ROUTE_REFRESH, this::routeRefresh);
    checks.put(Feature.RESTART_OF_OURS, this::restartOfOurs);
    checks.put(Feature.RESTART_OF_THEIRS, this::restartOfTheirs);
    checks.put(Feature.GOODBYE, this::goodbye);
    run.stage(
        () -> {
          run.third.start(
              new PeerPlan(
                  lab.third,
                  64514,
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

  private void awaitExchange(String neighbor) {
    lab.eventually("the session is up", () -> lab.established(neighbor));
    lab.eventually(
        "it has our routes", () -> List.of(R4, R4_SECOND, R6).stream().allMatch(peer::has));
    lab.eventually(
        "we have its routes", () -> List.of(T4, T4_SECOND, T6).stream().allMatch(run::weHave));
  }

  private void session() {
    JsonNode neighbor = lab.neighbor("10.99.0.2");
    assertThat(neighbor.path("holdTime").asInt()).isEqualTo(9);
    assertThat(neighbor.path("malformed").asInt()).isZero();
    assertThat(neighbor.path("flaps").asInt()).isZero();
    assertThat(run.capabilities()).contains(new Capability.FourOctetAs(64513));
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
    String cease =
        run.sent(lab.ours, lab.theirs, PeerRun.NOTIFICATION).getLast().octets().toString();
    assertThat(cease.substring(38))
        .as("Cease, administrative shutdown; inside a hard reset for who knows of that (RFC 8538)")
        .startsWith(knowsHardReset() ? "06090602" : "0602");
    assertThat(lab.path("manul.sock")).doesNotExist();
  }

  private boolean knowsHardReset() {
    return run.capabilities().stream()
        .anyMatch(c -> c instanceof Capability.GracefulRestart restart && restart.notification());
  }

  private static byte[] head(int type, int length, int... body) {
    byte[] octets = new byte[19 + body.length];
    java.util.Arrays.fill(octets, 0, 16, (byte) 0xff);
    octets[16] = (byte) (length >> 8);
    octets[17] = (byte) length;
    octets[18] = (byte) type;
    for (int i = 0; i < body.length; i++) {
      octets[19 + i] = (byte) body[i];
    }
    return octets;
  }

  /** A session over IPv6 with a password. */
  private void overIpv6() {
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
                  64513,
                  THEIR_ROUTES,
                  Neighbor.of("2001:db8:99::1", OUR_AS).withPassword(PASSWORD)),
              false);
          run.startManul(
              OURS.formatted(OUR_AS)
                  + neighbor(
                      "2001:db8:99::2",
                      64513,
                      ", localAddress: \"2001:db8:99::1\", password: " + PASSWORD));
          awaitExchange("2001:db8:99::2");
        },
        checks);
    run.killAll();
  }

  private static Neighbor internal(String address) {
    return Neighbor.of(address, INTERNAL_AS);
  }

  /** We reflect between the peer and the third host. */
  private void internal() {
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
    peer.kill();
    run.third.kill();
  }

  private void startThird(Neighbor... neighbors) throws IOException {
    run.third.start(
        new PeerPlan(lab.third, INTERNAL_AS, List.of(Route.of(THIRD)), neighbors), false);
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
      assertThat(run.sent(lab.ours, lab.theirs, PeerRun.NOTIFICATION).getLast().octets().toArray())
          .isEqualTo(head(PeerRun.NOTIFICATION, 21, 4, 0));
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
  private void reflector() {
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
    peer.kill();
    run.third.kill();
  }

  private void reflectedByThem() {
    if (peer instanceof ExabgpDaemon) {
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

  private void refusal() {
    run.stage(
        () -> {
          peer.start(
              new PeerPlan(
                  lab.theirs,
                  INTERNAL_AS,
                  List.of(Route.of(T6)),
                  internal("10.99.0.1").withFamilies("ipv6")),
              false);
          lab.reload(
              run.manul,
              OURS.formatted(INTERNAL_AS)
                  + neighbor(
                      "10.99.0.2",
                      INTERNAL_AS,
                      ", localAddress: 10.99.0.1, families: [ipv4-unicast]"));
        },
        Map.of(
            Feature.NO_COMMON_FAMILY,
            () -> {
              run.settled(
                  "the refusal",
                  () -> lab.neighbor("10.99.0.2").path("lastError").asText(),
                  error ->
                      assertThat(error)
                          .containsAnyOf(
                              "shares none of the families [ipv4-unicast]",
                              "received OPEN error: unsupported capability"));
              assertThat(lab.established("10.99.0.2")).isFalse();
            }));
  }
}
