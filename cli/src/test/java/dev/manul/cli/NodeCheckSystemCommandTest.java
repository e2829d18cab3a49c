package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCheckSystemCommandTest {
  private static final String LOADABLE =
      """
      kernel/net/netfilter/ipset/ip_set.ko.xz: kernel/net/netfilter/nfnetlink.ko.xz
      kernel/net/netfilter/ipset/ip_set_hash_net.ko: kernel/net/netfilter/ipset/ip_set.ko
      kernel/net/netfilter/nf_tables.ko:
      kernel/net/netfilter/xt_addrtype.ko:
      kernel/net/netfilter/xt_comment.ko:
      kernel/net/netfilter/xt_conntrack.ko:
      kernel/net/netfilter/xt_mark.ko:
      kernel/net/netfilter/xt_multiport.ko:
      kernel/net/netfilter/xt_set.ko:
      kernel/net/ipv4/netfilter/ipt_MASQUERADE.ko:
      kernel/net/ipv4/netfilter/ipt_REJECT.ko:
      kernel/net/ipv4/netfilter/ipt_rpfilter.ko:
      kernel/net/ipv4/ipip.ko: kernel/net/ipv4/ip_tunnel.ko
      """;

  @TempDir Path directory;

  @BeforeEach
  void machine() throws IOException {
    write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    write("lib/modules/6.1.0-18-amd64/modules.dep", LOADABLE);
    write("lib/modules/6.1.0-18-amd64/modules.builtin", "kernel/drivers/net/veth.ko\n");
    Files.createDirectories(directory.resolve("sys/module/nf_conntrack"));
  }

  private void write(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private Ran check() {
    return Ran.of(directory, "node", "checksystem", "--root", directory.toString());
  }

  @Test
  void aKernelWithEverythingNeeded() {
    Ran ran = check();
    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .startsWith(
            """
            Checking kernel version...
                6.1.0-18-amd64
            Checking kernel modules...
                ip_set                             OK
            """)
        .contains("    xt_MASQUERADE or ipt_MASQUERADE    OK\n")
        .contains("    ipip                               OK (optional: pools with an ipipMode)\n")
        .contains(
            "    vxlan                              FAIL (optional: pools with a vxlanMode)\n")
        .endsWith("\nSystem meets minimum system requirements to run Manul!\n");
  }

  @Test
  void encapsulationsOfThisMachineAreTried() {
    Ran ran = Ran.of(directory, "node", "checksystem");

    assertThat(ran.out())
        .containsPattern("Checking encapsulations...\n    ipip +(OK|FAIL \\(no device of kind)")
        .containsPattern("\n    vxlan +(OK|FAIL \\(no device of kind)");
    assertThat(check().out()).doesNotContain("Checking encapsulations");
  }

  @Test
  void whatIsNotThereIsNamed() throws IOException {
    write(
        "lib/modules/6.1.0-18-amd64/modules.dep",
        LOADABLE.replace("xt_set.ko", "xt_sctp.ko").replace("nf_tables.ko", "nf_log.ko"));
    Ran ran = check();
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.errLines())
        .containsExactly("not known to be in this kernel: nf_tables or ip_tables, xt_set");
    assertThat(ran.out()).contains("    xt_set                             FAIL\n");
  }

  @Test
  void withoutTheListsOnlyLoadedModulesAreKnown() throws IOException {
    Files.delete(directory.resolve("lib/modules/6.1.0-18-amd64/modules.builtin"));
    Ran ran = check();
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out())
        .contains("nf_conntrack                       OK\n", "xt_set   ", "SKIP\n");
    assertThat(ran.out()).doesNotContain("FAIL");
  }

  @Test
  void aMachineThatIsNone() {
    Ran ran = Ran.of(directory, "node", "checksystem", "--root", "/nonexistent");
    assertThat(ran)
        .isEqualTo(
            new Ran(
                1,
                "",
                "/nonexistent/proc/sys/kernel/osrelease: the kernel's release cannot be read\n"));
  }
}
