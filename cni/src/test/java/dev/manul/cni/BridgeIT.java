package dev.manul.cni;

import static dev.manul.cni.CniLab.environment;
import static dev.manul.cni.CniLab.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.cni.CniLab.Reply;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPPool;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.netlink.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods on a bridge of their node, in namespaces of the kernel. */
final class BridgeIT {

  /** The addresses that the bridge keeps of each block: its own, and the block's two ends. */
  private static final int KEPT_IPV4 = 3;

  private final MemoryDatastore datastore = new MemoryDatastore();
  private CniLab lab;

  @BeforeEach
  void build(@TempDir Path directory) {
    CniLab.fill(datastore);
    lab = new CniLab(directory, datastore).start();
  }

  @AfterEach
  void tearDown() {
    lab.close();
    datastore.close();
  }

  private static String network(boolean v6, String more) {
    return CniLab.network("1.1.0", true, v6)
        .replaceFirst("\\{", "{\"attachment\": \"bridge\", " + more);
  }

  private static final String BRIDGED = network(false, "");

  private Reply add(String container, NetworkNamespace pod, String network) {
    return lab.call(environment("ADD", container, pod, container), network).ok();
  }

  private Reply check(String container, NetworkNamespace pod, String network, Reply result)
      throws IOException {
    ObjectNode tree = Json.object(network);
    tree.set("prevResult", result.json());
    return lab.call(environment("CHECK", container, pod, container), Json.text(tree));
  }

  private String host(String... command) {
    return run(lab.host(), command);
  }

  @Test
  void podsOfBothFamiliesAreInTheSubnetOfTheirBridge() throws IOException {
    String both = network(true, "\"hairpinMode\": true, ");
    NetworkNamespace a = lab.pod();
    NetworkNamespace b = lab.pod();
    Reply ofA = add("web-0", a, both);
    Reply ofB = add("web-1", b, both);

    ObjectNode json = ofA.json();
    assertThat(json.at("/interfaces/0/name").asText()).isEqualTo("cni0");
    assertThat(json.at("/interfaces/1/name").asText())
        .isEqualTo(WorkloadEndpoint.deviceOf("default", "web-0"));
    assertThat(json.at("/ips/0/interface").asInt()).isEqualTo(2);
    assertThat(json.at("/ips/0/address").asText()).endsWith("/26");
    String gateway = json.at("/ips/0/gateway").asText();
    Prefix block = Prefix.of(Address.parse(ofA.addresses().getFirst()), 26);
    assertThat(gateway).isEqualTo(block.address().plus(1).toString());
    assertThat(run(a, "ip", "route", "show", "default")).contains("default via " + gateway);
    assertThat(host("ip", "-o", "address", "show", "dev", "cni0"))
        .contains("inet " + gateway + "/26", "/122 scope global");
    assertThat(host("ip", "route", "show", "proto", "77")).contains(block + " dev cni0 scope link");
    assertThat(host("bridge", "-d", "link", "show", "master", "cni0"))
        .contains(WorkloadEndpoint.deviceOf("default", "web-1"), "hairpin on");
    assertThat(lab.routes().get("cni0"))
        .contains(block, Prefix.of(Address.parse(ofA.addresses().getLast()), 122));
    for (String address : ofB.addresses()) {
      run(a, "ping", "-c", "2", "-i", "0.2", "-W", "2", address);
    }
    for (String address : ofA.addresses()) {
      run(lab.host(), "ping", "-c", "1", "-W", "2", address);
    }
    assertThat(check("web-0", a, both, ofA).success()).isTrue();

    lab.call(environment("DEL", "web-0", a, "web-0"), both).ok();
    lab.call(environment("DEL", "web-1", b, "web-1"), both).ok();
    assertThat(lab.devices()).isEmpty();
    assertThat(lab.files()).isEmpty();
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(KEPT_IPV4);
  }

