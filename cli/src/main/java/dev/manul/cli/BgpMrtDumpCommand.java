package dev.manul.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code manulctl bgp mrt-dump}: all routes in a form that other tools read. */
@Command(
    name = "mrt-dump",
    header = "Writes all routes to a file in MRT format (RFC 6396), which bgpdump reads.",
    footer = {
      "",
      "Examples:",
      "  manulctl bgp mrt-dump rib.mrt && bgpdump -m rib.mrt",
      "  manulctl bgp mrt-dump - --socket /run/manul-bgp.sock | gzip > rib.mrt.gz"
    })
final class BgpMrtDumpCommand implements Runnable {
  private final Root root;

  @Mixin final BgpQuestion question;

  @Parameters(paramLabel = "FILE", description = "Where to write; - for standard output.")
  String file;

  BgpMrtDumpCommand(Root root) {
    this.root = root;
    this.question = new BgpQuestion(root);
  }

  @Override
  public void run() {
    if (file.equals("-")) {
      question.client().download("/v1/bgp/mrt", root.terminal().out());
      return;
    }
    Path target = Path.of(file);
    try (OutputStream out = Files.newOutputStream(target)) {
      question.client().download("/v1/bgp/mrt", out);
    } catch (IOException e) {
      throw CommandFailure.failed("cannot write " + target + ": " + e.getMessage());
    }
  }
}
