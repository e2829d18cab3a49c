package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Node;
import dev.manul.model.WorkloadEndpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExplainCommandTest {
  @TempDir Path directory;

  static Stream<Kind<?>> defined() {
    return Kinds.OWN.stream()
        .filter(kind -> !List.of(Node.KIND, WorkloadEndpoint.KIND).contains(kind))
        .map(kind -> kind);
  }

  private String out(String... args) {
    return Ran.outputOf(directory, args);
  }

  @Test
  void aFieldWithItsValues() {
    assertThat(out("explain", "ipp.spec.ipipMode"))
        .startsWith(
            """
            KIND:     IPPool
            VERSION:  projectcalico.org/v3
            FIELD:    spec.ipipMode <string>

            DESCRIPTION:
              When packets to the pool's addresses travel in IP-in-IP; IPv4 only.""")
        .endsWith("  Allowed: Never, Always, CrossSubnet\n  Default: Never\n");
    assertThat(out("explain", "ippool.spec.cidr"))
        .contains("FIELD:    spec.cidr <string> (required)\n");
    assertThat(out("explain", "ippool.spec.allowedUses"))
        .contains("<[]string>\n", "Allowed: Workload, Tunnel, LoadBalancer\n");
  }

  @Test
  void aKindAndItsFields() {
    assertThat(out("explain", "ippool"))
        .contains("\nFIELDS:\n", "\n  spec <object> (required)\n      What the pool is to be.\n");
    assertThat(out("explain", "ippool", "--recursive"))
        .contains(
            "\n  spec <object> (required)\n    cidr <string> (required)\n    ipipMode <string>\n");
    // fields of a list's items
    assertThat(out("explain", "networkpolicy.spec.ingress.source.nets")).contains("<[]string>");
  }

  @ParameterizedTest
  @MethodSource("defined")
  void everyKindIsExplained(Kind<?> kind) {
    String text = out("explain", kind.plural());
    assertThat(text).contains("KIND:     " + kind.name(), "DESCRIPTION:\n  ", "  spec <object>");
    assertThat(text.lines()).allMatch(line -> line.length() <= 100);
  }
}