  @Test
  void noPodGetsTheBridgesAddressNorAnEndOfASubnetHoweverManyThereAre() {
    IPPool.Spec twoBlocks = IPPool.Spec.of(Prefix.parse("10.66.0.0/27")).withBlockSize(28);
    var _ = datastore.create(new IPPool(Metadata.named("small"), twoBlocks));
    String small =
        BRIDGED.replace("\"assign_ipv4\"", "\"ipv4_pools\": [\"small\"], \"assign_ipv4\"");
    Set<String> given = new HashSet<>();
    List<String> failed = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      Reply reply = lab.call(environment("ADD", "p" + i, lab.pod(), "p" + i), small);
      if (reply.success()) {
        given.addAll(reply.addresses());
      } else {
        failed.add(reply.text());
      }
    }
    assertThat(given)
        .hasSize(32 - 2 * KEPT_IPV4)
        .doesNotContain("10.66.0.0", "10.66.0.15", "10.66.0.16", "10.66.0.31");
    assertThat(failed).allSatisfy(text -> assertThat(text).contains("no IPv4 address"));
    assertThat(host("ip", "-o", "address", "show", "dev", "cni0"))
        .contains("inet 10.66.0.1/28", "inet 10.66.0.17/28");
  }

  @Test
  void whatIsNotAsItWasMadeIsTold() throws IOException {
    NetworkNamespace pod = lab.pod();
    Reply result = add("web-0", pod, BRIDGED);
    String device = WorkloadEndpoint.deviceOf("default", "web-0");
    for (Map.Entry<String, String> change :
        Map.of(
                "link set " + device + " nomaster",
                device + " is not on the bridge cni0",
                "link set cni0 down",
                "the bridge cni0 is down",
                "address flush dev cni0",
                "cni0 has lost the address",
                "link del cni0",
                "the node has no bridge cni0")
            .entrySet()) {
      assertThat(check("web-0", pod, BRIDGED, result).text()).isEmpty();
      String[] words = ("ip " + change.getKey()).split(" ", -1);
      host(words);
      assertThat(check("web-0", pod, BRIDGED, result).text()).contains(change.getValue());
      lab.stop().start(); // the sweep at the start mends it
    }
    assertThat(check("web-0", pod, BRIDGED, result).success()).isTrue();
    host("ping", "-c", "1", "-W", "2", result.addresses().getFirst());
  }

  @Test
  void addingAgainGivesTheSameAndAnotherAttachmentGivesTheSameAddresses() {
    NetworkNamespace pod = lab.pod();
    Reply first = add("web-0", pod, BRIDGED);
    assertThat(add("web-0", pod, BRIDGED).text()).isEqualTo(first.text());
    String device = WorkloadEndpoint.deviceOf("default", "web-0");

    Reply promiscuous = add("web-0", pod, network(false, "\"promiscMode\": true, "));
    assertThat(promiscuous.addresses()).isEqualTo(first.addresses());
    assertThat(host("ip", "-d", "link", "show", "dev", "cni0")).contains("PROMISC");

    Reply routed = add("web-0", pod, CniLab.IPV4);
    assertThat(routed.addresses()).isEqualTo(first.addresses());
    assertThat(host("ip", "route", "show", first.addresses().getFirst())).contains("dev " + device);
    assertThat(host("bridge", "link", "show")).doesNotContain(device);
  }

  @Test
  void aNameThatIsTakenByAnotherLinkIsToldAndNothingIsLeft() {
    host("ip", "link", "add", "cni0", "type", "veth", "peer", "name", "other");
    Reply reply = lab.call(environment("ADD", "web-0", lab.pod(), "web-0"), BRIDGED);
    assertThat(reply.success()).isFalse();
    assertThat(reply.text()).contains("the node has a link cni0 that is no bridge");
    assertThat(lab.devices()).isEmpty();
    assertThat(lab.files()).isEmpty();
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(KEPT_IPV4);
  }
}
