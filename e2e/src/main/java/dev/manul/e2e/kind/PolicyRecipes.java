package dev.manul.e2e.kind;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.e2e.LabException;
import dev.manul.e2e.Steps;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * The usual recipes of network policy between pods of {@code e2e/kind/policies/pods.yaml}: for each
 * who must be answered and who must not, asked with curl in the pods.
 */
final class PolicyRecipes {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String SHOP = "manul-shop";
  private static final String FRIENDS = "manul-friends";
  private static final String STRANGERS = "manul-strangers";
  private static final List<String> NAMESPACES = List.of(SHOP, FRIENDS, STRANGERS);
  private static final Map<String, String> NAMESPACE_OF =
      Map.of("web-a", SHOP, "web-b", SHOP, "buyer", SHOP, "friend", FRIENDS, "stranger", STRANGERS);

  /** The node of web-a and stranger, and what it is called among those who ask. */
  private static final String NODE = "manul-kind-worker";

  /** Asks all targets at once and prints those that answer. */
  private static final String ASK =
      """
      for target in %s; do
        (curl -s -o /dev/null --connect-timeout 2 --max-time 4 http://$target/cgi-bin/whoami \
      && echo $target) &
      done
      wait
      """;

  private final Cluster cluster;
  private final Steps steps;
  private final Map<String, String> addresses = new TreeMap<>();

  /** Who asks, whom, and whether an answer must come. */
  private record Asked(String from, String target, boolean answered) {
    String line(boolean was) {
      return "%s > %s: %s".formatted(from, target, was ? "answered" : "no answer");
    }
  }

  /**
   * A policy and what must come of it.
   *
   * @param file in {@code e2e/kind/policies}
   */
  private record Recipe(String name, String file, List<Asked> asked) {}

  PolicyRecipes(Cluster cluster, Steps steps) {
    this.cluster = cluster;
    this.steps = steps;
  }

  /** Makes the pods. */
  void makePods() {
    apply("pods.yaml");
    Waiting.until("pods to try policies with", Duration.ofMinutes(2), steps, this::missing);
    steps.line(
        "%s", String.join(", ", addresses.entrySet().stream().map(Object::toString).toList()));
  }

