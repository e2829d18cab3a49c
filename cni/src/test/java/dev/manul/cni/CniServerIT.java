package dev.manul.cni;

import static dev.manul.cni.CniLab.environment;
import static dev.manul.cni.CniLab.network;
import static dev.manul.cni.CniLab.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.cni.CniLab.Reply;
import dev.manul.datastore.Selection;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Key;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.netlink.NetworkNamespace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of attachments, in namespaces of the kernel. */
final class CniServerIT {

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

  @Test
  void podsReachEachOtherAndTheNodeOverBothFamilies() {
    String both = network("1.1.0", true, true);
    NetworkNamespace a = lab.pod();
    NetworkNamespace b = lab.pod();
    List<String> ofA = lab.call(environment("ADD", "a1", a, "web-0"), both).addresses();
    List<String> ofB = lab.call(environment("ADD", "b1", b, "web-1"), both).addresses();

    assertThat(ofA).hasSize(2);
    for (String address : ofB) {
      run(a, "ping", "-c", "2", "-i", "0.2", "-W", "2", address);
    }
    for (String address : ofA) {
      run(lab.host(), "ping", "-c", "1", "-W", "2", address);
    }
    assertThat(lab.hostRoutes())
        .containsExactlyInAnyOrder(
            ofA.get(0) + "/32", ofB.get(0) + "/32", ofA.get(1) + "/128", ofB.get(1) + "/128");
    assertThat(lab.routes().get(WorkloadEndpoint.deviceOf("default", "web-0")))
        .containsExactlyInAnyOrder(
            Prefix.parse(ofA.get(0) + "/32"), Prefix.parse(ofA.get(1) + "/128"));

    lab.call(environment("DEL", "a1", a, "web-0"), both).ok();
    lab.call(environment("DEL", "b1", b, "web-1"), both).ok();
    nothingIsLeft();
  }

  @Test
  void makesTheLinkAsCalicoDoes() {
    NetworkNamespace pod = lab.pod();
    Reply reply = lab.add("c1", pod, "web-0").ok();

    String device = WorkloadEndpoint.deviceOf("default", "web-0");
    String address = reply.addresses().getFirst();
    ObjectNode json = reply.json();
    assertThat(json.at("/interfaces/0/name").asText()).isEqualTo(device);
    assertThat(json.at("/interfaces/0/mac").asText()).isEqualTo("ee:ee:ee:ee:ee:ee");
    assertThat(json.at("/interfaces/1/name").asText()).isEqualTo("eth0");
    assertThat(run(pod, "ip", "-o", "link", "show", "dev", "eth0"))
        .contains("mtu 1430", json.at("/interfaces/1/mac").asText());
    assertThat(run(pod, "ip", "-d", "-o", "link", "show", "dev", "eth0"))
        .contains("numtxqueues 1 numrxqueues 1 ");
    assertThat(run(lab.host(), "ip", "-d", "-o", "link", "show", "dev", device))
        .contains("numtxqueues 1 numrxqueues 1 ");
    assertThat(run(pod, "ip", "-4", "-o", "address", "show", "dev", "eth0"))
        .contains("inet " + address + "/32");
    assertThat(run(pod, "ip", "-4", "route"))
        .contains("default via 169.254.1.1 dev eth0", "169.254.1.1 dev eth0 scope link");
    assertThat(pod.readSysctl("ipv4/ip_forward")).isEqualTo("0");
    assertThat(run(lab.host(), "ip", "-o", "link", "show", "dev", device))
        .contains("mtu 1430", "ee:ee:ee:ee:ee:ee");
    assertThat(run(lab.host(), "ip", "route", "show", address))
        .contains(address + " dev " + device + " proto 77 scope link");
    for (Map.Entry<String, String> setting :
        Map.of("proxy_arp", "1", "route_localnet", "1", "forwarding", "1").entrySet()) {
      assertThat(lab.host().readSysctl("ipv4/conf/" + device + "/" + setting.getKey()))
          .isEqualTo(setting.getValue());
    }
    assertThat(lab.host().readSysctl("ipv4/neigh/" + device + "/proxy_delay")).isEqualTo("0");
  }

  @Test
  void writesTheEndpointAndTheAddresssOwner() {
    NetworkNamespace pod = lab.pod();
    String address = lab.add("c1", pod, "web-0").addresses().getFirst();

    WorkloadEndpoint endpoint =
        datastore
            .get(
                WorkloadEndpoint.KIND,
                new Key("default", WorkloadEndpoint.nameOf(CniLab.NODE, "web-0")))
            .orElseThrow();
    assertThat(endpoint.spec().containerID()).isEqualTo("c1");
    assertThat(endpoint.spec().ipNetworks()).containsExactly(Prefix.parse(address + "/32"));
    assertThat(endpoint.spec().interfaceName())
        .isEqualTo(WorkloadEndpoint.deviceOf("default", "web-0"));
    assertThat(lab.ipam().lookup(Address.parse(address)).orElseThrow())
        .satisfies(
            info -> {
              assertThat(info.handleId()).contains("k8s-pod-network.c1");
              assertThat(info.attributes())
                  .containsEntry("pod", "web-0")
                  .containsEntry("namespace", "default")
                  .containsEntry("node", CniLab.NODE)
                  .containsKey("timestamp");
            });
  }

