package dev.manul.bgp.interop;

import dev.manul.bgp.interop.PeerPlan.Neighbor;
import dev.manul.bgp.interop.PeerPlan.Route;
import dev.manul.bgp.wire.Capability;
import java.io.IOException;
import java.util.List;

/** A common beginning, and the features that are looked at from there. */
abstract class Stage {
  static final long OUR_AS = 4_200_000_512L;
  static final long THEIR_AS = 64_513;
  static final long THIRD_AS = 64_514;
  static final long INTERNAL_AS = 64_512;
  static final String PASSWORD = "correct-horse";

  /** Ours. */
  static final String R4 = "10.244.0.0/26";

  static final String R4_SECOND = "10.244.0.64/26";
  static final String R6 = "2001:db8:244::/122";

  /** The peer's. */
  static final String T4 = "172.20.0.0/24";

  static final String T4_SECOND = "172.20.1.0/24";
  static final String T6 = "2001:db8:20::/48";

  /** The third host's. */
  static final String THIRD = "172.30.0.0/24";

  static final List<Route> THEIR_ROUTES =
      List.of(
          Route.of(T4).communities("64513:7"),
          Route.of(T4_SECOND).largeCommunities("64513:1:2"),
          Route.of(T6).communities("64513:8"));

  static final String SECOND_ROUTE = "  - {prefix: 10.244.0.64/26, nextHop: 10.99.0.1}\n";

  /** The configuration of manul-bgp up to its neighbours; our AS number is to be filled in. */
  static final String OURS =
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

  final PeerRun run;
  final Lab lab;
  final PeerDaemon peer;

  Stage(PeerRun run) {
    this.run = run;
    this.lab = run.lab;
    this.peer = run.peer;
  }

  /** Begins, looks, and ends what the next stage does not want. */
  abstract void play();

  /** A neighbour in the configuration of manul-bgp. */
  static String neighbor(String address, long asNumber, String more) {
    return "  - {address: \"%s\", asNumber: %d, holdTime: 9, gracefulRestart: {restartTime: 60}%s}\n"
        .formatted(address, asNumber, more);
  }

  static Neighbor internal(String address) {
    return Neighbor.of(address, INTERNAL_AS);
  }

  void startThird(Neighbor... neighbors) throws IOException {
    run.third.start(
        new PeerPlan(lab.third, INTERNAL_AS, List.of(Route.of(THIRD)), neighbors), false);
  }

  void awaitExchange(String neighbor) {
    lab.eventually("the session is up", () -> lab.established(neighbor));
    lab.eventually(
        "it has our routes", () -> List.of(R4, R4_SECOND, R6).stream().allMatch(peer::has));
    lab.eventually(
        "we have its routes", () -> List.of(T4, T4_SECOND, T6).stream().allMatch(run::weHave));
  }

  /** Whether a NOTIFICATION to the peer may be within a hard reset (RFC 8538). */
  boolean knowsHardReset() {
    return run.capabilities().stream()
        .anyMatch(c -> c instanceof Capability.GracefulRestart restart && restart.notification());
  }

  /** What follows the header in the last NOTIFICATION a host has sent, in hexadecimal digits. */
  String lastNotification(Lab.Host from, Lab.Host to) {
    List<Capture.Message> all = run.sent(from, to, PeerRun.NOTIFICATION);
    return all.isEmpty() ? "" : all.getLast().octets().toString().substring(38);
  }

  /** Our last NOTIFICATION or the peer's: which of the two refuses is up to who is first. */
  String lastNotifications() {
    return lastNotification(lab.ours, lab.theirs) + " or " + lastNotification(lab.theirs, lab.ours);
  }
}
