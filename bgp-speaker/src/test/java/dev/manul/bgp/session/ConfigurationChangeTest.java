package dev.manul.bgp.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.BfdSettings;
import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.PrefixLimit;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ConfigurationChangeTest {
  /** What a session lives through. */
  private static final Set<String> HARMLESS =
      Set.of(
          "port",
          "passive",
          "description",
          "prefixLimit",
          "shutdown",
          "connectRetryTime",
          "keepaliveTime",
          "idleHoldTime",
          "bfd",
          "localWorkload",
          "importFilter",
          "exportFilter",
          "nextHopSelf",
          "nextHopKeep",
          "allowAsIn",
          "asOverride");

  private static final Map<String, Consumer<NeighborConfiguration.Builder>> CHANGES =
      new LinkedHashMap<>();

  static {
    CHANGES.put("port", b -> b.port(1179));
    CHANGES.put("localAddress", b -> b.localAddress(Address.parse("10.0.0.9")));
    CHANGES.put("localAsNumber", b -> b.localAsNumber(9));
    CHANGES.put("passive", b -> b.passive(true));
    CHANGES.put("password", b -> b.password("x"));
    CHANGES.put("multihop", b -> b.multihop(3));
    CHANGES.put("ttlSecurity", b -> b.ttlSecurity(3));
    CHANGES.put("holdTime", b -> b.holdTime(9));
    CHANGES.put("routeReflectorClient", b -> b.routeReflectorClient(true));
    CHANGES.put("clusterId", b -> b.clusterId(Ipv4Address.parse("9.9.9.9")));
    CHANGES.put("gracefulRestartTime", b -> b.gracefulRestartTime(9));
    CHANGES.put("families", b -> b.families(Set.of(Family.IPV6_UNICAST)));
    CHANGES.put("nextHopSelf", b -> b.nextHopSelf(true));
    CHANGES.put("nextHopKeep", b -> b.nextHopKeep(true));
    CHANGES.put("importFilter", b -> b.importFilter(RouteFilter.REJECT));
    CHANGES.put("exportFilter", b -> b.exportFilter(RouteFilter.REJECT));
    CHANGES.put("description", b -> b.description("x"));
    CHANGES.put("allowAsIn", b -> b.allowAsIn(1));
    CHANGES.put("asOverride", b -> b.asOverride(true));
    CHANGES.put("role", b -> b.role(Role.PEER));
    CHANGES.put("strictRole", b -> b.role(Role.PEER).strictRole(true));
    CHANGES.put("addPathReceive", b -> b.addPathReceive(true));
    CHANGES.put("addPathSend", b -> b.addPathSend(2));
    CHANGES.put("longLivedStaleTime", b -> b.longLivedStaleTime(9));
    CHANGES.put("prefixLimit", b -> b.prefixLimit(new PrefixLimit(9, OptionalInt.empty())));
    CHANGES.put("shutdown", b -> b.shutdown("x"));
    CHANGES.put("connectRetryTime", b -> b.connectRetryTime(9));
    CHANGES.put("keepaliveTime", b -> b.keepaliveTime(9));
    CHANGES.put("idleHoldTime", b -> b.idleHoldTime(9));
    CHANGES.put("bfd", b -> b.bfd(new BfdSettings(100, 100, 3)));
    CHANGES.put("extendedMessages", b -> b.extendedMessages(false));
    CHANGES.put("extendedNextHop", b -> b.extendedNextHop(true));
    CHANGES.put("localWorkload", b -> b.localWorkload(true));
  }

  private static NeighborConfiguration.Builder plain() {
    return NeighborConfiguration.builder(Address.parse("10.0.0.2"), 64512);
  }

  @Test
  void everyFieldResetsTheSessionUnlessItIsKnownToBeHarmless() {
    NeighborConfiguration before = plain().build();
    CHANGES.forEach(
        (field, change) -> {
          NeighborConfiguration.Builder builder = before.toBuilder();
          change.accept(builder);
          List<String> reasons = ConfigurationChange.needingReset(before, builder.build());
          assertThat(reasons).as(field).isEqualTo(expected(field));
        });
    assertThat(ConfigurationChange.needingReset(before, before.toBuilder().build())).isEmpty();
  }

  private static List<String> expected(String field) {
    if (HARMLESS.contains(field)) {
      return List.of();
    }
    return field.equals("strictRole") ? List.of("role", "strictRole") : List.of(field);
  }

  @Test
  void noFieldIsForgotten() {
    Set<String> fields = new TreeSet<>();
    for (RecordComponent component : NeighborConfiguration.class.getRecordComponents()) {
      fields.add(component.getName());
    }
    fields.removeAll(Set.of("address", "asNumber"));
    assertThat(CHANGES.keySet()).containsAll(fields);
  }

  @Test
  void aBuilderMadeOfAConfigurationBeginsWithAllOfIt() {
    NeighborConfiguration.Builder builder = plain();
    CHANGES.forEach(
        (field, change) -> {
          if (!Set.of("ttlSecurity", "nextHopKeep").contains(field)) { // exclude others
            change.accept(builder);
          }
        });
    NeighborConfiguration all = builder.build();
    assertThat(all.toBuilder().build()).isEqualTo(all);
  }
}
