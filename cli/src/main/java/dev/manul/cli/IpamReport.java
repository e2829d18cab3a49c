package dev.manul.cli;

import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.ResourceText;
import dev.manul.ipam.AllocationInfo;
import dev.manul.ipam.CheckReport;
import dev.manul.ipam.CheckReport.Category;
import dev.manul.ipam.ReleaseRequest;
import dev.manul.model.Address;
import dev.manul.model.ClusterInformation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * A report of {@code ipam check}, in the form of calicoctl's: JSON with {@code allocations} by
 * address. Manul's have {@code problems} besides, which calicoctl passes over.
 *
 * @param file where it was read, for messages
 * @param version of the program that wrote it
 * @param clusterGUID of the cluster it is of
 * @param revision of the ClusterInformation when it was written
 * @param leaked allocations that nothing used, by address
 * @param unallocated addresses that were used without an allocation
 * @param shared addresses that more than one had
 */
record IpamReport(
    String file,
    String version,
    String clusterGUID,
    String revision,
    Map<Address, ReleaseRequest> leaked,
    Set<Address> unallocated,
    Set<Address> shared) {

  /** A check as a report. */
  static Map<String, Object> tree(CheckReport report, Optional<ClusterInformation> cluster) {
    Map<String, Object> allocations = new TreeMap<>();
    for (CheckReport.AllocationLine line : report.allocations()) {
      allocations.put(line.allocation().address().text(), List.of(allocation(line)));
    }
    ClusterInformation.Spec spec =
        cluster.map(ClusterInformation::spec).orElse(ClusterInformation.Spec.EMPTY);
    return Json.object(
        "version",
        VersionCommand.clientVersion(),
        "clusterGUID",
        spec.clusterGUID(),
        "datastoreLocked",
        cluster.filter(ClusterInformation::locked).isPresent(),
        "clusterInformationRevision",
        cluster.map(found -> found.metadata().resourceVersion()).orElse(""),
        "clusterType",
        spec.clusterType(),
        "allocations",
        allocations,
        "leakedHandles",
        report.problems(Category.HANDLE_WITHOUT_ADDRESSES).stream()
            .map(problem -> Json.object("id", problem.subject()))
            .distinct()
            .toList(),
        "pools",
        report.pools(),
        "blocks",
        report.blocks().stream()
            .map(block -> Json.object("cidr", block.cidr(), "owner", block.owner().orElse(null)))
            .toList(),
        "nodes",
        report.nodes(),
        "tunnelAddresses",
        report.tunnelAddresses(),
        "workloadAddresses",
        report.workloadAddresses(),
        "handles",
        report.handles(),
        "problems",
        report.problems().stream().map(IpamReport::problem).toList(),
        "problemCount",
        report.problemCount());
  }

  private static Map<String, Object> problem(CheckReport.Problem problem) {
    return Json.object(
        "category", problem.category(), "subject", problem.subject(), "message", problem.message());
  }

  private static Map<String, Object> allocation(CheckReport.AllocationLine line) {
    AllocationInfo info = line.allocation();
    Map<String, String> attributes = info.attributes();
    return Json.object(
        "ip",
        info.address(),
        "handle",
        info.handleId().orElse(""),
        "sequenceNumber",
        info.sequenceNumber(),
        "pod",
        attributes.getOrDefault("pod", ""),
        "namespace",
        attributes.getOrDefault("namespace", ""),
        "node",
        attributes.getOrDefault("node", ""),
        "type",
        attributes.getOrDefault("type", ""),
        "creationTimestamp",
        attributes.getOrDefault("timestamp", ""),
        "inUse",
        line.inUse(),
        "borrowed",
        info.borrowed(),
        "coolingDown",
        info.coolingSince().isPresent(),
        "owners",
        line.users());
  }

  /**
   * Reads a report.
   *
   * @throws CommandFailure when the file cannot be read or is none
   */
  static IpamReport read(String file) {
    Object tree;
    try {
      List<Object> trees = ResourceText.parseTrees(Files.readString(Path.of(file)), file);
      tree = trees.size() == 1 ? trees.getFirst() : null;
    } catch (NoSuchFileException | InvalidPathException e) {
      throw CommandFailure.failed(file + ": there is no such file");
    } catch (IOException e) {
      throw CommandFailure.failed(file + ": cannot be read: " + e);
    } catch (MalformedTextException e) {
      throw CommandFailure.failed(Main.oneLine(e.getMessage()));
    }
    if (!(tree instanceof Map<?, ?> report)
        || !(report.get("allocations") instanceof Map<?, ?> allocations)) {
      throw CommandFailure.failed(
          file + ": is no report of ipam check -o FILE: field allocations is missing");
    }
    Map<Address, ReleaseRequest> leaked = new HashMap<>();
    for (Object entries : allocations.values()) {
      for (Object entry : entries instanceof List<?> list ? list : List.of()) {
        leak(file, entry).ifPresent(request -> leaked.put(request.address(), request));
      }
    }
    return new IpamReport(
        file,
        text(report, "version"),
        text(report, "clusterGUID"),
        text(report, "clusterInformationRevision"),
        leaked,
        subjects(file, report, Category.IN_USE_NOT_ALLOCATED),
        subjects(file, report, Category.DUPLICATE_USE));
  }

  /** The addresses of the problems of a category. */
  private static Set<Address> subjects(String file, Map<?, ?> report, Category category) {
    Set<Address> subjects = new HashSet<>();
    for (Object entry : report.get("problems") instanceof List<?> list ? list : List.of()) {
      if (entry instanceof Map<?, ?> problem && category.name().equals(problem.get("category"))) {
        subjects.add(address(file, text(problem, "subject")));
      }
    }
    return subjects;
  }

  private static Optional<ReleaseRequest> leak(String file, Object entry) {
    if (!(entry instanceof Map<?, ?> allocation)
        || Boolean.TRUE.equals(allocation.get("inUse"))
        || Boolean.TRUE.equals(allocation.get("coolingDown"))) {
      return Optional.empty();
    }
    String handle = text(allocation, "handle");
    return Optional.of(
        new ReleaseRequest(
            address(file, text(allocation, "ip")),
            Optional.of(handle).filter(id -> !id.isEmpty()),
            allocation.get("sequenceNumber") instanceof Number number
                ? OptionalLong.of(number.longValue())
                : OptionalLong.empty()));
  }

  private static Address address(String file, String text) {
    try {
      return Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.failed(file + ": \"" + text + "\" among its allocations is no address");
    }
  }

  private static String text(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof String text ? text : "";
  }
}
