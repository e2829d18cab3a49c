package dev.manul.bgp.daemon;

import dev.manul.bgp.NeighborDetail;
import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.bfd.BfdStatus;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Address;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Neighbours as JSON; the fields are those of docs/bgp-control.md. */
final class NeighborJson {
  private NeighborJson() {}

  /** What a list of neighbours shows. */
  static Map<String, Object> summary(NeighborStatus n, Optional<BfdStatus> bfd) {
    return head(n).put("bfd", bfd.map(BfdStatus::state)).fields();
  }

  private static JsonObject head(NeighborStatus n) {
    return new JsonObject()
        .put("address", n.address().text())
        .put("port", n.port())
        .put("description", n.description())
        .put("asNumber", n.asNumber())
        .put("localAsNumber", n.localAsNumber())
        .put("state", n.state().toString())
        .put("since", n.since().toString())
        .put("lastError", n.lastError())
        .put("lastErrorAt", n.lastErrorAt())
        .put("prefixesReceived", n.prefixesReceived())
        .put("prefixesAccepted", n.prefixesAccepted())
        .put("prefixesAdvertised", n.prefixesAdvertised())
        .put("messagesIn", n.messagesIn())
        .put("messagesOut", n.messagesOut())
        .put("updatesIn", n.updatesIn())
        .put("updatesOut", n.updatesOut())
        .put("flaps", n.flaps());
  }

  /** All there is to know. */
  static Map<String, Object> whole(NeighborStatus n, Optional<BfdStatus> bfd) {
    NeighborDetail detail = n.detail();
    JsonObject json =
        head(n)
            .put("localAddress", n.localAddress().map(Address::text))
            .put("remoteId", n.remoteId().map(Address::text))
            .put("hostName", detail.remoteHostName())
            .put("holdTime", n.holdTime())
            .put("keepaliveTime", n.keepaliveTime())
            .put("families", names(n.families()))
            .put("capabilitiesSent", n.sent().stream().map(NeighborJson::text).toList())
            .put("capabilitiesReceived", n.received().stream().map(NeighborJson::text).toList())
            .put("features", features(detail.features()))
            .put("gracefulRestart", n.gracefulRestart())
            .put("restarting", n.restarting())
            .put("endOfRib", n.endOfRib())
            .put("malformed", n.malformed())
            .list("faults", detail.faults().stream().map(NeighborJson::fault).toList())
            .put("lastShutdown", detail.lastShutdown())
            .put("idleUntil", detail.idleUntil())
            .list("longLivedStale", names(detail.longLivedStale()));
    detail.shutdown().ifPresent(text -> json.put("shutdown", text));
    detail.lastMalformed().ifPresent(m -> json.put("lastMalformed", malformed(m)));
    bfd.ifPresent(status -> json.put("bfd", bfd(status)));
    return json.fields();
  }

  private static Map<String, Object> features(NeighborDetail.Features f) {
    JsonObject json =
        new JsonObject()
            .put("fourOctetAs", f.fourOctetAs())
            .put("routeRefresh", f.routeRefresh())
            .put("enhancedRouteRefresh", f.enhancedRefresh())
            .put("extendedMessages", f.extendedMessages())
            .put("notificationRestart", f.notificationRestart())
            .list("extendedNextHop", names(f.extendedNextHop()))
            .list("addPathReceive", names(f.addPathReceive()))
            .list("addPathSend", names(f.addPathSend()))
            .put("localRole", f.localRole())
            .put("remoteRole", f.remoteRole());
    if (!f.longLivedStaleTimes().isEmpty()) {
      JsonObject times = new JsonObject();
      f.longLivedStaleTimes().entrySet().stream()
          .sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()))
          .forEach(entry -> times.put(entry.getKey().toString(), entry.getValue()));
      json.put("longLivedStaleTimes", times.fields());
    }
    return json.fields();
  }

  private static Map<String, Object> fault(NeighborDetail.FaultCount fault) {
    JsonObject json = new JsonObject().put("kind", kind(fault.kind()));
    if (fault.attribute() != 0) {
      json.put("attribute", fault.attribute());
    }
    return json.put("count", fault.count()).fields();
  }

  private static Map<String, Object> malformed(NeighborDetail.MalformedMessage m) {
    return new JsonObject()
        .put("at", m.at().toString())
        .put("kind", kind(m.kind()))
        .put("reason", m.reason())
        .put("message", m.message().toString())
        .fields();
  }

  private static String kind(NeighborDetail.FaultKind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Map<String, Object> bfd(BfdStatus bfd) {
    return new JsonObject()
        .put("state", bfd.state().toString())
        .put("remoteState", bfd.remoteState().toString())
        .put("diagnostic", bfd.diagnostic().toString())
        .put("since", bfd.since().toString())
        .put("multihop", bfd.multihop())
        .put("localDiscriminator", Integer.toUnsignedLong(bfd.localDiscriminator()))
        .put("remoteDiscriminator", Integer.toUnsignedLong(bfd.remoteDiscriminator()))
        .put("transmitMicros", bfd.transmitMicros())
        .put("detectionMicros", bfd.detectionMicros())
        .put("packetsIn", bfd.packetsIn())
        .put("packetsOut", bfd.packetsOut())
        .put("flaps", bfd.flaps())
        .put("problem", Optional.of(bfd.problem()))
        .fields();
  }

  private static List<String> names(Collection<Family> families) {
    return families.stream().map(Family::toString).sorted().toList();
  }

  /** A capability in words that stay the same. */
  private static String text(Capability capability) {
    return switch (capability) {
      case Capability.Multiprotocol(Family family) -> "multiprotocol " + family;
      case Capability.RouteRefresh r -> "route-refresh";
      case Capability.EnhancedRouteRefresh r -> "enhanced-route-refresh";
      case Capability.FourOctetAs(long asNumber) -> "four-octet-as " + asNumber;
      case Capability.GracefulRestart g ->
          "graceful-restart time "
              + g.restartTime()
              + (g.restarting() ? " restarting" : "")
              + (g.notification() ? " notification" : "")
              + joined(
                  g.families(), f -> f.family() + (f.forwardingPreserved() ? " forwarding" : ""));
      case Capability.LongLivedGracefulRestart(var families) ->
          "long-lived-graceful-restart"
              + joined(
                  families,
                  f ->
                      f.family()
                          + " time "
                          + f.staleTime()
                          + (f.forwardingPreserved() ? " forwarding" : ""));
      case Capability.ExtendedNextHop(var entries) ->
          "extended-next-hop" + joined(entries, e -> e.family() + " afi " + e.nextHopAfi());
      case Capability.ExtendedMessages e -> "extended-messages";
      case Capability.BgpRole(int code) ->
          "role " + Role.of(code).map(Object::toString).orElse(Integer.toString(code));
      case Capability.AddPath(var entries) ->
          "add-path"
              + joined(
                  entries,
                  e -> e.family() + (e.receives() ? " receive" : "") + (e.sends() ? " send" : ""));
      case Capability.HostName(String host, String domain) ->
          "host-name " + host + (domain.isEmpty() ? "" : "." + domain);
      case Capability.Unknown(int code, var value) -> "code " + code + " value " + value;
    };
  }

  private static <T> String joined(Collection<T> entries, Function<T, String> text) {
    return entries.stream().map(e -> "; " + text.apply(e)).collect(Collectors.joining());
  }
}
