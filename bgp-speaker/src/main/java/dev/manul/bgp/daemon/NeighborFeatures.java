package dev.manul.bgp.daemon;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.PrefixLimit;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Ipv4Address;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The rarer fields of a neighbour in the file. */
final class NeighborFeatures {
  private static final int PATHS = 8;

  private NeighborFeatures() {}

  static void set(
      String field, ConfigurationFile.Neighbor n, NeighborConfiguration.Builder builder) {
    unlessNull(n.nextHopKeep(), builder::nextHopKeep);
    unlessNull(n.allowAsIn(), builder::allowAsIn);
    unlessNull(n.asOverride(), builder::asOverride);
    unlessNull(n.strictRole(), builder::strictRole);
    unlessNull(n.shutdown(), builder::shutdown);
    unlessNull(n.connectRetryTime(), builder::connectRetryTime);
    unlessNull(n.keepaliveTime(), builder::keepaliveTime);
    unlessNull(n.idleHoldTime(), builder::idleHoldTime);
    unlessNull(n.extendedMessages(), builder::extendedMessages);
    unlessNull(n.extendedNextHop(), builder::extendedNextHop);
    unlessNull(n.localWorkload(), builder::localWorkload);
    unlessNull(n.description(), builder::description);
    if (n.clusterId() != null) {
      if (!(n.clusterId() instanceof Ipv4Address clusterId)) {
        throw ConfigurationConversion.wrong(
            field + ".clusterId", "\"" + n.clusterId() + "\" is not an IPv4 address");
      }
      builder.clusterId(clusterId);
    }
    unlessNull(n.role(), role -> builder.role(role(field + ".role", role)));
    addPaths(field, n, builder);
    if (n.prefixLimit() != null) {
      ConfigurationConversion.required(field + ".prefixLimit.max", n.prefixLimit().max());
      Integer minutes = n.prefixLimit().restartMinutes();
      builder.prefixLimit(
          new PrefixLimit(
              n.prefixLimit().max(),
              minutes == null ? OptionalInt.empty() : OptionalInt.of(minutes)));
    }
  }

  private static <T> void unlessNull(T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }

  private static Role role(String field, String name) {
    return Arrays.stream(Role.values())
        .filter(role -> role.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                ConfigurationConversion.wrong(
                    field,
                    "\""
                        + name
                        + "\" is not known; allowed: "
                        + Arrays.stream(Role.values())
                            .map(Role::toString)
                            .collect(Collectors.joining(", "))));
  }

  private static void addPaths(
      String field, ConfigurationFile.Neighbor n, NeighborConfiguration.Builder builder) {
    String wanted = n.addPaths() == null ? "none" : n.addPaths();
    switch (wanted) {
      case "none", "receive", "send", "both" -> {}
      default ->
          throw ConfigurationConversion.wrong(
              field + ".addPaths",
              "\"" + wanted + "\" is not known; allowed: none, receive, send, both");
    }
    builder.addPathReceive(wanted.equals("receive") || wanted.equals("both"));
    if (wanted.equals("send") || wanted.equals("both")) {
      int limit = n.addPathsLimit() == null ? PATHS : n.addPathsLimit();
      if (limit < 1) {
        throw ConfigurationConversion.wrong(
            field + ".addPathsLimit", "must be within 1 to 64, not " + limit);
      }
      builder.addPathSend(limit);
    }
  }
}
