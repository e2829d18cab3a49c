package dev.manul.bgp.daemon;

import dev.manul.bgp.RouteExplanation;
import dev.manul.model.Address;
import java.util.Map;
import java.util.Optional;

/** Explanations as JSON; the fields are those of docs/bgp-control.md. */
final class WhyJson {
  private WhyJson() {}

  static Map<String, Object> of(RouteExplanation why) {
    return new JsonObject()
        .put("prefix", why.prefix().toString())
        .put("paths", why.paths().stream().map(WhyJson::path).toList())
        .put("exports", why.neighbors().stream().map(WhyJson::export).toList())
        .fields();
  }

  private static Map<String, Object> path(RouteExplanation.PathVerdict path) {
    JsonObject json =
        new JsonObject()
            .put("peer", path.peer().map(Address::text))
            .put("nextHop", path.attributes().nextHop().map(Address::text))
            .put("best", path.best())
            .put("used", path.used())
            .put("stale", path.stale())
            .put("verdict", path.verdict())
            .put("reason", path.reason())
            .put("value", Optional.of(path.value()))
            .put("bestValue", Optional.of(path.bestValue()))
            .put("filter", Optional.of(path.filter()));
    RouteJson.attributes(path.attributes(), json);
    if (!path.received().equals(path.attributes())) {
      json.put("received", RouteJson.attributes(path.received()));
    }
    return json.fields();
  }

  private static Map<String, Object> export(RouteExplanation.Export export) {
    JsonObject json =
        new JsonObject()
            .put("peer", export.peer().text())
            .put("announced", export.told().isPresent())
            .put("pending", export.pending())
            .put("verdict", export.verdict())
            .put("reason", export.reason())
            .put("filter", Optional.of(export.filter()));
    export.told().ifPresent(told -> json.put("told", RouteJson.attributes(told)));
    return json.fields();
  }
}
