package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.ResourceText;
import dev.manul.e2e.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyReaderTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"two-subnets", "router-bird"})
  void readsTheTopologiesOfTheProject(String name) {
    Topology topology = TopologyReader.read(Path.of("topologies", name + ".clab.yaml"));

    assertThat(topology.name()).isEqualTo(name);
    assertThat(topology.bridges()).containsExactly("br-pool0", "br-pool1");
    assertThat(topology.nodes())
        .extracting(Topology.Machine::name)
        .containsExactly("control-plane", "worker", "worker2", "worker3");
    assertThat(topology.links()).hasSize(6);
    assertThat(topology.machine("worker2").commands())
        .contains("ip address add 10.1.8.10/24 dev eth0");
  }

  /** One for each of the articles; those of flannel are what its own configuration becomes. */
  @ParameterizedTest
  @CsvSource({
    "flannel-vxlan,fv,3",
    "flannel-directrouting,fd,3",
    "flannel-host-gw,hg,2",
    "flannel-udp,fu,3",
    "kindnet,kn,2",
    "calico-always,ca,3",
    "calico-crosssubnet,cc,3",
    "canal,cn,2"
  })
  void readsTheTopologiesOfTheArticles(String name, String prefix, int nodes) throws IOException {
    Topology topology = TopologyReader.read(Path.of("topologies", name + ".clab.yaml"));

    assertThat(topology.name()).isEqualTo(name);
    assertThat(topology.nodes()).hasSize(nodes);
    assertThat(topology.nodes())
        .allSatisfy(node -> assertThat(node.name()).startsWith(prefix + "-"));
    assertThat(Path.of("../docs/walkthroughs", name + ".md")).exists();
    assertThat(Path.of("../docs/walkthroughs/README.md")).content().contains("(" + name + ".md)");
    Path resources = topology.beside("resources.yaml");
    if (Files.exists(resources)) {
      assertThat(ResourceText.parse(Files.readString(resources), resources.toString()))
          .isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"control-plane,worker,true", "worker,worker2,false", "worker2,worker3,true"})
  void nodesOnOneBridgeShareASubnet(String left, String right, boolean same) {
    Topology topology = TopologyReader.read(Path.of("topologies/two-subnets.clab.yaml"));

    assertThat(Subnets.same(topology, left, right)).isEqualTo(same);
  }

  @Test
  void defaultsApplyToNodesThatSayNothingElse() throws IOException {
    Topology topology =
        read(
            """
            name: small
            topology:
              defaults: {kind: linux, group: node}
              nodes:
                a: {env: {NODENAME: a}}
                b: {group: router, binds: ["conf:/run/conf:ro"]}
              links:
                - endpoints: ["a:eth0", "b:eth1"]
            """);

    assertThat(topology.nodes()).extracting(Topology.Machine::name).containsExactly("a");
    assertThat(topology.machine("b").binds())
        .containsExactly(new Topology.Bind("conf", "/run/conf"));
    assertThat(topology.links())
        .isEqualTo(
            List.of(
                new Topology.Cable(
                    new Topology.Port("a", "eth0"), new Topology.Port("b", "eth1"))));
  }

  @Test
  void anUnknownKindIsToldWithItsNode() {
    assertThatThrownBy(() -> read("name: x\ntopology: {nodes: {a: {kind: ceos}}}\n"))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("node a: kind 'ceos' is not one of bridge, linux");
  }

  @Test
  void aLinkThatEndsNowhereIsAnError() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    name: x
                    topology:
                      nodes: {a: {kind: linux}}
                      links: [{endpoints: ["a:eth0", "b:eth0"]}]
                    """))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("a link ends at b, which is no node");
  }

  private Topology read(String text) throws IOException {
    Path file = directory.resolve("t.clab.yaml");
    Files.writeString(file, text);
    return TopologyReader.read(file);
  }
}
