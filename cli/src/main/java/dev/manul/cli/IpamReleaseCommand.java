package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.ReleaseRequest;
import dev.manul.ipam.ReleaseResult;
import dev.manul.ipam.RepairReport;
import dev.manul.model.Address;
import dev.manul.model.ClusterInformation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manulctl ipam release}: gives an address back, or repairs what a check reported. */
@Command(
    name = "release",
    header = "Gives an address back, whoever uses it; or repairs what ipam check reported.",
    footer = {
      "",
      "With reports, the addresses are released that nothing used in any of them and nothing uses",
      "now; addresses that pods use without an allocation are allocated to them; blocks, affinities",
      "and handles are put right. The datastore must be locked, so that nothing changes meanwhile,",
      "and one report must be made since.",
      "",
      "Examples:",
      "  manulctl ipam release --ip=10.244.0.7",
      "  manulctl ipam release --from-report=first.json --from-report=second.json"
    })
final class IpamReleaseCommand implements Callable<Integer> {
  private final Root root;

  @Option(names = "--ip", paramLabel = "ADDRESS", description = "The address.")
  String ip;

  @Option(
      names = "--from-report",
      paramLabel = "FILE",
      description = "A report of ipam check -o FILE. May be given again.")
  List<String> reports = new ArrayList<>();

  @Option(
      names = "--force",
      description = "Takes reports of another version, and does not ask for a lock.")
  boolean force;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default) or json.")
  String output;

  IpamReleaseCommand(Root root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.JSON);
    if ((ip == null) == reports.isEmpty()) {
      throw CommandFailure.usage(
          "give an address with --ip, or reports with --from-report, one of them");
    }
    return ip == null ? repair(format) : release(format);
  }

  private int release(Format format) {
    Address address = IpamShowCommand.address(ip);
    Terminal terminal = root.terminal();
    ReleaseResult result;
    try (Datastore datastore = Stores.existing(root)) {
      result =
          Ipam.overLock(datastore, terminal.clock()).release(List.of(ReleaseRequest.of(address)));
    }
    if (!result.refused().isEmpty()) {
      throw CommandFailure.failed(
          "IP address " + address + " is not released: " + result.refused().getFirst().reason());
    }
    boolean released = !result.released().isEmpty();
    if (format == Format.JSON) {
      terminal.out().print(Json.text(Json.object("ip", address, "released", released)));
    } else {
      terminal
          .out()
          .println(
              released
                  ? "Successfully released IP address " + address
                  : "IP address " + address + " is not assigned");
    }
    return ExitCode.OK;
  }

  private int repair(Format format) {
    List<IpamReport> read = reports.stream().map(IpamReport::read).toList();
    Terminal terminal = root.terminal();
    RepairReport done;
    boolean locked;
    try (Datastore datastore = Stores.existing(root)) {
      Optional<ClusterInformation> cluster = ClusterIdentity.of(datastore);
      locked = cluster.filter(ClusterInformation::locked).isPresent();
      mustFit(read, cluster, locked);
      done =
          Ipam.overLock(datastore, terminal.clock())
              .repair(leakedInAll(read), unallocatedInAll(read));
    }
    tell(done, locked, format);
    return done.left().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  /** Old reports, and those of other clusters, would have addresses released that are in use. */
  private void mustFit(
      List<IpamReport> read, Optional<ClusterInformation> cluster, boolean locked) {
    String guid = cluster.map(found -> found.spec().clusterGUID()).orElse("");
    String revision = cluster.map(found -> found.metadata().resourceVersion()).orElse("");
    for (IpamReport report : read) {
      if (!report.clusterGUID().equals(guid)) {
        throw CommandFailure.failed(
            report.file()
                + ": is a report of the cluster \""
                + report.clusterGUID()
                + "\", and this is the cluster \""
                + guid
                + "\"");
      }
      if (!force && !report.version().equals(VersionCommand.clientVersion())) {
        throw CommandFailure.failed(
            report.file()
                + ": is a report of version "
                + report.version()
                + ", and this is "
                + VersionCommand.clientVersion()
                + "; make a new one, or use --force");
      }
    }
    if (!force && !locked) {
      throw CommandFailure.failed(
          "the datastore is not locked; lock it with manulctl datastore migrate lock and make a new"
              + " report, or use --force");
    }
    if (read.stream().noneMatch(report -> report.revision().equals(revision))) {
      throw CommandFailure.failed(
          "no report is as new as the lock; make one more with manulctl ipam check -o FILE");
    }
  }

  /** What every report calls leaked, as the same allocation. */
  private static List<ReleaseRequest> leakedInAll(List<IpamReport> read) {
    return read.getFirst().leaked().values().stream()
        .filter(
            leak ->
                read.stream().allMatch(report -> leak.equals(report.leaked().get(leak.address()))))
        .toList();
  }

  private static Set<Address> unallocatedInAll(List<IpamReport> read) {
    Set<Address> all = new HashSet<>(read.getFirst().unallocated());
    read.forEach(report -> all.retainAll(report.unallocated()));
    return all;
  }

  private void tell(RepairReport done, boolean locked, Format format) {
    Terminal terminal = root.terminal();
    if (format == Format.JSON) {
      terminal
          .out()
          .print(
              Json.text(
                  Json.object(
                      "released",
                      done.released(),
                      "allocated",
                      done.adopted(),
                      "repairs",
                      done.repairs(),
                      "left",
                      done.left().stream().map(problem -> problem.message()).toList())));
    } else {
      done.released().forEach(address -> terminal.out().println("Released IP address " + address));
      done.adopted().forEach(address -> terminal.out().println("Allocated IP address " + address));
      done.repairs().forEach(terminal.out()::println);
      terminal
          .out()
          .println(
              "Released "
                  + done.released().size()
                  + " and allocated "
                  + done.adopted().size()
                  + " IP addresses; made "
                  + done.repairs().size()
                  + " other repairs.");
      if (locked) {
        terminal.out().println("You may now unlock the data store.");
      }
    }
    done.left()
        .forEach(
            problem -> terminal.err().println("still wrong: " + Main.oneLine(problem.message())));
  }
}
