package dev.manul.bgp.daemon;

import dev.manul.bgp.RibEntry;
import dev.manul.bgp.wire.AsPath;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import java.util.List;
import java.util.Map;

/** Routes as JSON; the fields are those of docs/bgp-control.md. */
final class RouteJson {
  private RouteJson() {}

  static Map<String, Object> of(RibEntry entry) {
    JsonObject json = new JsonObject();
    json.put("prefix", entry.prefix().toString());
    json.put("peer", entry.peer().map(Address::text));
    json.put("nextHop", entry.attributes().nextHop().map(Address::text));
    json.put("best", entry.best());
    json.put("stale", entry.stale());
    json.put("reason", entry.reason());
    attributes(entry.attributes(), json);
    return json.fields();
  }

  /** Attributes alone. */
  static Map<String, Object> attributes(PathAttributes a) {
    JsonObject json = new JsonObject().put("nextHop", a.nextHop().map(Address::text));
    attributes(a, json);
    return json.fields();
  }

  /** All but the next hop. */
  static void attributes(PathAttributes a, JsonObject json) {
    json.put("origin", a.origin().name());
    json.put("asPath", text(a.asPath()));
    json.put("linkLocalNextHop", a.linkLocalNextHop().map(Address::text));
    json.put("multiExitDiscriminator", a.multiExitDiscriminator());
    json.put("localPreference", a.localPreference());
    if (a.atomicAggregate()) {
      json.put("atomicAggregate", true);
    }
    json.put("aggregator", a.aggregator().map(g -> g.asNumber() + " " + g.address()));
    json.list(
        "communities", a.communities().stream().map(c -> (c >>> 16) + ":" + (c & 0xffff)).toList());
    json.texts("largeCommunities", a.largeCommunities());
    json.list(
        "extendedCommunities",
        a.extendedCommunities().stream().map(RouteJson::extendedCommunity).toList());
    json.put("originatorId", a.originatorId().map(Address::text));
    json.list("clusterList", a.clusterList().stream().map(Address::text).toList());
    a.aigp().ifPresent(aigp -> json.put("aigp", Long.toUnsignedString(aigp.metric())));
    json.put("onlyToCustomer", a.onlyToCustomer());
    json.list(
        "unknownAttributes",
        a.unknown().stream()
            .map(
                u ->
                    new JsonObject()
                        .put("type", u.type())
                        .put("flags", u.flags())
                        .put("value", u.value().toString())
                        .fields())
            .toList());
  }

  /** Route targets and origins of RFC 4360 and 5668 by name; others as their eight octets. */
  private static String extendedCommunity(long c) {
    int type = (int) (c >>> 56) & 0xff;
    String name =
        switch ((int) (c >>> 48) & 0xff) {
          case 2 -> "rt:";
          case 3 -> "soo:";
          default -> "";
        };
    if (!name.isEmpty()) {
      switch (type) {
        case 0 -> {
          return name + ((c >>> 32) & 0xffff) + ":" + (c & 0xffff_ffffL);
        }
        case 1 -> {
          return name + Address.parse(dotted(c >>> 16)) + ":" + (c & 0xffff);
        }
        case 2 -> {
          return name + ((c >>> 16) & 0xffff_ffffL) + ":" + (c & 0xffff);
        }
        default -> {}
      }
    }
    return "0x%016x".formatted(c);
  }

  private static String dotted(long a) {
    return "%d.%d.%d.%d".formatted((a >> 24) & 0xff, (a >> 16) & 0xff, (a >> 8) & 0xff, a & 0xff);
  }

  /** Such as {@code 64512 64513 {64514 64515}}. */
  static String text(AsPath path) {
    StringBuilder text = new StringBuilder();
    for (AsPath.Segment segment : path.segments()) {
      String frame =
          switch (segment.type()) {
            case SEQUENCE -> "%s";
            case SET -> "{%s}";
            case CONFEDERATION_SEQUENCE -> "(%s)";
            case CONFEDERATION_SET -> "[%s]";
          };
      List<String> numbers = segment.asNumbers().stream().map(n -> Long.toString(n)).toList();
      text.append(text.isEmpty() ? "" : " ").append(frame.replace("%s", String.join(" ", numbers)));
    }
    return text.toString();
  }
}