  private List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (JsonNode pod : pods()) {
      String name = pod.at("/metadata/name").asText();
      if (readySince(pod).isEmpty()) {
        missing.add(name + " is not ready");
      }
      addresses.put(name, pod.at("/status/podIP").asText());
    }
    return missing;
  }

  private List<JsonNode> pods() {
    return NAMESPACES.stream()
        .flatMap(namespace -> Cluster.items(cluster.get("-n", namespace, "pods")).stream())
        .toList();
  }

  /** Since when a pod is ready, or "" when it is not. */
  private static String readySince(JsonNode pod) {
    for (JsonNode condition : pod.at("/status/conditions")) {
      if (condition.path("type").asText().equals("Ready")
          && condition.path("status").asText().equals("True")) {
        return condition.path("lastTransitionTime").asText();
      }
    }
    return "";
  }

  /** Takes pods and policies away. */
  void clean() {
    Path policies = directory();
    cluster
        .kubectl("delete", "--ignore-not-found", "-f", policies.resolve("calico.yaml").toString())
        .orThrow();
    List<String> words = new ArrayList<>(List.of("delete", "--ignore-not-found", "namespace"));
    words.addAll(NAMESPACES);
    cluster.kubectl(words.toArray(String[]::new)).orThrow();
  }

  private Path directory() {
    return cluster.root().resolve("e2e/kind/policies");
  }

  private void apply(String file) {
    cluster.kubectl("apply", "-f", directory().resolve(file).toString()).orThrow();
  }

  private void delete(String file) {
    cluster.kubectl("delete", "-f", directory().resolve(file).toString()).orThrow();
  }

  /** Tries them all, one after another. */
  List<KindReport.Check> tryAll() {
    Map<String, String> readyBefore = readySince();
    List<KindReport.Check> checks = new ArrayList<>();
    for (Recipe recipe : recipes()) {
      apply(recipe.file());
      checks.add(judged(recipe.name(), recipe.asked()));
      delete(recipe.file());
    }
    checks.add(judged("policies deleted", withoutPolicies()));
    List<String> unready =
        readySince().entrySet().stream()
            .filter(pod -> !pod.getValue().equals(readyBefore.get(pod.getKey())))
            .map(pod -> pod.getKey() + " was not ready in between")
            .toList();
    int pods = readyBefore.size();
    checks.add(
        new KindReport.Check("closed pods stay ready", pods, pods - unready.size(), unready));
    return checks;
  }

  private Map<String, String> readySince() {
    Map<String, String> since = new TreeMap<>();
    pods().forEach(pod -> since.put(pod.at("/metadata/name").asText(), readySince(pod)));
    return since;
  }

  private List<Recipe> recipes() {
    String service = "web." + SHOP;
    String address =
        cluster.get("-n", SHOP, "service", "web").at("/spec/clusterIP").asText() + ":80";
    String strangers = "stranger." + STRANGERS;
    return List.of(
        new Recipe(
            "policy: deny all",
            "deny-all.yaml",
            asked(
                answers(NODE, http("web-a")),
                answers("web-a", http("friend"), strangers),
                answers("stranger", http("friend")),
                silence("buyer", http("web-a"), http("web-b"), address),
                silence("friend", http("web-a"), http("web-b"), http("buyer"), address),
                silence("stranger", http("web-a"), http("web-b"), address))),
        new Recipe(
            "policy: allow from a namespace",
            "from-namespace.yaml",
            asked(
                answers(NODE, http("web-a")),
                answers("friend", http("web-a"), http("web-b"), metrics("web-b"), address, service),
                answers("stranger", http("buyer")),
                silence("buyer", http("web-a"), http("web-b"), address),
                silence("stranger", http("web-a"), http("web-b"), address))),
        new Recipe(
            "policy: a named port",
            "named-port.yaml",
            asked(
                answers("friend", http("web-a"), http("web-b"), http("buyer"), address),
                answers("stranger", http("web-a"), http("web-b"), address),
                silence("friend", metrics("web-a"), metrics("web-b"), metrics("buyer")),
                silence("stranger", metrics("web-a"), metrics("web-b")))),
        new Recipe(
            "policy: egress to a range",
            "to-cidr.yaml",
            asked(
                answers("stranger", Cluster.OUTSIDE),
                answers("friend", http("stranger"), strangers),
                answers(NODE, http("stranger")),
                silence("stranger", http("web-a"), http("web-b"), http("friend"), address))),
        new Recipe(
            "policy: egress to a service",
            "to-service.yaml",
            asked(
                answers("friend", service, address, http("web-a"), metrics("web-b")),
                answers("buyer", http("friend")),
                silence("friend", strangers, http("stranger"), http("buyer"), Cluster.OUTSIDE))),
        new Recipe(
            "policy: Calico's kinds",
            "calico.yaml",
            asked(
                answers("friend", http("web-a"), http("web-b"), address),
                answers("web-b", http("web-a")),
                silence("friend", metrics("web-a"), metrics("web-b")),
                silence("buyer", http("web-a"), http("web-b")),
                silence("stranger", http("web-a"), http("web-b"), http("buyer"), address))));
  }

  private List<Asked> withoutPolicies() {
    return asked(
        answers("friend", http("web-a"), metrics("web-b"), http("buyer"), Cluster.OUTSIDE),
        answers("stranger", http("web-a"), metrics("web-b"), http("buyer"), Cluster.OUTSIDE),
        answers("buyer", http("web-a"), http("web-b"), http("friend"), http("stranger")));
  }

  private String http(String pod) {
    return addresses.get(pod) + ":80";
  }

  private String metrics(String pod) {
    return addresses.get(pod) + ":81";
  }

  private static Stream<Asked> answers(String from, String... targets) {
    return Stream.of(targets).map(target -> new Asked(from, target, true));
  }

  private static Stream<Asked> silence(String from, String... targets) {
    return Stream.of(targets).map(target -> new Asked(from, target, false));
  }

  @SafeVarargs
  private static List<Asked> asked(Stream<Asked>... parts) {
    List<Asked> all = new ArrayList<>();
    for (Stream<Asked> part : parts) {
      part.forEach(all::add);
    }
    return all;
  }

  /** Waits a while for a policy to be in force everywhere, and says what is otherwise. */
  private KindReport.Check judged(String name, List<Asked> asked) {
    List<String> wrong = new ArrayList<>();
    try {
      Waiting.until(
          name,
          LIMIT,
          steps,
          () -> {
            wrong.clear();
            wrong.addAll(otherwise(asked));
            return wrong;
          });
    } catch (LabException e) {
      steps.line("%s", e.getMessage());
    }
    return new KindReport.Check(
        name, asked.size(), asked.size() - wrong.size(), List.copyOf(wrong));
  }

  private List<String> otherwise(List<Asked> asked) {
    Map<String, Set<String>> targets = new LinkedHashMap<>();
    asked.forEach(
        one -> targets.computeIfAbsent(one.from(), _ -> new LinkedHashSet<>()).add(one.target()));
    Map<String, Future<List<String>>> answers = new TreeMap<>();
    List<String> otherwise = new ArrayList<>();
    try (var executor = Executors.newFixedThreadPool(4)) {
      targets.forEach(
          (from, all) -> answers.put(from, executor.submit(() -> answering(from, all))));
      for (Asked one : asked) {
        boolean answered = answers.get(one.from()).get().contains(one.target());
        if (answered != one.answered()) {
          otherwise.add(one.line(answered));
        }
      }
    } catch (ExecutionException e) {
      throw new LabException("policies: %s", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("policies: interrupted");
    }
    return otherwise;
  }

  private List<String> answering(String from, Set<String> targets) {
    String script = ASK.formatted(String.join(" ", targets));
    return from.equals(NODE)
        ? cluster.onNode(from, "sh", "-c", script).lines()
        : Run.of(inPod(from, List.of("sh", "-c", script))).lines();
  }

  private List<String> inPod(String pod, List<String> command) {
    List<String> words =
        new ArrayList<>(List.of("-n", NAMESPACE_OF.get(pod), "exec", pod, "-c", "http", "--"));
    words.addAll(command);
    return cluster.kubectlCommand(words);
  }

  /** What is in force while agents are replaced. */
  void closeForRollout() {
    apply("rollout.yaml");
    KindReport.Check check =
        judged(
            "policy during the update",
            asked(answers("friend", http("web-a")), silence("stranger", http("web-a"))));
    if (!check.failures().isEmpty()) {
      throw new LabException("%s: %s", check.name(), String.join("; ", check.failures()));
    }
  }

  /** One whose every ping is answered then. */
  PingLoad.Sender friend() {
    return sender("friend", "web-a", "web-b", "buyer");
  }

  /** One whose pings are never answered then. */
  PingLoad.Sender stranger() {
    return sender("stranger", "web-a", "web-b", "buyer");
  }

  private PingLoad.Sender sender(String from, String... to) {
    return new PingLoad.Sender(
        from, inPod(from, List.of()), Stream.of(to).map(addresses::get).toList());
  }
}
