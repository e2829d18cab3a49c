package dev.manul.e2e.cni;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Run;
import dev.manul.ipam.CheckReport;
import dev.manul.ipam.Ipam;
import dev.manul.model.WorkloadEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a node has of pods: in the kernel, in its files, and in the datastore. */
public final class Leftovers {

  private Leftovers() {}

  /** One line for each thing of a pod, and for each thing wrong in IPAM; empty without pods. */
  public static List<String> of(PodNode node) {
    try (FileDatastore datastore = node.datastore()) {
      return of(node, datastore);
    }
  }

  /** The same of a node whose cluster's state is elsewhere. */
  public static List<String> of(PodNode node, Datastore datastore) {
    List<String> found = new ArrayList<>(kernel(node.name()));
    found.addAll(files(node.stateDirectory().resolve("cni")));
    CheckReport report = new Ipam(datastore, Clock.systemUTC()).check();
    report.allocations().forEach(line -> found.add("allocated: " + line.allocation()));
    report.problems().forEach(problem -> found.add("ipam: " + problem.message()));
    datastore
        .list(WorkloadEndpoint.KIND, Selection.ALL)
        .items()
        .forEach(endpoint -> found.add("endpoint: " + name(endpoint)));
    return List.copyOf(found);
  }

  private static String name(WorkloadEndpoint endpoint) {
    return endpoint.metadata().name();
  }

  /** Links, routes, rules and packet filters of a namespace. */
  private static List<String> kernel(String namespace) {
    List<String> found = new ArrayList<>();
    lines(namespace, "ip", "-o", "link", "show").stream()
        .filter(line -> !line.matches("\\d+: (lo|eth0|wire0|api0|tunl0|ip6tnl0|sit0)[@:].*"))
        .forEach(line -> found.add("link: " + line));
    for (String family : List.of("-4", "-6")) {
      lines(namespace, "ip", family, "route", "show", "proto", "77").stream()
          .filter(line -> !line.startsWith("blackhole"))
          .forEach(line -> found.add("route: " + line));
      lines(namespace, "ip", family, "rule", "show").stream()
          .filter(line -> !line.matches("(0|32766|32767):\\s+from all lookup (local|main|default)"))
          .forEach(line -> found.add("rule: " + line));
    }
    lines(namespace, "iptables-save", "-t", "nat").stream()
        .filter(line -> line.startsWith(":CNI-DN-") || line.contains("-j DNAT"))
        .forEach(line -> found.add("packet filter: " + line));
    return found;
  }

  private static List<String> lines(String namespace, String... command) {
    return Run.in(namespace, command).lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
  }

  private static List<String> files(Path directory) {
    if (!Files.exists(directory)) {
      throw new LabException("%s is not there: has the agent run?", directory);
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getParent().endsWith("attachments.spare")) // for later attachments
          .map(file -> "file: " + file)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
