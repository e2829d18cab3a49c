package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.ipam.CheckReport;
import dev.manul.ipam.CheckReport.Category;
import dev.manul.ipam.Ipam;
import dev.manul.model.ClusterInformation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manulctl ipam check}: compares blocks, handles, endpoints and nodes with each other. */
@Command(
    name = "check",
    header = "Looks for contradictions between blocks, affinities, handles, endpoints and nodes.",
    footer = {
      "",
      "Exits with 1 when there are problems. A report in a file is for manulctl ipam release",
      "--from-report; json prints it.",
      "",
      "Examples:",
      "  manulctl ipam check --show-problem-ips",
      "  manulctl ipam check -o report.json"
    })
final class IpamCheckCommand implements Callable<Integer> {
  private static final String JSON = "json";

  /** How many nodes are listed by the number of their allocations. */
  private static final int TOP = 20;

  private final Root root;

  @Option(names = "--show-all-ips", description = "Lists every allocated address.")
  boolean allIps;

  @Option(names = "--show-problem-ips", description = "Lists the problems one by one.")
  boolean problemIps;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Writes a report to this file; json prints it and nothing else.")
  String output;

  IpamCheckCommand(Root root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    Terminal terminal = root.terminal();
    CheckReport report;
    Optional<ClusterInformation> cluster;
    try (Datastore datastore = Stores.existing(root)) {
      cluster = ClusterIdentity.of(datastore);
      report = new Ipam(datastore, terminal.clock()).check();
    }
    boolean json = JSON.equals(output);
    if (output != null && !json) {
      write(output, Json.text(IpamReport.tree(report, cluster)));
    }
    terminal.out().print(json ? Json.text(IpamReport.tree(report, cluster)) : text(report));
    return report.problemCount() == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private static void write(String file, String text) {
    try {
      Files.writeString(Path.of(file), text);
    } catch (IOException | InvalidPathException e) {
      throw CommandFailure.failed(
          file + ": the report cannot be written: " + e.getClass().getSimpleName());
    }
  }

  private String text(CheckReport report) {
    StringBuilder text = new StringBuilder("Checking IPAM for inconsistencies...\n\n");
    line(text, "Loading all IPAM blocks...");
    line(text, "Found " + report.blocks().size() + " IPAM blocks.");
    for (CheckReport.BlockLine block : report.blocks()) {
      String owner = block.owner().map(node -> "host:" + node).orElse("<none>");
      line(text, " IPAM block " + block.cidr() + " affinity=" + owner + ":");
    }
    line(text, "IPAM blocks record " + report.allocations().size() + " allocations.\n");
    line(text, "Loading all IPAM pools...");
    report.pools().forEach(pool -> line(text, "  " + pool));
    line(text, "Found " + report.pools().size() + " active IP pools.\n");
    line(text, "Loading all nodes.");
    line(text, "Found " + report.tunnelAddresses() + " node tunnel IPs.\n");
    line(text, "Loading all workload endpoints.");
    line(text, "Found " + report.workloadAddresses() + " workload IPs.");
    int used = report.tunnelAddresses() + report.workloadAddresses();
    line(text, "Workloads and nodes are using " + used + " IPs.\n");
    line(text, "Loading all handles");
    line(text, "Found " + report.handles() + " handles.\n");
    line(text, "Looking for top (up to " + TOP + ") nodes by allocations...");
    topNodes(report, text);
    if (allIps) {
      report.allocations().forEach(allocation -> line(text, "  " + described(allocation)));
      line(text, "");
    }
    scan(report, text);
    line(text, "Check complete; found " + report.problemCount() + " problems.");
    return text.toString();
  }

  private static void topNodes(CheckReport report, StringBuilder text) {
    Map<String, Integer> counts = new HashMap<>();
    report
        .allocations()
        .forEach(
            line ->
                line.allocation().node().ifPresent(node -> counts.merge(node, 1, Integer::sum)));
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(TOP)
        .forEach(
            node -> line(text, "  " + node.getKey() + " has " + node.getValue() + " allocations"));
    line(text, "");
  }

  private void scan(CheckReport report, StringBuilder text) {
    line(text, "Scanning for IPs that are allocated but not actually in use...");
    found(
        report,
        Category.ALLOCATED_NOT_IN_USE,
        "IPs that are allocated in IPAM but not actually in use.",
        text);
    line(
        text,
        "Scanning for IPs that are in use by a workload or node but not allocated in IPAM...");
    found(
        report, Category.IN_USE_OUTSIDE_POOLS, "in-use IPs that are not in active IP pools.", text);
    found(
        report,
        Category.IN_USE_NOT_ALLOCATED,
        "in-use IPs that have no corresponding IPAM allocation.",
        text);
    line(text, "Scanning for IPAM handles with no matching IPs...");
    int leaked = report.problems(Category.HANDLE_WITHOUT_ADDRESSES).size();
    int matching = Math.max(0, report.handles() - leaked);
    found(
        report,
        Category.HANDLE_WITHOUT_ADDRESSES,
        "handles with no matching IPs (and " + matching + " handles with matches).",
        text);
    line(text, "Scanning for IPs with missing handle...");
    found(report, Category.ALLOCATION_WITHOUT_HANDLE, "handles that do not count their IPs.", text);
    for (Category category :
        List.of(
            Category.DUPLICATE_USE,
            Category.INVALID_BLOCK,
            Category.BLOCK_AFFINITY_MISMATCH,
            Category.DUPLICATE_AFFINITY,
            Category.UNREADABLE)) {
      line(text, "Scanning for " + category.title() + "...");
      found(report, category, "of them.", text);
    }
  }

  private void found(CheckReport report, Category category, String what, StringBuilder text) {
    List<CheckReport.Problem> problems = report.problems(category);
    if (problemIps) {
      problems.forEach(problem -> line(text, "  " + Main.oneLine(problem.message())));
    }
    line(text, "Found " + problems.size() + " " + what + "\n");
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
}
