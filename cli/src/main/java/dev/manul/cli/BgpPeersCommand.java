package dev.manul.cli;

import java.util.ArrayList;
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
    Table table = new Table(headings(wide));
    Times times = new Times(root.terminal().clock());
    for (Map<?, ?> n : BgpQuestion.objects(BgpQuestion.tree(answer), "neighbors")) {
      table.add(cells(n, times, wide));
    }
    root.terminal().out().print(table.text().stripTrailing() + "\n");
  }

  private static List<String> headings(boolean wide) {
    List<String> headings = new ArrayList<>(List.of("PEER", "AS", "STATE", "SINCE"));
    headings.addAll(List.of("RECEIVED", "ACCEPTED", "ADVERTISED"));
    if (wide) {
      headings.addAll(List.of("BFD", "FLAPS", "LOCAL AS", "DESCRIPTION"));
    }
    headings.add("INFO");
    return headings;
  }

  private static List<String> cells(Map<?, ?> n, Times times, boolean wide) {
    List<String> cells = new ArrayList<>();
    cells.add(BgpQuestion.text(n, "address"));
    cells.add(BgpQuestion.text(n, "asNumber"));
    cells.add(BgpQuestion.text(n, "state"));
    cells.add(times.ago(BgpQuestion.text(n, "since")));
    cells.add(BgpQuestion.text(n, "prefixesReceived"));
    cells.add(BgpQuestion.text(n, "prefixesAccepted"));
    cells.add(BgpQuestion.text(n, "prefixesAdvertised"));
    if (wide) {
      cells.add(n.containsKey("bfd") ? BgpQuestion.text(n, "bfd") : "-");
      cells.add(BgpQuestion.text(n, "flaps"));
      cells.add(BgpQuestion.text(n, "localAsNumber"));
      cells.add(BgpQuestion.text(n, "description"));
    }
    cells.add(info(n));
    return cells;
  }

  /** What a session that is up has gone through before is of no interest here. */
  private static String info(Map<?, ?> n) {
    return BgpQuestion.text(n, "state").equals("Established")
        ? ""
        : Main.oneLine(BgpQuestion.text(n, "lastError"));
  }
}
