package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.ReleaseRequest;
import dev.manul.ipam.ReleaseResult;
import dev.manul.ipam.RepairReport;
import dev.manul.ipam.RepairReport.Displaced;
import dev.manul.ipam.RepairReport.Fate;
import dev.manul.ipam.RepairRequest;
import dev.manul.model.Address;
import dev.manul.model.ClusterInformation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      "An address that several have is kept by the one it is allocated to, or else by a node, or",
      "else by the oldest, to which it is allocated then. The others have to be made anew. With",
      "--delete-duplicates their pods are evicted, whose controllers make them anew; a bare pod is",
      "lost. In a datastore of files their WorkloadEndpoints are deleted, and their containers have",
      "no network until they are attached again.",
      "",
      "Examples:",
      "  manulctl ipam release --ip=10.244.0.7",
      "  manulctl ipam release --from-report=a.json --from-report=b.json --delete-duplicates"
    })
final class IpamReleaseCommand implements Callable<Integer> {
  /** Twice what a pod is given to end, if it does not say otherwise. */
  private static final Duration END_OF_A_POD = Duration.ofMinutes(1);

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
      names = "--delete-duplicates",
      description = "Deletes the pods that have an address of another's, and waits for their end.")
  boolean deleteDuplicates;

  @Mixin final PsOrJson output = new PsOrJson();

  IpamReleaseCommand(Root root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    Format format = output.format();
    if ((ip == null) == reports.isEmpty()) {
      throw CommandFailure.usage(
          "give an address with --ip, or reports with --from-report, one of them");
    }
    if (deleteDuplicates && reports.isEmpty()) {
      throw CommandFailure.usage("--delete-duplicates goes with --from-report");
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
              .repair(
                  new RepairRequest(
                      leakedInAll(read),
                      inAll(read, IpamReport::unallocated),
                      inAll(read, IpamReport::shared)),
                  deleteDuplicates
                      ? Optional.of(EndpointRemovals.of(datastore, END_OF_A_POD, terminal.err()))
                      : Optional.empty());
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

  private static Set<Address> inAll(
      List<IpamReport> read, Function<IpamReport, Set<Address>> addresses) {
    Set<Address> all = new HashSet<>(addresses.apply(read.getFirst()));
    read.forEach(report -> all.retainAll(addresses.apply(report)));
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
                      "deleted",
                      displaced(done, Fate.REMOVED).map(Displaced::user).distinct().toList(),
                      "left",
                      done.left().stream().map(problem -> problem.message()).toList())));
    } else {
      done.released().forEach(address -> terminal.out().println("Released IP address " + address));
      done.adopted().forEach(address -> terminal.out().println("Allocated IP address " + address));
      done.repairs().forEach(terminal.out()::println);
      displaced(done, Fate.REMOVED)
          .forEach(
              gone ->
                  terminal
                      .out()
                      .println(
                          "Deleted "
                              + gone.user()
                              + ", as "
                              + gone.address()
                              + " is that of "
                              + gone.keeper()));
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
    done.displaced().stream()
        .filter(one -> one.fate() != Fate.REMOVED)
        .forEach(one -> terminal.err().println(Main.oneLine(advice(one))));
  }

  private static Stream<Displaced> displaced(RepairReport done, Fate fate) {
    return done.displaced().stream().filter(one -> one.fate() == fate);
  }

  /** Whose an address is, and what becomes of who else has it. */
  private static String advice(Displaced one) {
    return one.address()
        + " is that of "
        + one.keeper()
        + "; "
        + switch (one.fate()) {
          case NAMED -> one.user() + " has to be made anew: delete it, or use --delete-duplicates";
          case NOT_REMOVED -> one.user() + " is not gone: " + one.reason().orElse("");
          case HELPS_ITSELF -> "the " + one.user() + " changes when the datastore is unlocked";
          case REMOVED -> one.user() + " is gone";
        };
  }
}
