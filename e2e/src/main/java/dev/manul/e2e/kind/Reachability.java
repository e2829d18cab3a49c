package dev.manul.e2e.kind;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Who hears an answer from whom, and whom the one who answers sees asking. */
final class Reachability {

  private static final String WHOAMI = "/cgi-bin/whoami";

  private final Cluster cluster;
  private final List<Cluster.Pod> pods;
  private final List<Cluster.Node> nodes;

  /**
   * What {@code whoami} says.
   *
   * @param host who answered
   * @param seen the address it saw asking
   */
  record Answer(String host, String seen) {
    static Optional<Answer> of(Run curl) {
      String[] words = curl.output().strip().split(" ", -1);
      return curl.status() == 0 && words.length == 2
          ? Optional.of(new Answer(words[0], words[1].replaceFirst("^::ffff:", "")))
          : Optional.empty();
    }
  }

  /** One attempt: empty when all is well, else what is wrong. */
  private record Attempt(String what, Callable<String> failure) {}

  Reachability(Cluster cluster, List<Cluster.Pod> pods, List<Cluster.Node> nodes) {
    this.cluster = cluster;
    this.pods = pods;
    this.nodes = nodes;
  }

  /** Every pod pings every other. */
  KindReport.Check podsPingPods() {
    return pingAll("pod > pod, ping", pods.stream().map(Cluster.Pod::address).toList());
  }

  /** Every pod pings every node. */
  KindReport.Check podsPingNodes() {
    return pingAll("pod > node, ping", nodes.stream().map(Cluster.Node::address).toList());
  }

  /** Every node pings every pod. */
  KindReport.Check nodesPingPods() {
    List<String> targets = pods.stream().map(Cluster.Pod::address).toList();
    return together(
        "node > pod, ping",
        targets.size(),
        nodes,
        node -> unanswered(node.name(), targets, cluster.onNode(node.name(), fping(targets))));
  }

  private KindReport.Check pingAll(String name, List<String> targets) {
    return together(
        name,
        targets.size(),
        pods,
        pod -> unanswered(pod.name(), targets, cluster.inPod(pod.name(), fping(targets))));
  }

  private static String[] fping(List<String> targets) {
    List<String> words = new ArrayList<>(List.of("fping", "-a", "-r", "2", "-i", "1", "-t", "500"));
    words.addAll(targets);
    return words.toArray(String[]::new);
  }

  /** fping names those alive, a line each; among its lines are those of its errors. */
  private static List<String> unanswered(String from, List<String> targets, Run fping) {
    List<String> alive = fping.lines();
    return targets.stream()
        .filter(target -> !alive.contains(target))
        .map(target -> from + " > " + target + ": no answer")
        .toList();
  }

  /** Every pod asks every other by its address; the asker's own address is seen. */
  KindReport.Check podsAskPods() {
    List<Attempt> attempts = new ArrayList<>();
    for (Cluster.Pod from : pods) {
      for (Cluster.Pod to : pods) {
        attempts.add(
            new Attempt(
                from.name() + " > " + to.name(),
                () ->
                    judge(
                        curlInPod(from, to.address()),
                        answer ->
                            answer.host().equals(to.name())
                                && answer.seen().equals(from.address()))));
      }
    }
    return all("pod > pod, HTTP, source kept", attempts);
  }

  /**
   * Every pod asks a service.
   *
   * @param name what is looked at
   * @param host the service's address or name
   */
  KindReport.Check podsAskService(String name, String host) {
    List<Attempt> attempts = new ArrayList<>();
    for (Cluster.Pod from : pods) {
      attempts.add(
          new Attempt(
              from.name() + " > " + host,
              () -> judge(curlInPod(from, host), answer -> isPod(answer.host()))));
    }
    return all(name, attempts);
  }

  /** Every pod asks every pod by its own name in the headless service. */
  KindReport.Check podsAskPodsByName() {
    List<Attempt> attempts = new ArrayList<>();
    for (Cluster.Pod from : pods) {
      for (Cluster.Pod to : pods) {
        String host = to.name() + ".each";
        attempts.add(
            new Attempt(
                from.name() + " > " + host,
                () -> judge(curlInPod(from, host), answer -> answer.host().equals(to.name()))));
      }
    }
    return all("pod > pod, by name", attempts);
  }

  /** Every node asks a service's address. */
  KindReport.Check nodesAskService(String address) {
    List<Attempt> attempts = new ArrayList<>();
    for (Cluster.Node from : nodes) {
      attempts.add(
          new Attempt(
              from.name() + " > " + address,
              () ->
                  judge(
                      cluster.onNode(from.name(), curl(address)), answer -> isPod(answer.host()))));
    }
    return all("node > service", attempts);
  }

  /** The host outside asks a service at every node's port. */
  KindReport.Check outsideAsksNodePort(int port) {
    List<Attempt> attempts = new ArrayList<>();
    for (Cluster.Node node : nodes) {
      String host = node.address() + ":" + port;
      attempts.add(
          new Attempt(
              "outside > " + host,
              () -> judge(cluster.outside(curl(host)), answer -> isPod(answer.host()))));
    }
    return all("outside > node port > pod", attempts);
  }

  /** Every pod asks the host outside, which must see the address of the pod's node. */
  KindReport.Check podsAskOutside() {
    List<Attempt> attempts = new ArrayList<>();
    for (Cluster.Pod from : pods) {
      String node =
          nodes.stream()
              .filter(candidate -> candidate.name().equals(from.node()))
              .map(Cluster.Node::address)
              .findFirst()
              .orElse("?");
      attempts.add(
          new Attempt(
              from.name() + " > outside, as " + node,
              () -> judge(curlInPod(from, Cluster.OUTSIDE), answer -> answer.seen().equals(node))));
    }
    return all("pod > outside, masqueraded", attempts);
  }

  private boolean isPod(String host) {
    return pods.stream().anyMatch(pod -> pod.name().equals(host));
  }

  private Run curlInPod(Cluster.Pod pod, String host) {
    return cluster.inPod(pod.name(), curl(host));
  }

  private static String[] curl(String host) {
    return new String[] {"curl", "-sS", "--max-time", "5", "http://" + host + WHOAMI};
  }

  private static String judge(Run curl, Function<Answer, Boolean> right) {
    return Answer.of(curl).filter(right::apply).isPresent()
        ? ""
        : curl.output().strip().replace('\n', ' ');
  }

  private static KindReport.Check all(String name, List<Attempt> attempts) {
    return together(
        name,
        1,
        attempts,
        attempt -> {
          try {
            String failure = attempt.failure().call();
            return failure.isEmpty() ? List.of() : List.of(attempt.what() + ": " + failure);
          } catch (Exception e) {
            return List.of(attempt.what() + ": " + e.getMessage());
          }
        });
  }

  /**
   * Does something for all, a few at a time.
   *
   * @param each how many attempts one of them makes
   */
  private static <T> KindReport.Check together(
      String name, int each, List<T> all, Function<T, List<String>> work) {
    List<String> failures = new ArrayList<>();
    try (var executor = Executors.newFixedThreadPool(4)) {
      List<Future<List<String>>> futures =
          all.stream().map(one -> executor.submit(() -> work.apply(one))).toList();
      for (Future<List<String>> future : futures) {
        failures.addAll(future.get());
      }
    } catch (ExecutionException e) {
      throw new LabException("%s: %s", name, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("%s: interrupted", name);
    }
    int tried = each * all.size();
    return new KindReport.Check(name, tried, tried - failures.size(), List.copyOf(failures));
  }
}
