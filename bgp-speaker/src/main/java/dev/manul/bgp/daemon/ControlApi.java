package dev.manul.bgp.daemon;

import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.RibEntry;
import dev.manul.bgp.Speaker;
import dev.manul.bgp.SpeakerStatus;
import dev.manul.bgp.daemon.JsonServer.Answer;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the control socket of {@code manul-bgp} answers: {@link BgpApi}, and in one piece each
 * {@code /v1/status}, {@code /v1/routes}, {@code /v1/neighbors/ADDRESS/adj-in} and {@code
 * /v1/neighbors/ADDRESS/adj-out}. What a value has none of is left out of the JSON object.
 */
final class ControlApi implements JsonServer.Handler {
  private static final String NEIGHBORS = "/v1/neighbors/";

  private final Speaker speaker;
  private final BgpApi bgp;

  ControlApi(Speaker speaker) {
    this.speaker = speaker;
    this.bgp = new BgpApi(speaker);
  }

  @Override
  public Optional<Answer> answer(String path, Map<String, List<String>> query) {
    Optional<Answer> answer = bgp.answer(path, query);
    return answer.isPresent() ? answer : answer(path);
  }

  @Override
  public Optional<Answer> answer(String path) {
    return switch (path) {
      case "/v1/status" -> Answer.ok(status(speaker.status()));
      case "/v1/routes" -> Answer.ok(routes(speaker.localRib()));
      default -> neighbor(path);
    };
  }

  private Optional<Answer> neighbor(String path) {
    int slash = path.lastIndexOf('/');
    if (!path.startsWith(NEIGHBORS) || slash < NEIGHBORS.length()) {
      return Optional.empty();
    }
    Function<Address, List<RibEntry>> view =
        switch (path.substring(slash)) {
          case "/adj-in" -> speaker::adjRibIn;
          case "/adj-out" -> speaker::adjRibOut;
          default -> null;
        };
    if (view == null) {
      return Optional.empty();
    }
    Address address = Address.parse(path.substring(NEIGHBORS.length(), slash));
    return speaker.status().neighbor(address).isEmpty()
        ? Optional.of(new Answer(404, Map.of("error", "there is no neighbor " + address)))
        : Answer.ok(routes(view.apply(address)));
  }

  private static Map<String, Object> status(SpeakerStatus status) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("asNumber", status.asNumber());
    json.put("routerId", status.routerId().text());
    json.put("converged", status.converged());
    json.put("listening", status.listening().stream().map(ControlApi::text).toList());
    json.put("problems", status.problems());
    json.put("prefixes", status.prefixes());
    json.put("paths", status.paths());
    json.put("neighbors", status.neighbors().stream().map(ControlApi::neighbor).toList());
    return json;
  }

  private static String text(InetSocketAddress address) {
    return Address.ofBytes(address.getAddress().getAddress()) + " port " + address.getPort();
  }

  private static Map<String, Object> neighbor(NeighborStatus n) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("address", n.address().text());
    json.put("port", n.port());
    json.put("asNumber", n.asNumber());
    json.put("localAsNumber", n.localAsNumber());
    json.put("state", n.state().name());
    json.put("since", n.since().toString());
    json.put("lastError", n.lastError());
    n.lastErrorAt().ifPresent(at -> json.put("lastErrorAt", at.toString()));
    n.localAddress().ifPresent(address -> json.put("localAddress", address.text()));
    n.remoteId().ifPresent(id -> json.put("remoteId", id.text()));
    json.put("holdTime", n.holdTime());
    json.put("keepaliveTime", n.keepaliveTime());
    json.put("families", n.families().stream().map(Family::toString).toList());
    json.put("capabilitiesSent", n.sent().stream().map(Capability::toString).toList());
    json.put("capabilitiesReceived", n.received().stream().map(Capability::toString).toList());
    json.put("gracefulRestart", n.gracefulRestart());
    json.put("restarting", n.restarting());
    json.put("endOfRib", n.endOfRib());
    json.put("prefixesReceived", n.prefixesReceived());
    json.put("prefixesAccepted", n.prefixesAccepted());
    json.put("prefixesAdvertised", n.prefixesAdvertised());
    json.put("flaps", n.flaps());
    json.put("messagesIn", n.messagesIn());
    json.put("messagesOut", n.messagesOut());
    json.put("updatesIn", n.updatesIn());
    json.put("updatesOut", n.updatesOut());
    json.put("malformed", n.malformed());
    return json;
  }

  private static Map<String, Object> routes(List<RibEntry> entries) {
    return Map.of("routes", entries.stream().map(RouteJson::of).toList());
  }
}
