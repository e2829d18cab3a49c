package dev.manul.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl bgp peers}: one line a neighbour. */
@Command(
    name = "peers",
    header = "Lists the peers with the state of their sessions and how many routes they have.",
    footer = {
      "",
      "Examples:",
      "  manulctl bgp peers",
      "  manulctl bgp peers -o json | jq -r '.neighbors[] | select(.state != \"Established\").address'"
    })
final class BgpPeersCommand implements Runnable {
  private final Root root;

  @Mixin final BgpQuestion question;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), wide or json.")
  String output;

  BgpPeersCommand(Root root) {
    this.root = root;
    this.question = new BgpQuestion(root);
  }

  @Override
  public void run() {
    Format format = Format.parse(output, Format.PS, Format.WIDE, Format.JSON);
    String answer = question.ask("/v1/bgp/neighbors");
    if (format == Format.JSON) {
      root.terminal().out().print(answer.stripTrailing() + "\n");
      return;
    }
    boolean wide = format == Format.WIDE;
    Table table =
        new Table(
            wide
                ? List.of(
                    "PEER",
                    "AS",
                    "STATE",
                    "SINCE",
                    "RECEIVED",
                    "ACCEPTED",
                    "ADVERTISED",
                    "BFD",
                    "FLAPS",
                    "LOCAL AS",
                    "DESCRIPTION",
                    "INFO")
                : List.of(
                    "PEER", "AS", "STATE", "SINCE", "RECEIVED", "ACCEPTED", "ADVERTISED", "INFO"));
    Times times = new Times(root.terminal().clock());
    for (Map<?, ?> n : BgpQuestion.objects(BgpQuestion.tree(answer), "neighbors")) {
      table.add(wide ? wide(n, times) : narrow(n, times));
    }
    root.terminal().out().print(table.text().stripTrailing() + "\n");
  }

  private static List<String> narrow(Map<?, ?> n, Times times) {
    return List.of(
        BgpQuestion.text(n, "address"),
        BgpQuestion.text(n, "asNumber"),
        BgpQuestion.text(n, "state"),
        times.ago(BgpQuestion.text(n, "since")),
        BgpQuestion.text(n, "prefixesReceived"),
        BgpQuestion.text(n, "prefixesAccepted"),
        BgpQuestion.text(n, "prefixesAdvertised"),
        info(n));
  }

  private static List<String> wide(Map<?, ?> n, Times times) {
    return List.of(
        BgpQuestion.text(n, "address"),
        BgpQuestion.text(n, "asNumber"),
        BgpQuestion.text(n, "state"),
        times.ago(BgpQuestion.text(n, "since")),
        BgpQuestion.text(n, "prefixesReceived"),
        BgpQuestion.text(n, "prefixesAccepted"),
        BgpQuestion.text(n, "prefixesAdvertised"),
        n.containsKey("bfd") ? BgpQuestion.text(n, "bfd") : "-",
        BgpQuestion.text(n, "flaps"),
        BgpQuestion.text(n, "localAsNumber"),
        BgpQuestion.text(n, "description"),
        info(n));
  }

  /** What a session that is up has gone through before is of no interest here. */
  private static String info(Map<?, ?> n) {
    return BgpQuestion.text(n, "state").equals("Established")
        ? ""
        : Main.oneLine(BgpQuestion.text(n, "lastError"));
  }
}
