package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DryRunAndDiffTest {
  @TempDir Path directory;

  private Ran in(String documents, String... args) {
    return Ran.with(directory, documents, args);
  }

  private Map<String, String> stored() {
    return Ran.contents(directory.resolve("store"));
  }

  @Test
  void everyWriteCanBeTriedWithoutWriting() {
    Ran.apply(directory, Samples.POOL + "---\n" + Samples.NODES);
    Map<String, String> before = stored();
    String fresh = Samples.pool("new", "10.1.0.0/16");
    assertThat(in(fresh, "apply", "--dry-run", "-f", "-"))
        .isEqualTo(new Ran(0, "Successfully applied 1 'IPPool' resource(s) (dry run)\n", ""));
    assertThat(in(fresh, "create", "--dry-run", "-f", "-").out())
        .isEqualTo("Successfully created 1 'IPPool' resource(s) (dry run)\n");
    assertThat(in(Samples.NODES, "replace", "--dry-run", "-f", "-").out())
        .isEqualTo("Successfully replaced 2 'Node' resource(s) (dry run)\n");
    assertThat(in("", "delete", "ippool", "default-ipv4-ippool", "--dry-run").out())
        .isEqualTo("Successfully deleted 1 'IPPool' resource(s) (dry run)\n");
    assertThat(in("", "label", "node", "node-1", "a=b", "--dry-run").out())
        .isEqualTo("Successfully set label a on Node node-1 (dry run)\n");
    assertThat(
            in("", "patch", "node", "node-1", "-p", "{metadata: {labels: {a: b}}}", "--dry-run")
                .out())
        .isEqualTo("Successfully patched 1 'Node' resource (dry run)\n");
    assertThat(in("", "pool", "mode", "default-ipv4-ippool", "--ipip", "never", "--dry-run").out())
        .endsWith("(dry run)\n");
    assertThat(in("", "ipam", "configure", "--strictaffinity=true", "--dry-run").out())
        .isEqualTo("Successfully set StrictAffinity to: true (dry run)\n");
    assertThat(stored()).isEqualTo(before);
  }

  @Test
  void whatWouldFailFails() {
    Ran.apply(directory, Samples.POOL);
    assertThat(in(Samples.POOL, "create", "--dry-run", "-f", "-").err())
        .contains("resource already exists: IPPool(default-ipv4-ippool)");
    assertThat(in(Samples.NODES, "replace", "--dry-run", "-f", "-").err())
        .contains("resource does not exist: Node(node-1)");
    assertThat(in("", "delete", "node", "node-1", "--dry-run").code()).isEqualTo(1);
    assertThat(in(Samples.pool("x", "10.244.1.0/24"), "apply", "--dry-run", "-f", "-").err())
        .contains("overlaps");
  }

  @Test
  void noDirectoryIsMade() {
    assertThat(in(Samples.POOL, "apply", "--dry-run", "-f", "-").code()).isZero();
    assertThat(directory.resolve("store")).doesNotExist();
  }

  @Test
  void diffShowsWhatApplyWouldChange() {
    Ran.apply(directory, Samples.POOL);
    Map<String, String> before = stored();
    assertThat(in(Samples.POOL, "diff", "-f", "-")).isEqualTo(new Ran(0, "", ""));
    assertThat(in(Samples.POOL + "  vxlanMode: Never\n", "diff", "-f", "-"))
        .isEqualTo(new Ran(0, "", ""));
    Ran changed = in(Samples.POOL.replace("Always", "CrossSubnet"), "diff", "-f", "-");
    assertThat(changed.code()).isEqualTo(1);
    assertThat(changed.err()).isEmpty();
    assertThat(changed.out())
        .startsWith(
            """
            --- stored IPPool(default-ipv4-ippool)
            +++ applied IPPool(default-ipv4-ippool)
            @@ -""")
        .contains("\n-  ipipMode: Always\n+  ipipMode: CrossSubnet\n");
    Ran fresh = in(Samples.pool("new", "10.1.0.0/16"), "diff", "-f", "-");
    assertThat(fresh.code()).isEqualTo(1);
    assertThat(fresh.out())
        .startsWith("--- nothing\n+++ applied IPPool(new)\n@@ -0,0 +1,")
        .contains("\n+  cidr: 10.1.0.0/16\n");
    assertThat(in("kind: [", "diff", "-f", "-").code()).isEqualTo(2);
    assertThat(stored()).isEqualTo(before);
  }
}
