package dev.manul.bgp.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.bgp.BfdSettings;
import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.PrefixLimit;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonConfigurationTest {
  @TempDir Path directory;

  private DaemonConfiguration read(String text) throws Exception {
    return DaemonConfiguration.read(Files.writeString(directory.resolve("bgp.yaml"), text));
  }

  @Test
  void everyFieldIsRead() throws Exception {
    DaemonConfiguration read =
        read(
            """
            asNumber: 64512
            routerId: 10.0.0.1
            listen: [{address: 127.0.0.1, port: 1790}, {address: "::1"}]
            control: /tmp/manul-bgp.sock
            kernel: {export: false, table: 254, protocol: 77}
            originate:
              - {prefix: 10.244.0.0/26, nextHop: self, communities: ["64512:1", "65535:65281"]}
              - {prefix: 2001:db8::/64, nextHop: "2001:db8::1"}
            neighbors:
              - address: 127.0.0.2
                port: 1179
                asNumber: 4200000000
                localAddress: 127.0.0.1
                localAsNumber: 64513
                passive: true
                password: secret
                multihop: 64
                holdTime: 30
                routeReflectorClient: true
                gracefulRestart: {restartTime: 90}
                families: [ipv6-unicast]
                addPaths: none
                nextHopSelf: true
                bfd: {minTxMillis: 50, multiplier: 4}
                import: accept
                export: reject
              - {address: "2001:db8::2", asNumber: 64512, ttlSecurity: 1, gracefulRestart: {}}
            """);
    assertThat(read.control()).contains(Path.of("/tmp/manul-bgp.sock"));
    assertThat(read.speaker().asNumber()).isEqualTo(64512);
    assertThat(read.speaker().routerId()).isEqualTo(Ipv4Address.parse("10.0.0.1"));
    assertThat(read.speaker().listen())
        .containsExactly(
            new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 1790),
            new InetSocketAddress(InetAddress.getByAddress(Address.parse("::1").toBytes()), 179));
    assertThat(read.speaker().originated())
        .containsExactly(
            new OriginatedRoute(
                Prefix.parse("10.244.0.0/26"),
                Optional.empty(),
                List.of(64512 << 16 | 1, 65535 << 16 | 65281)),
            new OriginatedRoute(
                Prefix.parse("2001:db8::/64"),
                Optional.of(Address.parse("2001:db8::1")),
                List.of()));
    assertThat(read.speaker().neighbors())
        .containsExactly(
            NeighborConfiguration.builder(Address.parse("127.0.0.2"), 4200000000L)
                .port(1179)
                .localAddress(Address.parse("127.0.0.1"))
                .localAsNumber(64513)
                .passive(true)
                .password("secret")
                .multihop(64)
                .holdTime(30)
                .routeReflectorClient(true)
                .gracefulRestartTime(90)
                .families(Set.of(Family.IPV6_UNICAST))
                .nextHopSelf(true)
                .bfd(new BfdSettings(50, 100, 4))
                .exportFilter(RouteFilter.REJECT)
                .build(),
            NeighborConfiguration.builder(Address.parse("2001:db8::2"), 64512)
                .ttlSecurity(1)
                .gracefulRestartTime(120)
                .build());
  }

  @Test
  void theRarerFieldsOfANeighborAreRead() throws Exception {
    DaemonConfiguration read =
        read(
            """
            asNumber: 64512
            routerId: 10.0.0.1
            neighbors:
              - address: 10.0.0.2
                asNumber: 65001
                gracefulRestart: {restartTime: 60, longLivedStaleTime: 3600}
                addPaths: both
                addPathsLimit: 4
                nextHopKeep: true
                clusterId: 10.9.9.9
                allowAsIn: 2
                asOverride: true
                role: route-server-client
                strictRole: true
                prefixLimit: {max: 1000, restartMinutes: 5}
                shutdown: until friday
                connectRetryTime: 20
                keepaliveTime: 10
                idleHoldTime: 300
                bfd: {minTxMillis: 50, multiplier: 5}
                extendedMessages: false
                extendedNextHop: true
                localWorkload: true
                description: rack 4
              - {address: 10.0.0.3, asNumber: 65001, addPaths: send, prefixLimit: {max: 5}}
            """);
    assertThat(read.speaker().neighbors())
        .containsExactly(
            NeighborConfiguration.builder(Address.parse("10.0.0.2"), 65001)
                .gracefulRestartTime(60)
                .longLivedStaleTime(3600)
                .addPathReceive(true)
                .addPathSend(4)
                .nextHopKeep(true)
                .clusterId(Ipv4Address.parse("10.9.9.9"))
                .allowAsIn(2)
                .asOverride(true)
                .role(Role.ROUTE_SERVER_CLIENT)
                .strictRole(true)
                .prefixLimit(new PrefixLimit(1000, OptionalInt.of(5)))
                .shutdown("until friday")
                .connectRetryTime(20)
                .keepaliveTime(10)
                .idleHoldTime(300)
                .bfd(new BfdSettings(50, 100, 5))
                .extendedMessages(false)
                .extendedNextHop(true)
                .localWorkload(true)
                .description("rack 4")
                .build(),
            NeighborConfiguration.builder(Address.parse("10.0.0.3"), 65001)
                .noGracefulRestart()
                .addPathSend(8)
                .prefixLimit(new PrefixLimit(5, OptionalInt.empty()))
                .build());
  }

  @Test
  void aShortFileIsEnough() throws Exception {
    DaemonConfiguration read =
        read(
            """
            asNumber: 64512
            routerId: 10.0.0.1
            neighbors: [{address: 10.0.0.2, asNumber: 64512}]
            """);
    assertThat(read.control()).isEmpty();
    assertThat(read.speaker().listen()).isEmpty();
    assertThat(read.speaker().originated()).isEmpty();
    assertThat(read.speaker().neighbors())
        .containsExactly(
            NeighborConfiguration.builder(Address.parse("10.0.0.2"), 64512)
                .noGracefulRestart()
                .build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "asNumbr: 5 | field asNumbr is not known; allowed: asNumber, bmp, control, kernel",
        "listen: [{adress: 10.0.0.1}] | field listen[0].adress is not known; allowed: address, port",
        "listen: [{port: 179}] | field listen[0].address: is missing",
        "listen: [{address: 10.0.0.1, port: 70000}] | field listen[0].port: must be within 1 to 65535",
        "listen: {} | field listen: the value is not a list",
        "asNumber: 6 | Duplicate field 'asNumber'",
        "kernel: {export: true} | writing kernel routes is not supported yet",
        "kernel: {} | writing kernel routes is not supported yet",
        "originate: [{prefix: 10.0.0.1/24}] | field originate[0].prefix: \"10.0.0.1/24\" has bits set",
        "originate: [{nextHop: self}] | field originate[0].prefix: is missing",
        "originate: [{prefix: 10.0.0.0/8, nextHop: me}] | field originate[0].nextHop: \"me\" is not",
        "originate: [{prefix: 10.0.0.0/8, nextHop: '::1'}] | field originate[0]: the next hop ::1",
        "originate: [{prefix: 10.0.0.0/8, communities: ['1:70000']}] | communities[0]: \"1:70000\" is not AS:VALUE",
        "originate: [null] | field originate[0]: is empty",
        "neighbors: [{address: 10.0.0.2}] | field neighbors[0].asNumber: is missing",
        "neighbors: [{address: 10.0.0.300, asNumber: 1}] | field neighbors[0].address: \"10.0.0.300\" is not an IPv4 address",
        "neighbors: [{address: 10.0.0.2, asNumber: 0}] | asNumber must be within 1 to 4294967295",
        "neighbors: [{address: 10.0.0.2, asNumber: x}] | field neighbors[0].asNumber: the value is not an integer",
        "neighbors: [{address: 10.0.0.2, asNumber: 1.5}] | field neighbors[0].asNumber",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, holdTime: 2}] | holdTime (or 0 for none) must be within 3 to 65535",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, addPaths: all}] | field neighbors[0].addPaths: \"all\" is not known; allowed: none, receive, send, both",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, addPaths: send, addPathsLimit: 0}] | neighbors[0].addPathsLimit: must be within 1 to 64",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, role: boss}] | field neighbors[0].role: \"boss\" is not known; allowed: provider, route-server,",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, strictRole: true}] | strictRole needs role",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, prefixLimit: {}}] | field neighbors[0].prefixLimit.max: is missing",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, prefixLimit: {max: 0}}] | prefixLimit max must be at least 1",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, bfd: {minTxMillis: 1}}] | bfd minTxMillis must be within 10 to 60000",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, clusterId: '::1'}] | field neighbors[0].clusterId",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, keepaliveTime: 0}] | keepaliveTime must be within 1 to 21845",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, import: [a]}] | field neighbors[0].import: a list of filters is not supported yet; allowed: accept, reject",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, export: maybe}] | field neighbors[0].export: \"maybe\" is not known; allowed: accept, reject",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, families: [ipv4]}] | \"ipv4\" is not known; allowed: ipv4-unicast, ipv6-unicast",
        "neighbors: [{address: 10.0.0.2, asNumber: 1, passive: 3}] | field neighbors[0].passive: \"3\" is not true or false",
        "neighbors: [{address: 10.0.0.2, asNumber: 1}, {address: 10.0.0.2, asNumber: 1}] | neighbor 10.0.0.2 is listed twice",
        "neighbors: [ | expected the node content"
      })
  void aFileThatIsWrongIsRefusedInOneLineThatNamesFileAndField(String line, String expected) {
    assertThatThrownBy(() -> read("asNumber: 64512\nrouterId: 10.0.0.1\n" + line + "\n"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(directory.resolve("bgp.yaml") + ": ")
        .hasMessageContaining(expected)
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | the file is empty",
        "asNumber: 5 | field routerId: is missing",
        "# nothing | the file is empty",
        "routerId: 10.0.0.1 | field asNumber: is missing",
        "'{asNumber: 5, routerId: \"::1\"}' | field routerId: \"::1\" is not an IPv4 address",
        "'{asNumber: 5, routerId: 0.0.0.0}' | routerId must not be 0.0.0.0",
        "'{asNumber: 5, routerId: 10.0.0.1}\n---\n{asNumber: 6}' | bgp.yaml",
        "- 5 | bgp.yaml"
      })
  void aFileThatIsWrongAsAWholeIsRefused(String text, String expected) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(expected)
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> DaemonConfiguration.read(directory.resolve("none.yaml")))
        .hasMessage(directory.resolve("none.yaml") + ": there is no such file");
  }
}
