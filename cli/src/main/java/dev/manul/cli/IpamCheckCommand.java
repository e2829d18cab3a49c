package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.ipam.CheckReport;
import dev.manul.ipam.Ipam;
import dev.manul.model.Prefix;
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
    text.append("Loading all IPAM blocks...\n");
    line(text, "Found %d IPAM blocks.", report.blocks().size());
    for (CheckReport.BlockLine block : report.blocks()) {
      String owner = block.owner().map(node -> "host:" + node).orElse("<none>");
      line(text, " IPAM block %s affinity=%s", block.cidr(), owner);
    }
    line(text, "IPAM blocks record %d allocations.\n", report.allocations().size());
    text.append("Loading all IPAM pools...\n");
    for (Prefix pool : report.pools()) {
      line(text, "  %s", pool);
    }
    line(text, "Found %d active IP pools.\n", report.pools().size());
    text.append("Loading all nodes.\n");
    line(text, "Found %d nodes with %d tunnel IPs.\n", report.nodes(), report.tunnelAddresses());
    text.append("Loading all workload endpoints.\n");
    line(text, "Found %d workload IPs.", report.workloadAddresses());
    int used = report.tunnelAddresses() + report.workloadAddresses();
    line(text, "Workloads and nodes are using %d IPs.\n", used);
    text.append("Loading all handles\n");
    line(text, "Found %d handles.\n", report.handles());
    if (allIps) {
      for (CheckReport.AllocationLine allocation : report.allocations()) {
        String handle = allocation.allocation().handleId().orElse("-");
        String state = allocation.inUse() ? "in use" : "not in use";
        line(text, "  %s %s handle=%s", allocation.allocation().address(), state, handle);
      }
    }
    for (CheckReport.Category category : CheckReport.Category.values()) {
      List<CheckReport.Problem> problems = report.problems(category);
      line(text, "Scanning for %s... found %d.", category.title(), problems.size());
      if (problemIps) {
        problems.forEach(problem -> line(text, "  %s", Main.oneLine(problem.message())));
      }
    }
    line(text, "\nCheck complete; found %d problems.", report.problemCount());
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(format, values)).append('\n');
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
