package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.ipam.Ipam;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Resource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manulctl cluster diags}: what somebody far away needs to know of a cluster. */
@Command(
    name = "diags",
    header = "Collects what the cluster and its nodes are like into an archive.",
    footer = {
      "",
      "All resources of Manul but Secrets, and a check of its addresses. Of a Kubernetes cluster,",
      "for which kubectl is needed, also its nodes, pods and events, and of each node the agent's",
      "log and its manulctl node diags. It is written into the current directory.",
      "",
      "Examples:",
      "  manulctl cluster diags",
      "  manulctl cluster diags --focus-nodes=node-1,node-2 --since=1h"
    })
final class ClusterDiagsCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss");
  private static final String NAMESPACE = "--namespace=" + Kubectl.NAMESPACE;
  private static final String AGENTS = "--selector=" + Kubectl.LABEL + "=" + Kubectl.AGENT;

  /** What is asked of the cluster, by the name of the file that it is kept in. */
  private static final Map<String, List<String>> QUESTIONS = new LinkedHashMap<>();

  static {
    QUESTIONS.put("version", List.of("version"));
    QUESTIONS.put("nodes.yaml", List.of("get", "nodes", "--output=yaml"));
    QUESTIONS.put("nodes.txt", List.of("describe", "nodes"));
    QUESTIONS.put("pods.txt", List.of("get", "pods", "--all-namespaces", "--output=wide"));
    QUESTIONS.put("services.txt", List.of("get", "services", "--all-namespaces", "--output=wide"));
    QUESTIONS.put("events.txt", List.of("get", "events", "--all-namespaces"));
    QUESTIONS.put("agents.txt", List.of("describe", "daemonset,pods", NAMESPACE, AGENTS));
    QUESTIONS.put("definitions.txt", List.of("get", "customresourcedefinitions"));
  }

  private final Root root;

  @Option(
      names = "--since",
      paramLabel = "DURATION",
      defaultValue = "0s",
      description = "Logs of this last time only, such as 30m; 0s for all.")
  String since;

  @Option(
      names = "--max-logs",
      paramLabel = "NUMBER",
      defaultValue = "5",
      description =
          "How many agents' logs are taken of those that --focus-nodes does not name (5).")
  int maxLogs;

  @Option(
      names = "--max-parallelism",
      paramLabel = "NUMBER",
      defaultValue = "10",
      description = "How many nodes are asked at the same time (10).")
  int parallelism;

  @Option(
      names = "--focus-nodes",
      paramLabel = "NODE",
      split = ",",
      description = "Nodes that are asked first, and in any case.")
  List<String> focus = new ArrayList<>();

  private final List<String> skipped = new CopyOnWriteArrayList<>();

  ClusterDiagsCommand(Root root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    if (!since.matches("(\\d+(h|m|s))+")) {
      throw CommandFailure.usage("--since: got " + since + ", wanted is a duration such as 30m");
    }
    if (parallelism < 1 || maxLogs < 0) {
      throw CommandFailure.usage("--max-parallelism is 1 or more, --max-logs 0 or more");
    }
    Terminal terminal = root.terminal();
    LocalDateTime now = LocalDateTime.ofInstant(terminal.clock().instant(), ZoneOffset.UTC);
    String name = "manul-diagnostics-" + STAMP.format(now);
    Path file = Path.of(name + ".tar.gz").toAbsolutePath();
    StoreChoice choice = StoreChoice.of(root);
    terminal.err().println("Collecting diagnostics of the cluster");
    try (Datastore datastore = Stores.existing(root);
        OutputStream out = Files.newOutputStream(file);
        Archive archive = new Archive(out, name, terminal.clock().instant())) {
      resources(archive, datastore);
      if (choice instanceof StoreChoice.Cluster cluster) {
        kubernetes(archive, Kubectl.of(root, cluster));
      }
      archive.add("skipped", String.join("\n", skipped) + "\n");
    } catch (IOException e) {
      throw CommandFailure.failed(file + ": the archive cannot be written: " + e.getMessage());
    }
    skipped.forEach(line -> terminal.err().println("skipped: " + line));
    terminal.out().println("Diags saved to " + file);
    return ExitCode.OK;
  }

  private void resources(Archive archive, Datastore datastore) throws IOException {
    for (Kind<? extends Resource> kind : Kinds.OWN) {
      Listing<? extends Resource> listing = datastore.list(kind, Selection.ALL);
      listing.problems().forEach(problem -> skipped.add(Main.oneLine(problem)));
      if (!listing.items().isEmpty()) {
        archive.add(
            "cluster/" + kind.plural() + ".yaml", Listings.mixed(listing.items(), Format.YAML));
      }
    }
    archive.add(
        "cluster/ipam-check.json",
        Json.text(
            IpamReport.tree(
                new Ipam(datastore, root.terminal().clock()).check(),
                ClusterIdentity.of(datastore))));
  }

  private static ForeignProgram.Outcome ask(Kubectl kubectl, List<String> words) {
    return ForeignProgram.run(kubectl.with(words), kubectl.variables(), true, LIMIT);
  }

  private void kubernetes(Archive archive, Kubectl kubectl) throws IOException {
    for (Map.Entry<String, List<String>> question : QUESTIONS.entrySet()) {
      ForeignProgram.Outcome outcome = ask(kubectl, question.getValue());
      if (outcome.problem().endsWith(" is not there")) {
        skipped.add("kubectl is not there, so nothing is asked of Kubernetes and of nodes");
        return;
      }
      keep(archive, "cluster/" + question.getKey(), outcome);
    }
    ForeignProgram.Outcome pods =
        ask(
            kubectl,
            List.of(
                "get",
                "pods",
                NAMESPACE,
                AGENTS,
                "--output=jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName}{\"\\n\"}{end}"));
    List<String> lines =
        new String(pods.output(), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.contains(" "))
            .sorted((a, b) -> Boolean.compare(isFocus(b), isFocus(a)))
            .toList();
    nodes(archive, kubectl, lines);
  }

  private boolean isFocus(String line) {
    return focus.contains(line.substring(line.indexOf(' ') + 1));
  }

  private void nodes(Archive archive, Kubectl kubectl, List<String> pods) {
    try (ExecutorService workers =
        Executors.newFixedThreadPool(parallelism, Thread.ofVirtual().factory())) {
      List<Future<?>> all = new ArrayList<>();
      int others = 0;
      for (String pod : pods) {
        boolean logs = isFocus(pod) || others++ < maxLogs;
        all.add(
            workers.submit(
                () -> {
                  node(archive, kubectl, pod, logs);
                  return null;
                }));
      }
      workers.shutdown();
      boolean _ = workers.awaitTermination(LIMIT.toMillis() * 4, TimeUnit.MILLISECONDS);
      all.stream()
          .filter(one -> one.state() == Future.State.FAILED)
          .forEach(one -> skipped.add(String.valueOf(one.exceptionNow().getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void node(Archive archive, Kubectl kubectl, String line, boolean logs)
      throws IOException {
    String pod = line.substring(0, line.indexOf(' '));
    String place = "nodes/" + line.substring(line.indexOf(' ') + 1) + "/";
    keep(
        archive,
        place + "diags.tar.gz",
        ask(
            kubectl,
            List.of("exec", NAMESPACE, pod, "--", "manulctl", "node", "diags", "-o", "-")));
    if (logs) {
      List<String> words = List.of("logs", NAMESPACE, pod, "--all-containers", "--since=" + since);
      keep(archive, place + "agent.log", ask(kubectl, words));
      List<String> previous = new ArrayList<>(words);
      previous.add("--previous");
      ForeignProgram.Outcome before = ask(kubectl, previous);
      if (before.problem().isEmpty()) { // most have never ended
        keep(archive, place + "agent-previous.log", before);
      }
    }
  }

  private void keep(Archive archive, String file, ForeignProgram.Outcome outcome)
      throws IOException {
    if (!outcome.problem().isEmpty()) {
      skipped.add(outcome.problem());
    } else if (file.endsWith(".gz")) {
      archive.add(file, outcome.output());
    } else {
      archive.add(file, Secrets.hidden(new String(outcome.output(), StandardCharsets.UTF_8)));
    }
  }
}
