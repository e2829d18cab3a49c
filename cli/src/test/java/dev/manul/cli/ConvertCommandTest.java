package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.ResourceText;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPPool;
import dev.manul.model.NodeSubnet;
import dev.manul.model.Resource;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flannel's net-conf.json as resources. */
class ConvertCommandTest {

  @TempDir private Path directory;

  private Ran convert(String json, String... flags) {
    List<String> args = new java.util.ArrayList<>(List.of("convert", "-f", "-"));
    args.addAll(List.of(flags));
    return Ran.with(directory, json.replace('\'', '"'), args.toArray(String[]::new));
  }

  private List<Resource> resources(String json, String... flags) {
    Ran ran = convert(json, flags);
    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(Ran.with(directory, ran.out(), "validate", "-f", "-"))
        .satisfies(checked -> assertThat(checked.err()).isEmpty());
    return ResourceText.parse(ran.out(), "out").stream().map(d -> d.resource()).toList();
  }

  private IPPool.Spec pool(String json, String... flags) {
    return ((IPPool) resources(json, flags).getFirst()).spec();
  }

  private static Object setting(Resource felix, String name) {
    return ((FelixConfiguration) felix).spec().further().get(name);
  }

  /** The example of flannel's own manifest. */
  @Test
  void theUsualConfiguration() {
    List<Resource> resources =
        resources(
            "{'Network': '10.244.0.0/16', 'Backend': {'Type': 'vxlan'}}",
            "--ip-masq",
            "--kube-subnet-mgr");
    IPPool.Spec pool = ((IPPool) resources.getFirst()).spec();
    assertThat(pool.cidr()).hasToString("10.244.0.0/16");
    assertThat(pool.blockSize()).isEqualTo(24);
    assertThat(pool.vxlanMode()).isEqualTo(EncapsulationMode.ALWAYS);
    assertThat(pool.natOutgoing()).isTrue();
    assertThat(pool.nodeSubnet()).contains(NodeSubnet.ofKubernetes());
    assertThat(setting(resources.getLast(), "vxlanVNI")).hasToString("1");
    assertThat(setting(resources.getLast(), "vxlanPort")).hasToString("8472");
  }

  @Test
  void subnetsWithinBounds() {
    IPPool.Spec pool =
        pool(
            "{'Network': '10.0.0.0/8', 'SubnetLen': 20, 'SubnetMin': '10.10.0.0',"
                + "'SubnetMax': '10.99.0.0', 'Backend': {'Type': 'host-gw'}}");
    assertThat(pool.blockSize()).isEqualTo(20);
    assertThat(pool.vxlanMode()).isEqualTo(EncapsulationMode.NEVER);
    assertThat(pool.ipipMode()).isEqualTo(EncapsulationMode.NEVER);
    NodeSubnet subnet = pool.nodeSubnet().orElseThrow();
    assertThat(subnet.source()).isEqualTo(NodeSubnet.POOL);
    assertThat(subnet.min().orElseThrow()).hasToString("10.10.0.0");
    assertThat(subnet.max().orElseThrow()).hasToString("10.99.0.0");
  }

  /** As flannel chooses: the second subnet to the last, /24 or four to a network. */
  @ParameterizedTest
  @CsvSource({
    "10.244.0.0/16, 24, 10.244.1.0, 10.244.255.0",
    "10.244.0.0/22, 24, 10.244.1.0, 10.244.3.0",
    "10.244.0.0/23, 25, 10.244.0.128, 10.244.1.128",
    "10.244.0.0/28, 30, 10.244.0.4, 10.244.0.12",
  })
  void whatIsNotSaidIsFlannelsDefault(String network, int length, String min, String max) {
    IPPool.Spec pool = pool("{'Network': '%s', 'Backend': {'Type': 'host-gw'}}".formatted(network));
    assertThat(pool.blockSize()).isEqualTo(length);
    NodeSubnet subnet = pool.nodeSubnet().orElseThrow();
    assertThat(subnet.min().orElseThrow()).hasToString(min);
    assertThat(subnet.max().orElseThrow()).hasToString(max);
  }

  @Test
  void directRoutingIsCrossSubnet() {
    List<Resource> resources =
        resources(
            "{'Network': '10.244.0.0/16', 'Backend': {'Type': 'vxlan', 'VNI': 4096, 'Port': 4789,"
                + " 'DirectRouting': true, 'MTU': 1450, 'GBP': false}}");
    assertThat(((IPPool) resources.getFirst()).spec().vxlanMode())
        .isEqualTo(EncapsulationMode.CROSS_SUBNET);
    assertThat(setting(resources.getLast(), "vxlanVNI")).hasToString("4096");
    assertThat(setting(resources.getLast(), "vxlanPort")).hasToString("4789");
    assertThat(setting(resources.getLast(), "vxlanMTU")).hasToString("1400");
    assertThat(pool("{'Network':'10.1.0.0/16','Backend':{'Type':'ipip','DirectRouting':true}}"))
        .extracting(IPPool.Spec::ipipMode)
        .isEqualTo(EncapsulationMode.CROSS_SUBNET);
  }

