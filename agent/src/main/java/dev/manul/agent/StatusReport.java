package dev.manul.agent;

import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.SpeakerStatus;
import dev.manul.model.Address;
import dev.manul.model.AgentStatus;
import dev.manul.model.AgentStatus.Condition;
import dev.manul.netlink.PacketRelay;
import dev.manul.policy.PolicyStatus;
import dev.manul.policy.kernel.Backend;
import dev.manul.routes.Encapsulation;
import dev.manul.routes.ProgrammerStatus;
import dev.manul.routes.RouteIssue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts together what the agent says of itself. */
final class StatusReport {
  private final AgentConfiguration configuration;
  private final StartupLog startup;
  private final Instant startedAt;

  StatusReport(AgentConfiguration configuration, StartupLog startup, Instant startedAt) {
    this.configuration = configuration;
    this.startup = startup;
    this.startedAt = startedAt;
  }

  /**
   * The state of the agent's parts at one moment.
   *
   * @param synced whether the datastore has been listed
   * @param converged whether the peers' first routes are there, or were waited for long enough
   * @param routes the route programmer
   * @param policyInForce whether network policy has been written, so that pods may come
   * @param sessions the sessions there ought to be
   * @param speaker the sessions there are
   * @param unreadable lines about stored resources that cannot be read
   * @param registrarProblem what could not be written about this node, or ""
   */
  record Facts(
      boolean synced,
      boolean converged,
      ProgrammerStatus routes,
      boolean policyInForce,
      Peering.Sessions sessions,
      SpeakerStatus speaker,
      List<String> unreadable,
      String registrarProblem) {}

  /**
   * The whole report.
   *
   * @param podTroubles what is wrong with the services to pods
   * @param routeLines the wanted routes as {@code ip route} writes them
   * @param policy empty before it has begun
   * @param encapsulations what the kernel has
   * @param relays what became of packets that this process carries, by device
   */
  AgentStatus status(
      Facts facts,
      List<Condition> podTroubles,
      List<String> routeLines,
      Optional<PolicyStatus> policy,
      List<Encapsulation> encapsulations,
      Map<String, PacketRelay.Counts> relays) {
    List<Condition> conditions = new ArrayList<>();
    Condition ready = readiness(facts);
    conditions.add(ready);
    dev.manul.model.Condition blocks = SelfCare.reachability(facts.routes().issues());
    conditions.add(
        new Condition(
            blocks.type(), blocks.status().equals("True"), blocks.reason(), blocks.message()));
    facts.routes().issues().stream()
        .filter(issue -> issue.reason().isTrouble())
        .map(i -> new Condition("RoutesProgrammed", false, i.reason().condition(), i.message()))
        .forEach(conditions::add);
    facts.sessions().problems().stream()
        .map(problem -> new Condition("PeersConfigured", false, "CannotPeer", problem))
        .forEach(conditions::add);
    facts.speaker().problems().stream()
        .map(problem -> new Condition("SpeakerListening", false, "SpeakerProblem", problem))
        .forEach(conditions::add);
    facts.unreadable().stream()
        .map(problem -> new Condition("DatastoreReadable", false, "BrokenResource", problem))
        .forEach(conditions::add);
    if (!facts.registrarProblem().isEmpty()) {
      conditions.add(
          new Condition("NodeRegistered", false, "WriteFailed", facts.registrarProblem()));
    }
    conditions.addAll(podTroubles);
    return new AgentStatus(
        configuration.nodeName(),
        AgentVersion.text(),
        startedAt.toString(),
        ready.status(),
        conditions,
        startup.steps(),
        sessions(facts),
        new AgentStatus.Routes(
            facts.routes().desired(),
            facts.routes().installed(),
            facts.routes().repaired(),
            facts.routes().lastFullCheck().map(Instant::toString).orElse(""),
            facts.routes().failing(),
            routeLines),
        policy.map(StatusReport::policy).orElse(null),
        encapsulations.stream()
            .map(
                one ->
                    new AgentStatus.Encapsulation(
                        one.name(), one.problem().isEmpty(), one.problem().orElse("")))
            .toList(),
        relays.entrySet().stream().map(one -> carried(one.getKey(), one.getValue())).toList());
  }

