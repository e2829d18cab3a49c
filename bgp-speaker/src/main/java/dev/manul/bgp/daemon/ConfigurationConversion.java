package dev.manul.bgp.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.bgp.BfdSettings;
import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.SpeakerConfiguration;
import dev.manul.bgp.bmp.BmpStation;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Turns what the file says into what the speaker takes. Every IllegalArgumentException names the
 * field it is about.
 */
final class ConfigurationConversion {
  private static final int BGP_PORT = 179;
  private static final int RESTART_TIME = 120;
  private static final int BFD_MILLIS = 100;
  private static final int BFD_MULTIPLIER = 3;

  SpeakerConfiguration speaker(ConfigurationFile file) {
    if (file.kernel() != null && !Boolean.FALSE.equals(file.kernel().export())) {
      throw notYet("kernel", "writing kernel routes", "leave it out, or export: false");
    }
    required("asNumber", file.asNumber());
    required("routerId", file.routerId());
    if (!(file.routerId() instanceof Ipv4Address routerId)) {
      throw wrong("routerId", "\"" + file.routerId() + "\" is not an IPv4 address");
    }
    return new SpeakerConfiguration(
        file.asNumber(),
        routerId,
        each("listen", file.listen(), this::listen),
        each("originate", file.originate(), this::originate),
        each("neighbors", file.neighbors(), this::neighbor));
  }

  List<BmpStation> stations(ConfigurationFile file) {
    return each("bmp", file.bmp(), ConfigurationConversion::station);
  }

  private static BmpStation station(String field, ConfigurationFile.Bmp bmp) {
    required(field + ".address", bmp.address());
    try {
      return new BmpStation(
          bmp.address(),
          Objects.requireNonNullElse(bmp.port(), BmpStation.DEFAULT_PORT),
          Objects.requireNonNullElse(
              bmp.statisticsSeconds(), BmpStation.DEFAULT_STATISTICS_SECONDS));
    } catch (IllegalArgumentException e) {
      throw wrong(field, e.getMessage());
    }
  }

  @FunctionalInterface
  private interface Conversion<A, B> {
    B convert(String field, A value);
  }

  private static <A, B> List<B> each(String field, List<A> values, Conversion<A, B> conversion) {
    List<B> converted = new ArrayList<>();
    for (int i = 0; values != null && i < values.size(); i++) {
      String name = field + "[" + i + "]";
      if (values.get(i) == null) {
        throw wrong(name, "is empty");
      }
      converted.add(conversion.convert(name, values.get(i)));
    }
    return converted;
  }