  @Test
  void bothFamilies() {
    List<Resource> resources =
        resources(
            "{'Network': '10.244.0.0/16', 'EnableIPv6': true, 'IPv6Network': 'fd00:10:244::/104',"
                + " 'IPv6SubnetLen': 116, 'Backend': {'Type': 'host-gw'}}");
    assertThat(resources).hasSize(2);
    IPPool.Spec six = ((IPPool) resources.getLast()).spec();
    assertThat(six.cidr()).hasToString("fd00:10:244::/104");
    assertThat(six.nodeSubnet().flatMap(NodeSubnet::min).map(Object::toString))
        .isEqualTo(Optional.of("fd00:10:244::1000"));
    assertThat(
            resources(
                "{'EnableIPv4': false, 'EnableIPv6': true, 'IPv6Network': 'fd00::/112', 'IPv6SubnetLen': 118,"
                    + "'Backend': {'Type': 'host-gw'}}"))
        .hasSize(1);
  }

  @Test
  void whatIsLargerThanABlockCanBeIsTold() {
    Ran ran =
        convert(
            "{'EnableIPv4': false, 'EnableIPv6': true, 'IPv6Network': 'fd00:10:244::/56',"
                + "'Backend': {'Type': 'host-gw'}}",
            "--kube-subnet-mgr");
    assertThat(ran.errLines()).singleElement().asString().contains("a /64", "they get a /116");
    assertThat(ran.out()).contains("blockSize: 116", "source: PodCIDR");
  }

  @Test
  void udpIsFlannelsDefaultAndWhatHasNoEqualIsTold() {
    assertThat(convert("{'Network': '10.244.0.0/16'}").out()).contains("  udpMode: Always\n");
    Ran ran =
        convert(
            "{'Network': '10.244.0.0/16', 'EnableNFTables': true, 'Colour': 1,"
                + " 'Backend': {'Type': 'vxlan', 'GBP': true, 'Mac': 'x'}}");
    assertThat(ran.code()).isZero();
    assertThat(ran.errLines())
        .containsExactly(
            "note: Colour has no equal here and is left out",
            "note: Backend.Mac has no equal here and is left out",
            "note: Backend.GBP true has no equal here and is left out");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}| field Network: is missing, wanted a network such as 10.244.0.0/16",
        "[]| wanted one JSON object, flannel's net-conf.json",
        "{'Network':'10.244.0.0'}| field Network: got 10.244.0.0/32, allowed is a /28 or larger",
        "{'Network':'fd00::/56'}| field Network: got fd00::/56, allowed is an IPv4 network",
        "{'Network':'10.244.0.0/29'}| field Network: got 10.244.0.0/29, allowed is a /28 or larger",
        "{'Network':'10.0.0.0/8','SubnetLen':31}| field SubnetLen: got 31, allowed are 10 to 30",
        "{'Network':'10.0.0.0/8','SubnetLen':16}| field SubnetLen: got 16, allowed are 20 to 30",
        "{'Network':'10.0.0.0/8','SubnetLen':'x'}| field SubnetLen: got x, allowed are whole numbers",
        "{'Network':'10.0.0.0/8','SubnetMin':'11.0.0.0'}| field SubnetMin: got 11.0.0.0, allowed is an address of 10.0.0.0/8",
        "{'Network':'10.0.0.0/8','SubnetMax':'10.9.0.1'}| field SubnetMax: got 10.9.0.1, allowed is the first address of a subnet, such as 10.9.0.0",
        "{'Network':'10.0.0.0/8','EnableIPv4':false}| one of EnableIPv4 and EnableIPv6 to be true",
        "{'Network':'10.0.0.0/8','EnableIPv4':1}| field EnableIPv4: got 1, allowed are true and false",
        "{'Network':'10.0.0.0/8','Backend':'vxlan'}| field Backend: got vxlan, allowed is an object",
        "{'Network':'10.0.0.0/8','Backend':{'Type':'wireguard'}}| field Backend.Type: got wireguard, allowed are host-gw, ipip, udp, vxlan",
        "{'Network':'10.0.0.0/8','Backend':{'Type':'vxlan','VNI':16777216}}| field Backend.VNI: got 16777216, allowed are whole numbers 0 to 16777215",
        "{'Network':'10.0.0.0/8','Backend':{'Type':'vxlan','Port':-1}}| field Backend.Port: got -1",
        "{'Network':'10.0.0.0/8','EnableIPv6':true,'IPv6Network':'fd00::/112','Backend':{'Type':'ipip'}}| field Backend.Type: got ipip, allowed for IPv6 are host-gw and vxlan",
      })
  void badInputIsOneClearLine(String json, String message) {
    Ran ran = convert(json);
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.errLines()).singleElement().asString().contains("standard input: ", message);
  }

  @Test
  void aFileThatIsNotThere() {
    Ran ran = Ran.of(directory, "convert", "-f", "/no/such/net-conf.json");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("/no/such/net-conf.json: there is no such file");
  }
}