  @Test
  void aSecondAddForTheSameContainerGivesTheSame() {
    NetworkNamespace pod = lab.pod();
    Reply first = lab.add("c1", pod, "web-0").ok();
    Reply second = lab.add("c1", pod, "web-0").ok();

    assertThat(second.json()).isEqualTo(first.json());
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(1);
  }

  @Test
  void rebuildsALinkThatVanishedWithTheSameAddress() {
    NetworkNamespace pod = lab.pod();
    String address = lab.add("c1", pod, "web-0").addresses().getFirst();
    run(pod, "ip", "link", "delete", "eth0");

    assertThat(lab.add("c1", pod, "web-0").addresses()).containsExactly(address);
    run(lab.host(), "ping", "-c", "1", "-W", "2", address);
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(1);
  }

  @Test
  void aPodMadeAnewReplacesItsDeviceAndTheOldContainersDeletionSparesIt() {
    NetworkNamespace old = lab.pod();
    String before = lab.add("old", old, "web-0").addresses().getFirst();
    NetworkNamespace young = lab.pod();
    String after = lab.add("young", young, "web-0").addresses().getFirst();
    assertThat(after).isNotEqualTo(before);

    lab.del("old", old, "web-0").ok();

    run(lab.host(), "ping", "-c", "1", "-W", "2", after);
    assertThat(lab.hostRoutes()).containsExactly(after + "/32");
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(1);
    assertThat(datastore.list(WorkloadEndpoint.KIND, Selection.ALL).items())
        .singleElement()
        .satisfies(e -> assertThat(e.spec().containerID()).isEqualTo("young"));
    assertThat(lab.routes()).hasSize(1);

    lab.del("young", young, "web-0").ok();
    nothingIsLeft();
  }

  @Test
  void deletesWithoutANamespaceAndAgainAndWhatIsUnknown() {
    NetworkNamespace pod = lab.pod();
    lab.add("c1", pod, "web-0").ok();
    Map<String, String> withoutNamespace = environment("DEL", "c1", pod, "web-0");
    withoutNamespace.remove("CNI_NETNS");
    withoutNamespace.remove("CNI_ARGS");

    lab.call(withoutNamespace, CniLab.IPV4).ok();
    nothingIsLeft();
    lab.call(withoutNamespace, CniLab.IPV4).ok();
    lab.del("never-seen", pod, "web-9").ok();
    nothingIsLeft();
  }

  @Test
  void aPlainContainerHasAnEndpointOfItsOwn() {
    NetworkNamespace pod = lab.pod();
    String address = lab.add("abcdef", pod, "").addresses().getFirst();

    run(lab.host(), "ping", "-c", "1", "-W", "2", address);
    assertThat(datastore.list(WorkloadEndpoint.KIND, Selection.ALL).items())
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.spec().orchestrator()).isEqualTo("cni");
              assertThat(e.metadata().name()).isEqualTo("node--1-cni-abcdef-eth0");
            });
    lab.del("abcdef", pod, "").ok();
    nothingIsLeft();
  }

  @Test
  void checkFindsWhatIsMissing() {
    NetworkNamespace pod = lab.pod();
    Reply added = lab.add("c1", pod, "web-0").ok();
    ObjectNode withResult = withResult(added);

    assertThat(check(pod, withResult).success()).isTrue();
    run(pod, "ip", "route", "delete", "default");
    assertThat(check(pod, withResult))
        .satisfies(
            reply -> {
              assertThat(reply.code()).isEqualTo(105);
              assertThat(reply.text()).contains("the container has lost its route 0.0.0.0/0");
            });
    run(pod, "ip", "route", "add", "default", "via", "169.254.1.1", "dev", "eth0");
    assertThat(check(pod, withResult).success()).isTrue();
    String address = added.addresses().getFirst();
    run(lab.host(), "ip", "route", "delete", address);
    assertThat(check(pod, withResult).text())
        .contains("the node has lost its route " + address + "/32");
    run(pod, "ip", "link", "delete", "eth0");
    assertThat(check(pod, withResult).text()).contains("the node has no link cali");
  }

  private Reply check(NetworkNamespace pod, ObjectNode configuration) {
    return lab.call(environment("CHECK", "c1", pod, "web-0"), configuration.toString());
  }

  private static ObjectNode withResult(Reply added) {
    ObjectNode configuration = new Reply(true, CniLab.IPV4).json();
    configuration.set("prevResult", added.json());
    return configuration;
  }

  @Test
  void collectsWhatTheRuntimeDoesNotKnow() {
    NetworkNamespace kept = lab.pod();
    String address = lab.add("kept", kept, "web-0").addresses().getFirst();
    lab.add("lost", lab.pod(), "web-1").ok();
    ObjectNode configuration = new Reply(true, CniLab.network("1.1.0", true, false)).json();
    configuration
        .putArray("cni.dev/valid-attachments")
        .addObject()
        .put("containerID", "kept")
        .put("ifname", "eth0");

    lab.call(Map.of("CNI_COMMAND", "GC", "CNI_PATH", "/x"), configuration.toString()).ok();

    assertThat(lab.devices()).containsExactly(WorkloadEndpoint.deviceOf("default", "web-0"));
    assertThat(lab.hostRoutes()).containsExactly(address + "/32");
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(1);
    assertThat(lab.files()).containsExactly("kept-eth0.json");
  }

  private void nothingIsLeft() {
    lab.nothingIsLeft();
  }
}