  private InetSocketAddress listen(String field, ConfigurationFile.Listen listen) {
    required(field + ".address", listen.address());
    int port = listen.port() == null ? BGP_PORT : listen.port();
    if (port < 1 || port > 65535) {
      throw wrong(field + ".port", "must be within 1 to 65535, not " + port);
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(listen.address().toBytes()), port);
    } catch (UnknownHostException e) {
      throw wrong(field + ".address", e.getMessage());
    }
  }

  private OriginatedRoute originate(String field, ConfigurationFile.Originate route) {
    required(field + ".prefix", route.prefix());
    Optional<Address> nextHop = Optional.empty();
    if (route.nextHop() != null && !route.nextHop().equals("self")) {
      nextHop = Optional.of(address(field + ".nextHop", route.nextHop()));
    }
    List<Integer> communities = each(field + ".communities", route.communities(), this::community);
    try {
      return new OriginatedRoute(route.prefix(), nextHop, communities);
    } catch (IllegalArgumentException e) {
      throw wrong(field, e.getMessage());
    }
  }

  private static Address address(String field, String text) {
    try {
      return Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong(field, e.getMessage() + "; allowed: an address or self");
    }
  }

  private Integer community(String field, String text) {
    int colon = text.indexOf(':');
    try {
      if (colon > 0) {
        int high = Integer.parseInt(text.substring(0, colon));
        int low = Integer.parseInt(text.substring(colon + 1));
        if ((high | low) >>> 16 == 0) {
          return high << 16 | low;
        }
      }
    } catch (NumberFormatException e) {
      // told below, as any other form
    }
    throw wrong(field, "\"" + text + "\" is not AS:VALUE with numbers within 0 to 65535");
  }

  private NeighborConfiguration neighbor(String field, ConfigurationFile.Neighbor n) {
    required(field + ".address", n.address());
    required(field + ".asNumber", n.asNumber());
    NeighborConfiguration.Builder builder =
        NeighborConfiguration.builder(n.address(), n.asNumber());
    setSession(n, builder);
    try {
      NeighborFeatures.set(field, n, builder);
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith("field ") ? e : wrong(field, e.getMessage());
    }
    if (n.families() != null) {
      builder.families(families(field + ".families", n.families()));
    }
    if (n.bfd() != null) {
      builder.bfd(bfd(field + ".bfd", n.bfd()));
    }
    builder.importFilter(filter(field + ".import", n.importPolicy()));
    builder.exportFilter(filter(field + ".export", n.exportPolicy()));
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw wrong(field, e.getMessage());
    }
  }

  private static void setSession(
      ConfigurationFile.Neighbor n, NeighborConfiguration.Builder builder) {
    if (n.port() != null) {
      builder.port(n.port());
    }
    if (n.localAddress() != null) {
      builder.localAddress(n.localAddress());
    }
    if (n.localAsNumber() != null) {
      builder.localAsNumber(n.localAsNumber());
    }
    if (n.password() != null) {
      builder.password(n.password());
    }
    if (n.multihop() != null) {
      builder.multihop(n.multihop());
    }
    if (n.ttlSecurity() != null) {
      builder.ttlSecurity(n.ttlSecurity());
    }
    if (n.holdTime() != null) {
      builder.holdTime(n.holdTime());
    }
    if (n.gracefulRestart() == null) {
      builder.noGracefulRestart();
    } else {
      Integer time = n.gracefulRestart().restartTime();
      builder.gracefulRestartTime(time == null ? RESTART_TIME : time);
      if (n.gracefulRestart().longLivedStaleTime() != null) {
        builder.longLivedStaleTime(n.gracefulRestart().longLivedStaleTime());
      }
    }
    builder.passive(Boolean.TRUE.equals(n.passive()));
    builder.routeReflectorClient(Boolean.TRUE.equals(n.routeReflectorClient()));
    builder.nextHopSelf(Boolean.TRUE.equals(n.nextHopSelf()));
  }

  private static BfdSettings bfd(String field, ConfigurationFile.Bfd bfd) {
    try {
      return new BfdSettings(
          Objects.requireNonNullElse(bfd.minTxMillis(), BFD_MILLIS),
          Objects.requireNonNullElse(bfd.minRxMillis(), BFD_MILLIS),
          Objects.requireNonNullElse(bfd.multiplier(), BFD_MULTIPLIER));
    } catch (IllegalArgumentException e) {
      throw wrong(field, e.getMessage());
    }
  }

  private static Set<Family> families(String field, List<String> names) {
    Set<Family> families = new LinkedHashSet<>();
    for (String name : names) {
      switch (name) {
        case "ipv4-unicast" -> families.add(Family.IPV4_UNICAST);
        case "ipv6-unicast" -> families.add(Family.IPV6_UNICAST);
        case null, default ->
            throw wrong(
                field, "\"" + name + "\" is not known; allowed: ipv4-unicast, ipv6-unicast");
      }
    }
    return families;
  }

  private static RouteFilter filter(String field, JsonNode node) {
    if (node == null || node.isNull()) {
      return RouteFilter.ACCEPT;
    }
    if (node.isArray()) {
      throw notYet(field, "a list of filters", "accept, reject");
    }
    return switch (node.asText()) {
      case "accept" -> RouteFilter.ACCEPT;
      case "reject" -> RouteFilter.REJECT;
      default ->
          throw wrong(field, "\"" + node.asText() + "\" is not known; allowed: accept, reject");
    };
  }

  static void required(String field, Object value) {
    if (value == null) {
      throw wrong(field, "is missing");
    }
  }

  private static IllegalArgumentException notYet(String field, String what, String allowed) {
    return wrong(field, what + " is not supported yet; allowed: " + allowed);
  }

  static IllegalArgumentException wrong(String field, String message) {
    return new IllegalArgumentException("field " + field + ": " + message);
  }
}
