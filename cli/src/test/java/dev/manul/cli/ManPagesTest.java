package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManPagesTest {
  @TempDir Path directory;

  @Test
  void everyCommandHasAPage() throws IOException {
    ManPages.main(new String[] {directory.toString()});
    Terminal terminal = new Terminal(null, System.out, System.err, Map.of(), Ran.CLOCK);
    List<String> wanted =
        ManPages.tree(Commands.complete(terminal)).stream()
            .map(command -> command.getCommandSpec().qualifiedName("-") + ".1")
            .sorted()
            .toList();
    try (Stream<Path> pages = Files.list(directory)) {
      assertThat(pages.map(page -> page.getFileName().toString()).sorted()).isEqualTo(wanted);
    }
    assertThat(wanted).contains("manulctl.1", "manulctl-get.1", "manulctl-ipam-split.1");
    assertThat(Files.readString(directory.resolve("manulctl-ipam-split.1")))
        .startsWith(".TH \"MANULCTL\\-IPAM\\-SPLIT\" \"1\"")
        .contains(
            ".SH \"NAME\"\nmanulctl\\-ipam\\-split \\- Splits a pool into several",
            ".SH \"SYNOPSIS\"\nmanulctl ipam split ",
            ".TP\n.B \\-\\-cidr=CIDR\nThe range of the pool.\n",
            ".SH \"EXAMPLES\"\n.nf\nmanulctl ipam split 2",
            ".SH \"EXIT STATUS\"\nExit codes: 0 done",
            ".SH \"SEE ALSO\"\nmanulctl\\-ipam(1)\n");
  }
}
