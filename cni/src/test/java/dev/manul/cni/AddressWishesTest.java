package dev.manul.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.cni.CniException.Code;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of pod, namespace and network decides about addresses. */
final class AddressWishesTest {

  private static final Map<String, String> NONE = Map.of();

  private static NetworkConfiguration network(String ipam, String more) {
    return NetworkConfiguration.of(
        NetworkConfiguration.decode(
            "{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"ipam\":{"
                + ipam.replace('\'', '"')
                + "}"
                + more.replace('\'', '"')
                + "}"));
  }

  private static Map<String, String> annotated(String... pairs) {
    Map<String, String> annotations = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      annotations.put("cni.projectcalico.org/" + pairs[i], pairs[i + 1].replace('\'', '"'));
    }
    return annotations;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                                        | ``          | ``       | IPV4",
        "'assign_ipv6': true                                       | ``          | ``       | IPV4"
            + " IPV6",
        "'assign_ipv4': 'false', 'assign_ipv6': 'true'             | ``          | ``       | IPV6",
        "'assign_ipv6': true                                       | ['IPv4']    | ``       | IPV4",
        "``                                                        | ['IPv6']    | ``       | IPV6",
        "``                                                        | ['IPv6']    | ['IPv4', 'IPv6']"
            + " | IPV4 IPV6",
        "``                                                        | ``          | ['IPv6'] | IPV6",
      })
  void familiesComeFromThePodThenTheNamespaceThenTheNetwork(
      String ipam, String ofNamespace, String ofPod, String wanted) {
    AddressWishes wishes =
        AddressWishes.of(
            network(ipam, ""),
            annotated("ipFamilies", ofPod),
            annotated("ipFamilies", ofNamespace));

    assertThat(wishes.families())
        .containsExactlyInAnyOrderElementsOf(
            List.of(wanted.split(" ", -1)).stream().map(AddressFamily::valueOf).toList());
  }

  @Test
  void poolsAreDecidedForEachFamilyByItself() {
    NetworkConfiguration network = network("'ipv4_pools': ['n4'], 'ipv6_pools': ['n6']", "");

    assertThat(AddressWishes.of(network, NONE, NONE).pools()).containsExactly("n4", "n6");
    assertThat(AddressWishes.of(network, annotated("ipv4pools", "['p4']"), NONE).pools())
        .containsExactly("p4", "n6");
    assertThat(
            AddressWishes.of(
                    network,
                    annotated("ipv6pools", "['p6']"),
                    annotated("ipv4pools", "['s4']", "ipv6pools", "['s6']"))
                .pools())
        .containsExactly("s4", "p6");
  }

  @Test
  void namedAddressesAreThePodsAlone() {
    AddressWishes wishes =
        AddressWishes.of(
            network("", ""),
            annotated("ipAddrs", "['10.0.0.9','fd00::9']", "hwAddr", "02:AA:00:00:00:01"),
            annotated("ipAddrs", "['10.9.9.9']"));

    assertThat(wishes.fixed()).containsExactly(Address.parse("10.0.0.9"), Address.parse("fd00::9"));
    assertThat(wishes.families()).isEmpty();
    assertThat(wishes.mac()).contains("02:aa:00:00:00:01");
    assertThat(AddressWishes.of(network("", ""), NONE, annotated("ipAddrs", "['10.9.9.9']")))
        .satisfies(w -> assertThat(w.fixed()).isEmpty())
        .satisfies(w -> assertThat(w.families()).isEqualTo(Set.of(AddressFamily.IPV4)));
  }

  @Test
  void sourcesThatMayBeSpoofedAreKept() {
    assertThat(
            AddressWishes.of(
                    network("", ""), annotated("allowedSourcePrefixes", "['192.0.2.0/24']"), NONE)
                .spoofable())
        .containsExactly(Prefix.parse("192.0.2.0/24"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ipAddrs                | ['10.0.0.1','10.0.0.2'] | more than one address of a family",
        "ipAddrs                | ['x']                   | ipAddrs of the pod is [\"x\"]",
        "ipAddrs                | 10.0.0.1                | ipAddrs of the pod is 10.0.0.1",
        "ipAddrs                | [10]                    | ipAddrs of the pod is [10]",
        "ipAddrsNoIpam          | ['10.0.0.1']            | needs feature_control.ip_addrs_no_ipam",
        "floatingIPs            | ['10.0.0.1']            | is not supported",
        "ipFamilies             | ['IPv5']                | ipFamilies of the pod or namespace is",
        "hwAddr                 | 02:42                   | one looks like 02:42:0a:01:05:0a",
        "hwAddr                 | 01:00:5e:00:00:01       | one looks like 02:42:0a:01:05:0a",
        "allowedSourcePrefixes  | ['10.0.0.1/8']          | allowedSourcePrefixes of the pod is",
      })
  void whatCannotBeMetIsSaid(String name, String value, String message) {
    assertThatThrownBy(() -> AddressWishes.of(network("", ""), annotated(name, value), NONE))
        .isInstanceOf(CniException.class)
        .hasMessageContaining("annotation cni.projectcalico.org/" + name)
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(((CniException) e).code()).isEqualTo(Code.INVALID_ANNOTATION));
  }

  @Test
  void addressesOfPoolsAndOthersExcludeEachOther() {
    NetworkConfiguration network = network("", ",'feature_control':{'ip_addrs_no_ipam':true}");

    assertThat(
            AddressWishes.of(network, annotated("ipAddrsNoIpam", "['192.0.2.1']"), NONE)
                .withoutIpam())
        .containsExactly(Address.parse("192.0.2.1"));
    assertThatThrownBy(
            () ->
                AddressWishes.of(
                    network,
                    annotated("ipAddrsNoIpam", "['192.0.2.1']", "ipAddrs", "['10.0.0.1']"),
                    NONE))
        .hasMessageContaining("cannot be used together");
  }

  @Test
  void aNetworkWithoutAFamilyIsRefused() {
    assertThatThrownBy(() -> AddressWishes.of(network("'assign_ipv4': false", ""), NONE, NONE))
        .hasMessageContaining("both false");
  }
}