  private static AgentStatus.Carried carried(String device, PacketRelay.Counts counts) {
    return new AgentStatus.Carried(
        device,
        counts.sent(),
        counts.received(),
        counts.nowhere(),
        counts.strange(),
        counts.malformed(),
        counts.refused());
  }

  /** How policy is, for the report. */
  static AgentStatus.Policy policy(PolicyStatus status) {
    return new AgentStatus.Policy(
        status.backend().map(Backend::toString).orElse(""),
        status.settled(),
        status.endpoints(),
        status.policies(),
        status.sets(),
        status.repaired(),
        status.lastFullCheck().map(Instant::toString).orElse(""),
        status.lastChange().toNanos() / 1000);
  }

  /**
   * Ready: listed, heard from the peers, and the kernel agrees, with policy in force. After that
   * one peer that answers is enough: a dead neighbour is its own trouble, not this node's.
   */
  static Condition readiness(Facts facts) {
    if (!facts.synced()) {
      return notReady("DatastoreNotListed", "waiting for the datastore's first listing");
    }
    if (!facts.converged()) {
      return notReady("PeersNotHeard", "waiting for routes of " + waitingFor(facts));
    }
    Optional<RouteIssue> tunnel =
        facts.routes().issues().stream().filter(RouteIssue::isOfTunnel).findFirst();
    if (tunnel.isPresent()) {
      return notReady(tunnel.get().reason().condition(), tunnel.get().message());
    }
    if (!facts.routes().settled()) {
      return notReady(
          "RoutesNotProgrammed",
          facts.routes().installed()
              + " of "
              + facts.routes().desired()
              + " routes are in the kernel"
              + (facts.routes().failing().isEmpty()
                  ? ""
                  : "; first failure: " + facts.routes().failing().getFirst()));
    }
    if (!facts.policyInForce()) {
      return notReady("PolicyNotInForce", "waiting for network policy to be in the kernel");
    }
    List<NeighborStatus> neighbors = facts.speaker().neighbors();
    if (!neighbors.isEmpty() && neighbors.stream().noneMatch(NeighborStatus::established)) {
      return notReady("NoPeerEstablished", "BGP not established with " + waitingFor(facts));
    }
    return new Condition("Ready", true, "InSync", "");
  }

  private static String waitingFor(Facts facts) {
    List<String> missing =
        facts.speaker().neighbors().stream()
            .filter(neighbor -> !neighbor.established())
            .map(
                n ->
                    n.lastError().isEmpty()
                        ? n.address().text()
                        : n.address() + " (" + n.lastError() + ")")
            .toList();
    return missing.isEmpty() ? "its peers" : String.join(", ", missing);
  }

  private static Condition notReady(String reason, String message) {
    return new Condition("Ready", false, reason, message);
  }

  private static List<AgentStatus.Session> sessions(Facts facts) {
    Map<Address, Peering.PeerType> types = new HashMap<>();
    facts.sessions().peers().forEach(p -> types.put(p.neighbor().address(), p.type()));
    return facts.speaker().neighbors().stream()
        .map(
            neighbor ->
                new AgentStatus.Session(
                    neighbor.port() == 179
                        ? neighbor.address().text()
                        : neighbor.address() + ":" + neighbor.port(),
                    types.getOrDefault(neighbor.address(), Peering.PeerType.NODE).text(),
                    neighbor.established() ? "up" : "start",
                    neighbor.since().toString(),
                    neighbor.state()
                        + (neighbor.established() || neighbor.lastError().isEmpty()
                            ? ""
                            : ": " + neighbor.lastError()),
                    neighbor.localAddress().map(Address::text).orElse(""),
                    neighbor.localAsNumber(),
                    neighbor.asNumber(),
                    neighbor.prefixesReceived(),
                    neighbor.prefixesAdvertised(),
                    neighbor.flaps()))
        .toList();
  }
}
