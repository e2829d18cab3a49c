package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.agent.AgentConfiguration.AddressSource;
import dev.manul.bgp.BfdSettings;
import dev.manul.bgp.bmp.BmpStation;
import dev.manul.model.Address;
import dev.manul.model.EncapsulationMode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentCommandTest {

  @Test
  void takesCalicosVariables() {
    AgentConfiguration configuration =
        configuration(
            Map.of(
                "NODENAME", "worker",
                "IP", "autodetect",
                "IP_AUTODETECTION_METHOD", "interface=eth1",
                "AS", "64513",
                "CALICO_IPV4POOL_CIDR", "10.244.0.0/16",
                "CALICO_IPV4POOL_IPIP", "CrossSubnet",
                "CALICO_IPV4POOL_BLOCK_SIZE", "28",
                "FELIX_IPINIPMTU", "1440"));

    assertThat(configuration.nodeName()).isEqualTo("worker");
    assertThat(configuration.ipv4()).isInstanceOf(AddressSource.Detect.class);
    assertThat(configuration.asNumber()).isEqualTo(OptionalLong.of(64513));
    assertThat(configuration.ipipMtu()).isEqualTo(OptionalInt.of(1440));
    assertThat(configuration.convergenceLimit()).isEqualTo(Duration.ofSeconds(15));
    AgentConfiguration.PoolSettings pool = configuration.ipv4Pool().orElseThrow();
    assertThat(pool.cidr().orElseThrow()).hasToString("10.244.0.0/16");
    assertThat(pool.ipipMode()).isEqualTo(EncapsulationMode.CROSS_SUBNET);
    assertThat(pool.vxlanMode()).isEqualTo(EncapsulationMode.NEVER);
    assertThat(pool.blockSize()).isEqualTo(28);
    assertThat(pool.natOutgoing()).isTrue();
    assertThat(pool.nodeSelector()).isEqualTo("all()");
    assertThat(configuration.ipv6Pool()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', '', '', Files[directory=/etc/manul/datastore]",
    "'', /srv/store, '', '', Files[directory=/srv/store]",
    "'', '', 10.96.0.1, '', Kubernetes",
    "'', '', '', /root/.kube/config, Kubernetes",
    "'', /srv/store, 10.96.0.1, '', Files[directory=/srv/store]",
    "kubernetes, /srv/store, '', '', Kubernetes",
    "file, '', 10.96.0.1, '', Files[directory=/etc/manul/datastore]",
  })
  void keepsTheStateWhereItIsToldTo(
      String type, String path, String serviceHost, String kubeconfig, String store) {
    AgentConfiguration configuration =
        configuration(
            Map.of(
                "NODENAME", "worker",
                "DATASTORE_TYPE", type,
                "MANUL_DATASTORE_PATH", path,
                "KUBERNETES_SERVICE_HOST", serviceHost,
                "KUBECONFIG", kubeconfig));

    String told =
        switch (configuration.store()) {
          case AgentConfiguration.Store.Files(var directory) ->
              "Files[directory=" + directory + "]";
          case AgentConfiguration.Store.Kubernetes _ -> "Kubernetes";
        };
    assertThat(told).isEqualTo(store);
  }

  @Test
  void refusesAnUnknownKindOfStore() {
    assertThatThrownBy(() -> configuration(Map.of("NODENAME", "a", "DATASTORE_TYPE", "etcdv3")))
        .hasMessage("DATASTORE_TYPE: \"etcdv3\" is not kubernetes or file");
  }

  @Test
  void flagsComeBeforeTheEnvironment() {
    AgentConfiguration configuration =
        configuration(
            Map.of("NODENAME", "of-environment", "MANUL_RUN_DIR", "/run/environment"),
            "--node",
            "of-flag");

    assertThat(configuration.nodeName()).isEqualTo("of-flag");
    assertThat(configuration.controlSocket()).hasToString("/run/environment/agent.sock");
  }

  @Test
  void theHostsNameInLowerCaseIsTheLastResort() {
    assertThat(configuration(Map.of("HOSTNAME", "Node-A.Example")).nodeName())
        .isEqualTo("node-a.example");
  }

  @Test
  void noDefaultPoolsWhenToldSo() {
    assertThat(configuration(Map.of("NODENAME", "n", "NO_DEFAULT_POOLS", "true")).ipv4Pool())
        .isEmpty();
    assertThat(configuration(Map.of("NODENAME", "n", "CALICO_IPV4POOL_CIDR", "none")).ipv4Pool())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          CALICO_IPV4POOL_IPIP          ; Sometimes       ; Always, CrossSubnet or Never
          CALICO_IPV4POOL_VXLAN         ; 1               ; Always, CrossSubnet or Never
          CALICO_IPV4POOL_UDP           ; On              ; Always, CrossSubnet or Never
          CALICO_IPV4POOL_CIDR          ; 10.244.0.1/16   ; 10.244.0.0/16
          CALICO_IPV4POOL_CIDR          ; fd00::/48       ; other address family
          CALICO_IPV4POOL_BLOCK_SIZE    ; 19              ; 20 to 32
          CALICO_IPV4POOL_BLOCK_SIZE    ; many            ; 0 to 32
          CALICO_IPV4POOL_NODE_SELECTOR ; all(            ; all
          CALICO_IPV4POOL_NAT_OUTGOING  ; perhaps         ; true or false
          CALICO_ROUTER_ID              ; router          ; hash
          AS                            ; 0               ; 1 to 4294967295
          AS                            ; 70000000000     ; 1 to 4294967295
          IP                            ; 10.0.0          ; autodetect, none
          IP                            ; fd00::1         ; IPv4
          IP_AUTODETECTION_METHOD       ; guess           ; first-found
          FELIX_HEALTHPORT              ; 65536           ; 0 to 65535
          FELIX_IPINIPMTU               ; -1              ; 0 to 65535
          FELIX_ROUTEREFRESHINTERVAL    ; soon            ; 0 to 86400 seconds
          MANUL_CONVERGENCE_LIMIT       ; -3              ; 0 to 86400 seconds
          MANUL_BGP_BFD                 ; fast            ; on, off or MILLISECONDS/MULTIPLIER
          MANUL_BGP_BFD                 ; 5/3             ; 10 to 60000
          MANUL_BMP_STATIONS            ; 192.0.2.7:0     ; no port from 1 to 65535
          MANUL_BMP_STATIONS            ; collector       ; ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT
          CALICO_NETWORKING_BACKEND     ; frr             ; bird (with BGP), vxlan or none
          """)
  void refusesAValueInOneLineThatNamesSettingAndRange(
      String setting, String value, String allowed) {
    Map<String, String> environment = new HashMap<>(Map.of("NODENAME", "worker"));
    environment.put(setting, value);

    assertThatThrownBy(() -> configuration(environment))
        .isInstanceOf(AgentException.class)
        .hasMessageStartingWith(setting + ": ")
        .hasMessageContaining(allowed)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource({
    "CALICO_IPV4POOL_IPIP, CALICO_IPV4POOL_VXLAN",
    "CALICO_IPV4POOL_IPIP, CALICO_IPV4POOL_UDP",
    "CALICO_IPV6POOL_VXLAN, CALICO_IPV6POOL_UDP",
  })
  void refusesTwoEncapsulationsAtOnce(String one, String other) {
    Map<String, String> environment =
        Map.of(
            "NODENAME",
            "n",
            "CALICO_IPV6POOL_CIDR",
            "fd00:244::/48",
            one,
            "Always",
            other,
            "CrossSubnet");

    assertThatThrownBy(() -> configuration(environment))
        .isInstanceOf(AgentException.class)
        .hasMessageContainingAll(one, other, "only one may be other than Never");
  }

  @Test
  void bothDefaultPoolsMayBeInUdp() {
    AgentConfiguration configuration =
        configuration(
            Map.of(
                "NODENAME", "n",
                "CALICO_IPV4POOL_UDP", "CrossSubnet",
                "CALICO_IPV6POOL_CIDR", "fd00:244::/48",
                "CALICO_IPV6POOL_UDP", "Always"));

    assertThat(configuration.ipv4Pool().orElseThrow().udpMode())
        .isEqualTo(EncapsulationMode.CROSS_SUBNET);
    assertThat(configuration.ipv6Pool().orElseThrow().udpMode())
        .isEqualTo(EncapsulationMode.ALWAYS);
  }

  @Test
  void bfdIsOffUnlessAskedFor() {
    assertThat(configuration(Map.of("NODENAME", "n")).bfd()).isEmpty();
    assertThat(configuration(Map.of("NODENAME", "n", "MANUL_BGP_BFD", "on")).bfd())
        .contains(new BfdSettings(100, 100, 3));
    assertThat(configuration(Map.of("NODENAME", "n", "MANUL_BGP_BFD", "50/4")).bfd())
        .contains(new BfdSettings(50, 50, 4));
  }

  @ParameterizedTest
  @CsvSource({"bird, true", "'', true", "vxlan, false", "None, false"})
  void theBackendSaysWhetherThereIsBgp(String backend, boolean bgp) {
    assertThat(configuration(Map.of("NODENAME", "n", "CALICO_NETWORKING_BACKEND", backend)).bgp())
        .isEqualTo(bgp);
    assertThat(configuration(Map.of("NODENAME", "n")).bgp()).isTrue();
  }

  @Test
  void readsMonitoringStations() {
    assertThat(configuration(Map.of("NODENAME", "n")).bmpStations()).isEmpty();
    assertThat(
            configuration(
                    Map.of(
                        "NODENAME", "n",
                        "MANUL_BMP_STATIONS", "192.0.2.7, [2001:db8::7]:5000"))
                .bmpStations())
        .containsExactly(
            new BmpStation(Address.parse("192.0.2.7"), 11019, 60),
            new BmpStation(Address.parse("2001:db8::7"), 5000, 60));
  }

  @Test
  void readsDottedAsNumbers() {
    assertThat(configuration(Map.of("NODENAME", "n", "AS", "1.10")).asNumber())
        .isEqualTo(OptionalLong.of(65546));
  }

  static AgentConfiguration configuration(Map<String, String> environment, String... args) {
    try {
      return new AgentCommand(Flags.parse(args)).configuration(environment);
    } catch (Flags.UsageException e) {
      throw new AssertionError(e);
    }
  }
}
