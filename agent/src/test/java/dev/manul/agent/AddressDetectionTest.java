package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressDetectionTest {

  private static final List<HostInterface> HOST =
      List.of(
          link(1, "lo", "", true, "127.0.0.1/8"),
          link(2, "eth0", "", true, "10.1.5.10/24", "2001:db8::10/64", "fe80::1/64"),
          link(3, "eth1", "", true, "192.168.7.2/16"),
          link(4, "eth2", "", false, "10.99.0.1/24"),
          link(5, "docker0", "bridge", true, "172.17.0.1/16"),
          link(6, "lan", "bridge", true, "172.30.0.1/16"),
          link(7, "cali0123456789a", "veth", true, "10.244.0.1/32"),
          link(8, "tunl0", "ipip", true, "10.244.0.0/32"));

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          first-found                        ; IPV4 ; 192.168.7.2/16
          first-found                        ; IPV6 ; 2001:db8::10/64
          skip-interface=eth1                ; IPV4 ; 10.1.5.10/24
          skip-interface=eth1,eth0           ; IPV4 ;
          interface=eth0                     ; IPV4 ; 10.1.5.10/24
          interface=nope,eth.*               ; IPV4 ; 192.168.7.2/16
          interface=docker0                  ; IPV4 ; 172.17.0.1/16
          interface=eth2                     ; IPV4 ;
          cidr=10.1.0.0/16                   ; IPV4 ; 10.1.5.10/24
          cidr=172.17.0.0/16,10.1.0.0/16     ; IPV4 ; 172.17.0.1/16
          cidr=2001:db8::/32                 ; IPV6 ; 2001:db8::10/64
          cidr=203.0.113.0/24                ; IPV4 ;
          can-reach=example                  ; IPV4 ; 10.1.5.10/24
          can-reach=example                  ; IPV6 ;
          can-reach=nowhere                  ; IPV4 ;
          kubernetes-internal-ip             ; IPV4 ; 192.168.7.2/16
          """)
  void findsWhatCalicoFinds(String method, AddressFamily family, String expected) {
    Function<String, Optional<Address>> routes =
        host -> host.equals("example") ? Optional.of(Address.parse("10.1.5.10")) : Optional.empty();

    Optional<InterfaceAddress> found =
        AddressDetection.detect(
            DetectionMethod.parse("IP_AUTODETECTION_METHOD", method),
            family,
            HOST,
            routes,
            List.of(Address.parse("192.168.7.2")));

    assertThat(found).isEqualTo(Optional.ofNullable(expected).map(InterfaceAddress::parse));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "guess",
        "can-reach",
        "can-reach=",
        "interface=",
        "interface=(",
        "cidr=10.1.0.1/16"
      })
  void refusesAMethodInOneLineThatNamesTheSetting(String method) {
    assertThatThrownBy(() -> DetectionMethod.parse("IP_AUTODETECTION_METHOD", method))
        .isInstanceOf(AgentException.class)
        .hasMessageStartingWith("IP_AUTODETECTION_METHOD: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void anAddressOnNoInterfaceStandsAlone() {
    assertThat(AddressDetection.withSubnet(Address.parse("10.9.9.9"), HOST))
        .hasToString("10.9.9.9/32");
  }

  private static HostInterface link(
      int index, String name, String kind, boolean up, String... addresses) {
    return new HostInterface(
        index,
        name,
        kind,
        up,
        java.util.Arrays.stream(addresses).map(InterfaceAddress::parse).toList());
  }
}
