package dev.manul.cli;

import dev.manul.model.NodeTrace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Tries every path between some ends. */
final class PathMatrix {
  /** How many paths are tried at a time: each takes an agent a thread, for a second at most. */
  private static final int AT_A_TIME = 16;

  /** A trace of each failing path would take long where all fail for one reason. */
  private static final int MOST_TRACES = 20;

  private static final int AGAIN_MILLIS = 200;

  private final Tracer tracer;
  private final Set<String> asked;
  private final FlowOptions.Chosen flow;
  private final Consumer<String> progress;

  /**
   * @param asked the nodes whose agents can be asked
   */
  PathMatrix(Tracer tracer, Set<String> asked, FlowOptions.Chosen flow, Consumer<String> progress) {
    this.tracer = tracer;
    this.asked = asked;
    this.flow = flow;
    this.progress = progress;
  }

  /** What came of a path. */
  enum Result {
    REACHED,
    FAILED,
    /** Nobody could be asked to try it. */
    UNTRIED
  }

  /**
   * A path.
   *
   * @param detail what the probe said
   * @param broken the hop that a trace has named; empty where none was made or none is broken
   */
  record Path(FlowEnd from, FlowEnd to, Result result, String detail, Optional<TracedHop> broken) {

    private Map<String, Object> tree() {
      return Json.object(
          "from",
          from.name(),
          "fromNode",
          from.node(),
          "to",
          to.name(),
          "toNode",
          to.node(),
          "result",
          result.name().toLowerCase(Locale.ROOT),
          "detail",
          detail,
          "broken",
          broken.map(TracedHop::tree).orElse(null));
    }
  }

  /** All paths. */
  record Report(FlowOptions.Chosen flow, List<Path> paths) {
    long count(Result result) {
      return paths.stream().filter(path -> path.result() == result).count();
    }

    int exitCode() {
      if (count(Result.FAILED) > 0) {
        return ExitCode.BROKEN;
      }
      return count(Result.UNTRIED) > 0 ? ExitCode.UNDECIDED : ExitCode.OK;
    }

    /** The count, then a line for each path that was not reached. */
    String text() {
      StringBuilder text = new StringBuilder();
      text.append(
          "%d paths (%s): %d reached, %d failed, %d not tried%n"
              .formatted(
                  paths.size(),
                  flow.text(),
                  count(Result.REACHED),
                  count(Result.FAILED),
                  count(Result.UNTRIED)));
      if (count(Result.REACHED) == paths.size()) {
        return text.toString();
      }
      Table table = new Table(List.of("FROM", "TO", "RESULT", "BROKEN AT", "WHY"));
      for (Path path : paths) {
        if (path.result() != Result.REACHED) {
          table.add(
              List.of(
                  path.from().name(),
                  path.to().name(),
                  path.result() == Result.FAILED ? "failed" : "not tried",
                  path.broken().map(hop -> hop.name() + " on " + hop.node()).orElse("-"),
                  path.broken().map(TracedHop::summary).orElse(path.detail())));
        }
      }
      return text.append('\n').append(table.text().stripTrailing()).append('\n').toString();
    }

    Map<String, Object> tree() {
      return Json.object(
          "flow",
          flow.text(),
          "reached",
          count(Result.REACHED),
          "failed",
          count(Result.FAILED),
          "untried",
          count(Result.UNTRIED),
          "paths",
          paths.stream().map(Path::tree).toList());
    }
  }

  private record Pair(FlowEnd from, FlowEnd to) {}

  /**
   * Tries all.
   *
   * @param patience how long those that fail, or are not known to their agent, are tried again
   */
  Report run(List<FlowEnd> ends, Duration patience) {
    List<Pair> pairs = new ArrayList<>();
    for (FlowEnd from : ends) {
      for (FlowEnd to : ends) {
        if (!from.equals(to)) {
          pairs.add(new Pair(from, to));
        }
      }
    }
    progress.accept("%d pods, %d paths".formatted(ends.size(), pairs.size()));
    long deadline = System.nanoTime() + patience.toNanos();
    List<Path> paths = tryAll(pairs);
    long told = 0;
    for (long open = open(paths);
        open > 0 && System.nanoTime() - deadline < 0 && Repeat.pause(AGAIN_MILLIS);
        open = open(paths)) {
      if (open != told) {
        progress.accept("paths that do not work yet, and are tried again: %d".formatted(open));
        told = open;
      }
      paths = again(paths);
    }
    return new Report(flow, traced(paths));
  }

  private long open(List<Path> paths) {
    return paths.stream().filter(this::isOpen).count();
  }

  /** Whether it may come out otherwise soon; an agent may not know a new pod yet. */
  private boolean isOpen(Path path) {
    return path.result() == Result.FAILED
        || (path.result() == Result.UNTRIED && asked.contains(path.from().node()));
  }

  private List<Path> again(List<Path> paths) {
    List<Path> second =
        tryAll(
            paths.stream()
                .filter(this::isOpen)
                .map(path -> new Pair(path.from(), path.to()))
                .toList());
    List<Path> all = new ArrayList<>();
    int next = 0;
    for (Path path : paths) {
      all.add(isOpen(path) ? second.get(next++) : path);
    }
    return all;
  }

  private List<Path> tryAll(List<Pair> pairs) {
    List<Path> paths = new ArrayList<>();
    try (ExecutorService pool =
        Executors.newFixedThreadPool(AT_A_TIME, Thread.ofVirtual().factory())) {
      List<Future<Path>> running =
          pairs.stream().map(pair -> pool.submit(() -> tryOne(pair))).toList();
      for (Future<Path> one : running) {
        paths.add(one.get());
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    }
    return paths;
  }

  private Path tryOne(Pair pair) {
    if (!asked.contains(pair.from().node())) {
      return new Path(
          pair.from(),
          pair.to(),
          Result.UNTRIED,
          "the agent of node " + pair.from().node() + " cannot be asked from here",
          Optional.empty());
    }
    Tracer.Tried tried = tracer.attempt(pair.from(), pair.to(), flow);
    Result result =
        switch (tried.status()) {
          case NodeTrace.OK -> Result.REACHED;
          case NodeTrace.BROKEN -> Result.FAILED;
          default -> Result.UNTRIED;
        };
    return new Path(pair.from(), pair.to(), result, tried.summary(), Optional.empty());
  }

  /** Those that fail, with the hop at which they do. */
  private List<Path> traced(List<Path> paths) {
    List<Path> all = new ArrayList<>();
    int traces = 0;
    for (Path path : paths) {
      if (path.result() == Result.FAILED && traces++ < MOST_TRACES) {
        progress.accept("tracing " + path.from().name() + " to " + path.to().name());
        all.add(
            new Path(
                path.from(),
                path.to(),
                path.result(),
                path.detail(),
                tracer.trace(path.from(), path.to(), flow).broken()));
      } else {
        all.add(path);
      }
    }
    if (traces > MOST_TRACES) {
      progress.accept("only the first %d of %d were traced".formatted(MOST_TRACES, traces));
    }
    return all;
  }
}
