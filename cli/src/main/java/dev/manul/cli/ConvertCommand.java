package dev.manul.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manulctl convert}: another network's configuration as resources. */
@Command(
    name = "convert",
    header =
        "Prints the IPPool and FelixConfiguration that mean what flannel's net-conf.json says.",
    footer = {
      "",
      "What flannel's programs are told by flags is told by the same flags here. What has no equal",
      "is named on standard error. Nothing is stored.",
      "",
      "Examples:",
      "  manulctl convert -f net-conf.json",
      "  manulctl convert -f net-conf.json --kube-subnet-mgr --ip-masq | manulctl apply -f -"
    })
final class ConvertCommand implements Runnable {
  private final Root root;

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      required = true,
      description = "flannel's net-conf.json, or - for standard input.")
  String file;

  @Option(
      names = "--kube-subnet-mgr",
      description = "Nodes have the podCIDR that Kubernetes gives them, as with flanneld's flag.")
  boolean kubeSubnets;

  @Option(
      names = "--ip-masq",
      description = "What leaves the network is masqueraded, as with flanneld's flag.")
  boolean masquerade;

  ConvertCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    boolean standardInput = file.equals("-");
    FlannelNetwork.Converted converted =
        FlannelNetwork.convert(
            text(standardInput), standardInput ? "standard input" : file, kubeSubnets, masquerade);
    converted.notes().forEach(note -> root.terminal().err().println("note: " + note));
    root.terminal().out().print(converted.yaml());
  }

  private String text(boolean standardInput) {
    try {
      return standardInput
          ? new String(root.terminal().in().readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    } catch (NoSuchFileException e) {
      throw CommandFailure.failed(file + ": there is no such file");
    } catch (IOException e) {
      throw CommandFailure.failed(
          file + ": cannot be read: " + Main.oneLine(String.valueOf(e.getMessage())));
    }
  }
}
