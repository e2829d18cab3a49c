package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.interop.Outcome.Lacking;
import dev.manul.bgp.interop.PeerPlan.Extension;
import dev.manul.bgp.interop.PeerPlan.Neighbor;
import dev.manul.bgp.interop.PeerPlan.Route;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Capability.AddPathFamily;
import dev.manul.bgp.wire.Family;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * ADD-PATH and roles. Each of the two has a route of its own to a prefix that the third host has as
 * well, so that it knows two paths to it that are not the other's.
 */
final class PathsStage extends Stage {
  private static final String ROLE = ", role: peer";
  private static final List<Route> SHARED = List.of(Route.of(R4), Route.of(T4));
  private static final Route SAID_TO_BE_SHARED = Route.of(T4).behind(THIRD_AS);

  PathsStage(PeerRun run) {
    super(run);
  }

  @Override
  void play() {
    Map<Feature, PeerRun.Check> checks = new LinkedHashMap<>();
    checks.put(Feature.PATHS_OF_OURS, this::pathsOfOurs);
    checks.put(Feature.PATHS_OF_THEIRS, this::pathsOfTheirs);
    checks.put(Feature.ROLES, this::roles);
    run.stage(
        () -> {
          run.third.start(thirdPlan(SHARED), false);
          peer.start(
              peer.passesRoutesOn()
                  ? theirPlan(Route.of(T4), Route.of(T6))
                  : theirPlan(Route.of(T4), SAID_TO_BE_SHARED, Route.of(T6)),
              false);
          run.configureManul(configuration(ROLE));
          lab.eventually("the session is up", () -> lab.established("10.99.0.2"));
          lab.eventually("it has our routes", () -> peer.has(R4) && peer.has(R6));
          lab.eventually("we have its routes", () -> run.weHave(T4) && run.weHave(T6));
        },
        checks);
    run.killPeers();
  }

  private PeerPlan thirdPlan(List<Route> routes) {
    return new PeerPlan(
        lab.third,
        THIRD_AS,
        routes,
        Neighbor.of("10.99.0.1", OUR_AS),
        Neighbor.of("10.99.0.2", THEIR_AS));
  }

  private PeerPlan theirPlan(Route... routes) {
    Neighbor us = Neighbor.of("10.99.0.1", OUR_AS).with(Extension.ADD_PATH, Extension.PEER_ROLE);
    List<Neighbor> neighbors =
        peer.passesRoutesOn() ? List.of(us, Neighbor.of("10.99.0.3", THIRD_AS)) : List.of(us);
    return new PeerPlan(lab.theirs, THEIR_AS, true, neighbors, List.of(routes));
  }

  private static String configuration(String role) {
    return OURS.formatted(OUR_AS)
        + neighbor("10.99.0.2", THEIR_AS, ", localAddress: 10.99.0.1, addPaths: both" + role)
            .replace(", gracefulRestart: {restartTime: 60}", "") // what is refused leaves nothing
        + neighbor("10.99.0.3", THIRD_AS, ", localAddress: 10.99.0.1");
  }

  /** Whether its OPEN says so of IPv4 unicast. */
  private boolean says(Predicate<AddPathFamily> what) {
    return run.capabilities().stream()
        .filter(Capability.AddPath.class::isInstance)
        .flatMap(c -> ((Capability.AddPath) c).entries().stream())
        .anyMatch(f -> f.family().equals(Family.IPV4_UNICAST) && what.test(f));
  }

  private void pathsOfOurs() throws IOException {
    if (!says(AddPathFamily::receives)) {
      throw new Lacking("its OPEN does not ask for several paths");
    }
    awaitOurPaths("4200000512", "4200000512 64514");
    run.third.announceOnly(thirdPlan(List.of(Route.of(T4))));
    awaitOurPaths("4200000512");
    run.third.announceOnly(thirdPlan(SHARED));
    awaitOurPaths("4200000512", "4200000512 64514");
  }

  /** Other paths to the prefix come to it from the third host, without us. */
  private void awaitOurPaths(String... asPaths) {
    var _ =
        run.settled(
            "our paths",
            () ->
                peer.routes(R4).stream()
                    .map(SeenRoute::asPath)
                    .filter(path -> path.startsWith("4200000512"))
                    .toList(),
            paths -> assertThat(paths).containsExactlyInAnyOrder(asPaths));
  }

  private void pathsOfTheirs() throws IOException {
    if (!says(AddPathFamily::sends)) {
      throw new Lacking("its OPEN does not offer several paths");
    }
    awaitTheirPaths("64513", "64513 64514");
    if (peer.passesRoutesOn()) {
      run.third.announceOnly(thirdPlan(List.of(Route.of(R4))));
    } else {
      peer.announceOnly(theirPlan(Route.of(T4), Route.of(T6)));
    }
    awaitTheirPaths("64513");
    assertThat(run.weHave(T4)).isTrue();
    assertThat(lab.neighbor("10.99.0.2").path("malformed").asInt()).isZero();
    assertThat(lab.neighbor("10.99.0.2").path("flaps").asInt()).isZero();
  }

  private void awaitTheirPaths(String... asPaths) {
    var _ =
        run.settled(
            "its paths",
            () ->
                lab.routes("/v1/neighbors/10.99.0.2/adj-in", T4).stream()
                    .map(route -> route.path("asPath").asText())
                    .toList(),
            paths -> assertThat(paths).containsExactlyInAnyOrder(asPaths));
  }

  private void roles() throws IOException {
    if (!run.announces(Capability.BgpRole.class)) {
      throw new Lacking("its OPEN has no role");
    }
    assertThat(peer.routes(R4))
        .filteredOn(route -> route.asPath().startsWith("4200000512"))
        .isNotEmpty()
        .allSatisfy(route -> assertThat(route.onlyToCustomer()).isEqualTo("4200000512"));
    // What our own table has may be our own mark, so the message itself is asked.
    Update update = run.lastUpdate(lab.theirs, lab.ours, T6).orElseThrow();
    assertThat(update.attributes().onlyToCustomer()).hasValue(THEIR_AS);
    assertThat(run.weHave(T6)).isTrue();

    lab.reload(run.manul, configuration(", role: customer"));
    var _ =
        run.settled(
            "the refusal",
            () -> lastNotifications(),
            notification ->
                assertThat(notification)
                    .as("OPEN error, role mismatch")
                    .containsPattern("(^| )020b"));
    lab.eventually("both are without a session", () -> !lab.established("10.99.0.2"));
    lab.eventually(
        "its routes are gone", () -> lab.routes("/v1/neighbors/10.99.0.2/adj-in", T6).isEmpty());
  }
}
