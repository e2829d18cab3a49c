package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.ResourceText;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.Prefix;
import dev.manul.policy.Exclusions;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.rendering.Failsafe;
import dev.manul.policy.rendering.Marks;
import dev.manul.policy.rendering.PolicyOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicySettingsTest {

  private static PolicySettings of(String spec, Map<String, String> environment) {
    return PolicySettings.of(
        Optional.of(configuration("default", spec)), environment, true, false, false);
  }

  private static FelixConfiguration configuration(String name, String spec) {
    return (FelixConfiguration)
        ResourceText.parse(
                "apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\n"
                    + "metadata: {name: "
                    + name
                    + "}\nspec: {"
                    + spec
                    + "}\n",
                "test")
            .getFirst()
            .resource();
  }

  @Test
  void aNodesOwnConfigurationCountsBeforeTheOneForAllSettingBySetting() {
    FelixConfiguration all =
        configuration("default", "logPrefix: all, chainInsertMode: Append, interfacePrefix: tap");
    FelixConfiguration own = configuration("node.a", "logPrefix: own");

    PolicyOptions rules =
        PolicySettings.of(
                FelixConfiguration.inForce(Optional.of(all), Optional.of(own)),
                Map.of(),
                false,
                false,
                false)
            .options()
            .rules();

    assertThat(rules.logPrefix()).isEqualTo("own");
    assertThat(rules.first()).isFalse();
    assertThat(rules.interfacePrefixes()).containsExactly("tap");
    assertThat(FelixConfiguration.inForce(Optional.empty(), Optional.of(own))).contains(own);
    assertThat(FelixConfiguration.inForce(Optional.of(all), Optional.empty())).contains(all);
    assertThat(FelixConfiguration.inForce(Optional.empty(), Optional.empty())).isEmpty();
  }

  @Test
  void nothingSaidIsTheDefaults() {
    PolicySettings settings = PolicySettings.of(Optional.empty(), Map.of(), false, false, false);
    assertThat(settings).isEqualTo(new PolicySettings(NetworkPolicyOptions.DEFAULT, List.of()));
  }

  @Test
  void tunnelsComeFromThePools() {
    PolicyOptions rules =
        PolicySettings.of(Optional.empty(), Map.of(), true, true, true).options().rules();
    assertThat(rules.ipip()).isTrue();
    assertThat(rules.vxlanPort()).isEqualTo(4789);
    assertThat(rules.udpTunnelPort()).isEqualTo(8285);
  }

  @Test
  void aConfigurationIsObeyed() {
    PolicySettings settings =
        of(
            "defaultEndpointToHostAction: Return, chainInsertMode: Append, logPrefix: x,"
                + " iptablesFilterDenyAction: Reject, iptablesMarkMask: 0xff000000,"
                + " allowIPIPPacketsFromWorkloads: true, disableConntrackInvalidCheck: true,"
                + " natOutgoingExclusions: IPPoolsAndHostIPs, iptablesBackend: Legacy,"
                + " iptablesRefreshInterval: 60s, interfacePrefix: 'cali,tap',"
                + " failsafeInboundHostPorts: [{protocol: udp, port: 68, net: 10.0.0.0/8}],"
                + " failsafeOutboundHostPorts: []",
            Map.of());

    NetworkPolicyOptions options = settings.options();
    PolicyOptions rules = options.rules();
    assertThat(settings.problems()).isEmpty();
    assertThat(rules.toHost()).isEqualTo(PolicyOptions.ToHost.RETURN);
    assertThat(rules.first()).isFalse();
    assertThat(rules.denial()).isEqualTo(PolicyOptions.Denial.REJECT);
    assertThat(rules.logPrefix()).isEqualTo("x");
    assertThat(rules.marks()).isEqualTo(Marks.of(0xff000000));
    assertThat(rules.ipipFromPods()).isTrue();
    assertThat(rules.vxlanFromPods()).isFalse();
    assertThat(rules.dropsInvalid()).isFalse();
    assertThat(rules.interfacePrefixes()).containsExactly("cali", "tap");
    assertThat(rules.failsafeInbound())
        .containsExactly(new Failsafe(17, 68, Optional.of(Prefix.parse("10.0.0.0/8"))));
    assertThat(rules.failsafeOutbound()).isEmpty();
    assertThat(options.masquerade().exclusions()).isEqualTo(Exclusions.POOLS_AND_NODES);
    assertThat(options.backend()).contains(Backend.LEGACY);
    assertThat(options.longestCheck()).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void theEnvironmentCountsMore() {
    PolicySettings settings =
        of(
            "defaultEndpointToHostAction: Return, failsafeInboundHostPorts: []",
            Map.of(
                "FELIX_DEFAULTENDPOINTTOHOSTACTION", "ACCEPT",
                "FELIX_FAILSAFEINBOUNDHOSTPORTS", "tcp:22, udp:10.0.0.0/8:68,179"));

    assertThat(settings.problems()).isEmpty();
    assertThat(settings.options().rules().toHost()).isEqualTo(PolicyOptions.ToHost.ACCEPT);
    assertThat(settings.options().rules().failsafeInbound())
        .containsExactly(
            Failsafe.of(6, 22),
            new Failsafe(17, 68, Optional.of(Prefix.parse("10.0.0.0/8"))),
            Failsafe.of(6, 179));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          defaultEndpointToHostAction: Perhaps | defaultEndpointToHostAction: got Perhaps, allowed are accept, drop, return
          chainInsertMode: 3                   | chainInsertMode: got 3, allowed are append, insert
          iptablesBackend: ebpf                | iptables backend "ebpf" is none of Auto, NFT, Legacy
          iptablesMarkMask: 0x1                | spec.iptablesMarkMask: got
          natOutgoingExclusions: None          | allowed are ippoolsandhostips, ippoolsonly
          failsafeInboundHostPorts: [{port: 0}] | allowed are ports 1 to 65535
          """)
  void whatCannotBeReadIsTold(String spec, String problem) {
    PolicySettings settings = of(spec, Map.of());
    assertThat(settings.problems()).singleElement().asString().contains(problem);
    assertThat(settings.options())
        .isEqualTo(PolicySettings.of(Optional.empty(), Map.of(), true, false, false).options());
  }
}
