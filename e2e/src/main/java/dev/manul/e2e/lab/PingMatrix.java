package dev.manul.e2e.lab;

import dev.manul.e2e.LabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Which pods hear an answer from which. */
public final class PingMatrix {

  private final List<Pod> pods;
  private final List<Set<String>> alive = new ArrayList<>();

  /** A sender and a receiver. */
  public record Pair(Pod from, Pod to) {
    @Override
    public String toString() {
      return from.name() + " > " + to.name();
    }
  }

  private PingMatrix(List<Pod> pods) {
    this.pods = pods;
  }

  /** Every pod asks every other, up to three times, all at once. */
  public static PingMatrix take(Lab lab) {
    var matrix = new PingMatrix(lab.pods());
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Set<String>>> answers =
          matrix.pods.stream().map(from -> executor.submit(() -> matrix.ask(from))).toList();
      for (Future<Set<String>> answer : answers) {
        matrix.alive.add(answer.get());
      }
    } catch (ExecutionException e) {
      throw new LabException("fping: %s", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("fping: interrupted");
    }
    return matrix;
  }

  /** The addresses that answer a pod. */
  private Set<String> ask(Pod from) {
    List<String> fping =
        new ArrayList<>(List.of("fping", "-q", "-a", "-r", "2", "-i", "1", "-t", "500"));
    pods.stream().filter(pod -> !pod.equals(from)).map(Pod::address).forEach(fping::add);
    return Set.copyOf(Run.of(Run.inNamespace(from.networkNamespace(), fping)).lines());
  }

  /** The pairs without an answer. */
  public List<Pair> unanswered() {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < pods.size(); i++) {
      for (Pod to : pods) {
        if (!to.equals(pods.get(i)) && !alive.get(i).contains(to.address())) {
          pairs.add(new Pair(pods.get(i), to));
        }
      }
    }
    return pairs;
  }

  /** The same in words. */
  public List<String> silent() {
    return unanswered().stream().map(Pair::toString).toList();
  }

  /** How many pairs there are. */
  public int pairs() {
    return pods.size() * (pods.size() - 1);
  }

  /** A table: a row for each sender, a column for each receiver. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder(" ".repeat(37));
    for (int i = 0; i < pods.size(); i++) {
      head.append(String.format(Locale.ROOT, "%3d", i + 1));
    }
    lines.add(head.toString());
    for (int i = 0; i < pods.size(); i++) {
      StringBuilder row = new StringBuilder();
      Pod from = pods.get(i);
      row.append(String.format(Locale.ROOT, "%2d %-18s %-15s", i + 1, from.name(), from.address()));
      for (Pod to : pods) {
        row.append(to.equals(from) ? "  ." : alive.get(i).contains(to.address()) ? " ok" : " --");
      }
      lines.add(row.toString());
    }
    return lines;
  }
}
