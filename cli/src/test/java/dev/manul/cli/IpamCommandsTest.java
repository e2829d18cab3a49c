package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.ipam.AssignAddressRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import dev.manul.model.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IpamCommandsTest {
  @TempDir Path directory;

  @BeforeEach
  void store() {
    Ran.apply(directory, Samples.POOL + "---\n" + Samples.NODES);
    assign("10.244.84.129", "node-1");
  }

  private void assign(String address, String node) {
    try (FileDatastore store = FileDatastore.open(directory.resolve("store"))) {
      new Ipam(store, Ran.CLOCK)
          .assignAddress(
              new AssignAddressRequest(
                  Address.parse(address),
                  node,
                  IntendedUse.WORKLOAD,
                  Optional.of("h1"),
                  Map.of("node", node, "namespace", "default", "pod", "web")));
    }
  }

  private Ran run(String... args) {
    return Ran.of(directory, args);
  }

  @Test
  void showsPoolsAndBlocks() {
    assertThat(run("ipam", "show").out())
        .isEqualTo(
            """
            +----------+---------------+-----------+------------+--------------+--------------+
            | GROUPING |     CIDR      | IPS TOTAL | IPS IN USE | IPS RESERVED |   IPS FREE   |
            +----------+---------------+-----------+------------+--------------+--------------+
            | IP Pool  | 10.244.0.0/16 |     65536 | 1 (0%)     | 0 (0%)       | 65535 (100%) |
            +----------+---------------+-----------+------------+--------------+--------------+
            """);
    assertThat(run("ipam", "show", "--show-blocks").out())
        .contains(
            "| Block    | 10.244.84.128/26 |        64 | 1 (2%)     | 0 (0%)       | 63 (98%)     |");
    assertThat(run("ipam", "show", "--show-configuration").out())
        .contains("|      PROPERTY      | VALUE |", "| StrictAffinity     | false |");
    assertThat(run("ipam", "show", "--show-borrowed").out()).contains("| IP | BORROWING-NODE |");
  }

  @Test
  void showsOneAddress() throws IOException {
    assertThat(run("ipam", "show", "--ip=10.244.84.129").out())
        .isEqualTo(
            """
            IP 10.244.84.129 is in use
            Handle ID: h1
            Block: 10.244.84.128/26 of node-1
            Active Owner Attributes:
              namespace: default
              node: node-1
              pod: web
            """);
    assertThat(run("ipam", "show", "--ip", "10.244.0.9").out())
        .isEqualTo("10.244.0.9 is not assigned\n");
    JsonNode tree =
        new ObjectMapper().readTree(run("ipam", "show", "--ip=10.244.84.129", "-o", "json").out());
    assertThat(tree.path("attributes").path("pod").textValue()).isEqualTo("web");
    JsonNode all = new ObjectMapper().readTree(run("ipam", "show", "-o", "json").out());
    assertThat(all.path("pools").path(0).path("inUse").intValue()).isEqualTo(1);
    assertThat(all.path("pools").path(0).path("blocks").path(0).path("owner").textValue())
        .isEqualTo("node-1");
  }

  @Test
  void checkFailsOnProblems() throws IOException {
    Ran bad = run("ipam", "check", "--show-problem-ips");
    assertThat(bad.code()).isEqualTo(1);
    assertThat(bad.out())
        .startsWith("Checking IPAM for inconsistencies...\n\nLoading all IPAM blocks...\n")
        .contains(" IPAM block 10.244.84.128/26 affinity=host:node-1:\n")
        .contains("IPAM blocks record 1 allocations.")
        .contains("10.244.84.129")
        .endsWith("\nCheck complete; found 1 problems.\n");
    JsonNode tree = new ObjectMapper().readTree(run("ipam", "check", "-o", "json").out());
    assertThat(tree.path("problemCount").intValue()).isEqualTo(1);
    run("ipam", "release", "--ip=10.244.84.129");
    Ran good = run("ipam", "check");
    assertThat(good.out()).endsWith("\nCheck complete; found 0 problems.\n");
    assertThat(good.code()).isZero();
  }

  @Test
  void configureChangesWhatIsNamedAndNothingElse() {
    assertThat(run("ipam", "configure", "--strictaffinity=true"))
        .isEqualTo(new Ran(0, "Successfully set StrictAffinity to: true\n", ""));
    assertThat(
            run("ipam", "configure", "--max-blocks-per-host=4", "--ip-cooldown-seconds", "30")
                .out())
        .isEqualTo(
            """
            Successfully set MaxBlocksPerHost to: 4
            Successfully set IPCooldownSeconds to: 30
            """);
    assertThat(run("get", "ipamconfig", "-o", "wide").out())
        .isEqualTo(
            """
            NAME      STRICTAFFINITY   AUTOALLOCATEBLOCKS   MAXBLOCKSPERHOST
            default   true             true                 4

            """);
    assertThat(
            run("ipam", "configure", "--strictaffinity", "false", "--max-blocks-per-host=0").code())
        .isZero();
    assertThat(run("get", "ipamconfig", "default", "-o", "jsonpath={.spec}").out())
        .doesNotContain("strictAffinity\":true")
        .contains("\"ipCooldownSeconds\":30");
  }

  @Test
  void releaseGivesBack() {
    assertThat(run("ipam", "release", "--ip=10.244.84.129"))
        .isEqualTo(new Ran(0, "Successfully released IP address 10.244.84.129\n", ""));
    assertThat(run("ipam", "release", "--ip=10.244.84.129").out())
        .isEqualTo("IP address 10.244.84.129 is not assigned\n");
    assertThat(run("ipam", "release", "--ip=10.244.84.129", "-o", "json").out())
        .contains("\"released\": false");
  }

  @Test
  void aDeletedPoolFreesItsBlocksAndKeepsAllocations() {
    assertThat(run("get", "blockaffinities", "-o", "name").out()).isNotEmpty();
    assertThat(run("delete", "ippool", "default-ipv4-ippool").out())
        .isEqualTo("Successfully deleted 1 'IPPool' resource(s)\n");
    assertThat(run("get", "blockaffinities", "-o", "name").out()).isEmpty();
    assertThat(run("ipam", "show", "--ip=10.244.84.129").out())
        .startsWith("IP 10.244.84.129 is in use\n");
  }

  @Test
  void aNewPoolMustFitTheBlocksOfAnOldOne() {
    run("delete", "ippool", "default-ipv4-ippool");
    String other = Samples.pool("again", "10.244.0.0/16").replace("cidr:", "blockSize: 28, cidr:");
    Ran ran = Ran.with(directory, other, "apply", "-f", "-");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.errLines())
        .containsExactly(
            "standard input: document 1: IPPool again: spec.blockSize: got 28, allowed is 26,"
                + " the size of block 10.244.84.128/26, which still has addresses in use");
    Ran.apply(directory, Samples.POOL);
  }
}
