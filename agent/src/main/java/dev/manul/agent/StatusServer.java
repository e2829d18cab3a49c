package dev.manul.agent;

import dev.manul.agent.trace.TraceQuestion;
import dev.manul.agent.trace.Tracing;
import dev.manul.bgp.daemon.BgpApi;
import dev.manul.bgp.daemon.JsonServer;
import dev.manul.model.AgentStatus;
import dev.manul.policy.explanation.Flow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the agent answers: the control socket ({@code /v1/status}, {@code /v1/policy/explain},
 * {@code /v1/trace}, {@code /v1/pools}, {@code /v1/bgp}) and, there and over TCP, the probes {@code
 * /liveness} and {@code /readiness}: 200 when all is well, 503 with the conditions when not. Over
 * TCP there is nothing else, as a trace sends packets from within pods.
 */
final class StatusServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StatusServer.class);
  private static final int UNAVAILABLE = 503;

  private final JsonServer server;
  private final String healthAddress;

  /** What a probe is told. */
  record Probe(String node, boolean ok, List<AgentStatus.Condition> conditions) {}

  /**
   * @throws AgentException when the control socket cannot be made; a health port that is taken is
   *     told in the log, and the agent goes on without
   */
  StatusServer(AgentConfiguration configuration, Answers agent) {
    server = new JsonServer(new Asked(agent));
    try {
      server.listen(configuration.controlSocket());
    } catch (IOException e) {
      server.close();
      throw new AgentException("control socket: " + e.getMessage(), e);
    }
    healthAddress = openHealth(configuration, new Probed(agent));
  }

  private record Probed(Answers agent) implements JsonServer.Handler {
    @Override
    public Optional<JsonServer.Answer> answer(String path) {
      return switch (path) {
        case "/readiness" -> probed(agent.readiness());
        case "/liveness" -> probed(agent.liveness());
        default -> Optional.empty();
      };
    }
  }

  private record Asked(Answers agent) implements JsonServer.Handler {
    @Override
    public Optional<JsonServer.Answer> answer(String path) {
      return path.equals("/v1/status")
          ? JsonServer.Answer.ok(agent.status())
          : new Probed(agent).answer(path);
    }

    @Override
    public Optional<JsonServer.Answer> answer(String path, Map<String, List<String>> query) {
      if (path.startsWith(BgpApi.ROOT)) {
        return agent.bgp().flatMap(bgp -> bgp.answer(path, query));
      }
      return switch (path) {
        case "/v1/policy/explain" ->
            Optional.of(explained(agent.policy(), FlowParameters.flow(query)));
        case "/v1/trace" ->
            agent.routing().map(sight -> traced(sight, TraceParameters.question(query)));
        case "/v1/pools" -> agent.routing().map(sight -> progress(sight.pools()));
        default -> answer(path);
      };
    }
  }

  private static JsonServer.Answer traced(RoutingSight sight, TraceQuestion question) {
    try {
      return new JsonServer.Answer(200, new Tracing(sight).trace(question));
    } catch (IllegalStateException e) {
      return new JsonServer.Answer(UNAVAILABLE, Map.of("error", e.getMessage()));
    }
  }

  private static JsonServer.Answer progress(Optional<PoolProgress> progress) {
    return progress
        .map(known -> new JsonServer.Answer(200, known))
        .orElseGet(
            () ->
                new JsonServer.Answer(
                    UNAVAILABLE, Map.of("error", "the datastore is being listed")));
  }

  private static JsonServer.Answer explained(PolicyService policy, Flow flow) {
    return policy
        .explain(flow)
        .map(explanation -> new JsonServer.Answer(200, explanation))
        .orElseGet(
            () ->
                new JsonServer.Answer(
                    UNAVAILABLE,
                    Map.of("error", "policy is not known yet: the datastore is being listed")));
  }

  private static Optional<JsonServer.Answer> probed(Probe probe) {
    return Optional.of(new JsonServer.Answer(probe.ok() ? 200 : UNAVAILABLE, probe));
  }

  private String openHealth(AgentConfiguration configuration, Probed probed) {
    if (configuration.healthPort().isEmpty()) {
      return "none";
    }
    InetSocketAddress wanted =
        new InetSocketAddress(configuration.healthHost(), configuration.healthPort().getAsInt());
    try {
      return server.listen(wanted, probed).toString();
    } catch (IOException e) {
      log.error("no probes over TCP: {}", e.getMessage());
      return "none";
    }
  }

  /** Where the probes are answered over TCP, for the log. */
  String healthAddress() {
    return healthAddress;
  }

  @Override
  public void close() {
    server.close();
  }
}
