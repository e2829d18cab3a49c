package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.interop.PeerPlan.Route;
import dev.manul.bgp.wire.Capability;
import java.util.List;
import java.util.Map;

/** An OPEN that cannot be accepted; manul-bgp is the one of the stage before. */
final class RefusalStage extends Stage {
  RefusalStage(PeerRun run) {
    super(run);
  }

  @Override
  void play() {
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
              run.settled(
                  "the NOTIFICATION",
                  () -> lastNotifications(),
                  notification ->
                      assertThat(notification)
                          .as("OPEN error, unsupported capability; ours names IPv4 unicast")
                          .containsAnyOf("0207010400010001 or", " or 0207"));
              // One that gives in leaves all families out, and so means IPv4 (RFC 4760 section 8).
              assertThat(
                      lab.established("10.99.0.2") && run.announces(Capability.Multiprotocol.class))
                  .as("a session with the OPEN that was refused")
                  .isFalse();
            }));
  }
}
