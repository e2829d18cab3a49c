package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.ipam.CheckReport;
import dev.manul.ipam.Ipam;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manulctl ipam check}: compares blocks, handles, endpoints and nodes with each other. */
@Command(
    name = "check",
    header = "Looks for contradictions between blocks, affinities, handles, endpoints and nodes.",
    footer = {
      "",
      "Exits with 1 when there are problems.",
      "",
      "Examples:",
      "  manulctl ipam check --show-problem-ips",
      "  manulctl ipam check -o json > report.json"
    })
final class IpamCheckCommand implements Callable<Integer> {
  private final Root root;

  @Option(names = "--show-all-ips", description = "Lists every allocated address.")
  boolean allIps;

  @Option(names = "--show-problem-ips", description = "Lists the problems one by one.")
  boolean problemIps;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default) or json.")
  String output;

  IpamCheckCommand(Root root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.JSON);
    Terminal terminal = root.terminal();
    CheckReport report;
    try (Datastore datastore = Stores.existing(root)) {
      report = new Ipam(datastore, terminal.clock()).check();
    }
    terminal.out().print(format == Format.JSON ? Json.text(json(report)) : text(report));
    return report.problemCount() == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private String text(CheckReport report) {
    StringBuilder text = new StringBuilder("Checking IPAM for inconsistencies...\n\n");
    line(text, "Loading all IPAM blocks...");
    line(text, "Found " + report.blocks().size() + " IPAM blocks.");
    for (CheckReport.BlockLine block : report.blocks()) {
      String owner = block.owner().map(node -> "host:" + node).orElse("<none>");
      line(text, " IPAM block " + block.cidr() + " affinity=" + owner);
    }
    line(text, "IPAM blocks record " + report.allocations().size() + " allocations.\n");
    line(text, "Loading all IPAM pools...");
    report.pools().forEach(pool -> line(text, "  " + pool));
    line(text, "Found " + report.pools().size() + " active IP pools.\n");
    line(text, "Loading all nodes.");
    line(
        text,
        "Found "
            + report.nodes()
            + " nodes and "
            + report.tunnelAddresses()
            + " node tunnel IPs.\n");
    line(text, "Loading all workload endpoints.");
    line(text, "Found " + report.workloadAddresses() + " workload IPs.");
    int used = report.tunnelAddresses() + report.workloadAddresses();
    line(text, "Workloads and nodes are using " + used + " IPs.\n");
    line(text, "Loading all handles");
    line(text, "Found " + report.handles() + " handles.\n");
    if (allIps) {
      report.allocations().forEach(allocation -> line(text, "  " + described(allocation)));
    }
    for (CheckReport.Category category : CheckReport.Category.values()) {
      List<CheckReport.Problem> problems = report.problems(category);
      line(text, "Scanning for " + category.title() + "... found " + problems.size() + ".");
      if (problemIps) {
        problems.forEach(problem -> line(text, "  " + Main.oneLine(problem.message())));
      }
    }
    line(text, "\nCheck complete; found " + report.problemCount() + " problems.");
    return text.toString();
  }

  private static String described(CheckReport.AllocationLine line) {
    return line.allocation().address()
        + (line.inUse() ? " in use" : " not in use")
        + " handle="
        + line.allocation().handleId().orElse("-");
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append('\n');
  }

  private static Map<String, Object> json(CheckReport report) {
    return Json.object(
        "pools",
        report.pools(),
        "blocks",
        report.blocks().stream()
            .map(block -> Json.object("cidr", block.cidr(), "owner", block.owner().orElse(null)))
            .toList(),
        "allocations",
        report.allocations().stream().map(IpamCheckCommand::json).toList(),
        "nodes",
        report.nodes(),
        "tunnelAddresses",
        report.tunnelAddresses(),
        "workloadAddresses",
        report.workloadAddresses(),
        "handles",
        report.handles(),
        "problems",
        report.problems().stream()
            .map(
                problem ->
                    Json.object(
                        "category",
                        problem.category(),
                        "subject",
                        problem.subject(),
                        "message",
                        problem.message()))
            .toList(),
        "problemCount",
        report.problemCount());
  }

  private static Map<String, Object> json(CheckReport.AllocationLine line) {
    Map<String, Object> tree = IpamShowCommand.json(line.allocation());
    tree.put("inUse", line.inUse());
    return tree;
  }
}
