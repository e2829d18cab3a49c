package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.NeighborDetail;
import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.SpeakerStatus;
import dev.manul.bgp.session.State;
import dev.manul.model.Address;
import dev.manul.model.AgentStatus;
import dev.manul.model.Condition;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import dev.manul.routes.ProgrammerStatus;
import dev.manul.routes.RouteIssue;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusReportTest {

  private static final NeighborStatus UP = neighbor("10.0.0.2", State.ESTABLISHED, "");
  private static final NeighborStatus DOWN =
      neighbor("10.0.0.3", State.ACTIVE, "connection refused");

  @Test
  void readyOnlyWhenListedHeardAndProgrammed() {
    assertThat(reason(false, false, true, UP)).isEqualTo("DatastoreNotListed");
    assertThat(reason(true, false, true, UP)).isEqualTo("PeersNotHeard");
    assertThat(reason(true, true, false, UP)).isEqualTo("RoutesNotProgrammed");
    assertThat(reason(true, true, true, UP)).isEqualTo("InSync");
  }

  @Test
  void aNodeWithoutPolicyInForceIsNotReady() {
    assertThat(StatusReport.readiness(facts(true, true, true, false, UP)))
        .satisfies(
            ready -> {
              assertThat(ready.status()).isFalse();
              assertThat(ready.reason()).isEqualTo("PolicyNotInForce");
            });
  }

  @Test
  void onePeerThatAnswersIsEnoughAndNoneAtAllToo() {
    assertThat(reason(true, true, true, UP, DOWN)).isEqualTo("InSync");
    assertThat(reason(true, true, true)).isEqualTo("InSync");
    assertThat(reason(true, true, true, DOWN)).isEqualTo("NoPeerEstablished");
  }

  @Test
  void anUnreadyNodeSaysWhichPeerAndWhy() {
    AgentStatus.Condition ready = StatusReport.readiness(facts(true, true, true, DOWN));

    assertThat(ready.status()).isFalse();
    assertThat(ready.message()).isEqualTo("BGP not established with 10.0.0.3 (connection refused)");
  }

  @Test
  void blocksBehindASilentRouterAreACondition() {
    assertThat(SelfCare.reachability(List.of()).status()).isEqualTo("True");

    Condition condition =
        SelfCare.reachability(
            List.of(
                issue("10.244.0.64/26", "behind gateway 10.1.5.1"),
                issue("10.244.0.128/26", "behind gateway 10.1.5.1 as well")));

    assertThat(condition.status()).isEqualTo("False");
    assertThat(condition.reason()).isEqualTo("BlocksUnreachable");
    assertThat(condition.message()).isEqualTo("behind gateway 10.1.5.1 (and 1 more)");
  }

  @Test
  void aTunnelThatIsNotToBeHadIsWhyANodeIsNotReady() {
    String message = "device vxlan.calico is not there and could not be created";
    RouteIssue issue =
        new RouteIssue(RouteIssue.Reason.TUNNEL_DEVICE_MISSING, Optional.empty(), message);
    StatusReport.Facts facts =
        facts(
            new ProgrammerStatus(3, 3, 0, Optional.empty(), true, false, List.of(), List.of(issue)),
            true);

    AgentStatus.Condition ready = StatusReport.readiness(facts);

    assertThat(ready.status()).isFalse();
    assertThat(ready.reason()).isEqualTo("TunnelDeviceMissing");
    assertThat(ready.message()).isEqualTo(message);
    Condition condition = SelfCare.encapsulation(List.of(issue));
    assertThat(condition.status()).isEqualTo("False");
    assertThat(condition.message()).isEqualTo(message);
    assertThat(SelfCare.encapsulation(List.of(issue("10.244.0.64/26", ""))).status())
        .isEqualTo("True");
  }

  private static StatusReport.Facts facts(ProgrammerStatus routes, boolean policyInForce) {
    return new StatusReport.Facts(
        true,
        true,
        routes,
        policyInForce,
        Peering.Sessions.of(List.of(), List.of()),
        speaker(true, UP),
        List.of(),
        "");
  }

  private static RouteIssue issue(String prefix, String message) {
    return new RouteIssue(
        RouteIssue.Reason.BLOCKS_UNREACHABLE, Optional.of(Prefix.parse(prefix)), message);
  }

  private static String reason(
      boolean synced, boolean converged, boolean settled, NeighborStatus... neighbors) {
    return StatusReport.readiness(facts(synced, converged, settled, neighbors)).reason();
  }

  private static StatusReport.Facts facts(
      boolean synced, boolean converged, boolean settled, NeighborStatus... neighbors) {
    return facts(synced, converged, settled, true, neighbors);
  }

  private static StatusReport.Facts facts(
      boolean synced,
      boolean converged,
      boolean settled,
      boolean policyInForce,
      NeighborStatus... neighbors) {
    return new StatusReport.Facts(
        synced,
        converged,
        new ProgrammerStatus(3, 2, 0, Optional.empty(), true, settled, List.of(), List.of()),
        policyInForce,
        Peering.Sessions.of(List.of(), List.of()),
        speaker(converged, neighbors),
        List.of(),
        "");
  }

  private static SpeakerStatus speaker(boolean converged, NeighborStatus... neighbors) {
    return new SpeakerStatus(
        64512,
        Ipv4Address.parse("10.0.0.1"),
        converged,
        List.of(),
        List.of(),
        0,
        0,
        List.of(),
        Arrays.asList(neighbors));
  }

  private static NeighborStatus neighbor(String address, State state, String lastError) {
    return new NeighborStatus(
        Address.parse(address),
        179,
        "",
        64512,
        64512,
        state,
        Instant.EPOCH,
        lastError,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        90,
        30,
        List.of(),
        List.of(),
        List.of(),
        true,
        false,
        true,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        NeighborDetail.NONE);
  }
}
