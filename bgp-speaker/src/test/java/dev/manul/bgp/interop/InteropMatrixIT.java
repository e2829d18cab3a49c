package dev.manul.bgp.interop;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code manul-bgp} and other BGP daemons, feature by feature. All peers run at the same time, each
 * in a lab of its own, since most of their time is waiting. What is seen is the table in
 * docs/bgp-interop.md, which is written anew where MANUL_INTEROP_WRITE is set.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InteropMatrixIT {
  private static final Logger log = LoggerFactory.getLogger(InteropMatrixIT.class);
  private static final int AT_ONCE = 6;

  /** Names of peers, with commas between, when only some are to run. */
  private static final String ONLY = System.getenv().getOrDefault("MANUL_INTEROP_PEERS", "");

  private final Map<Peer, InteropTable.Column> columns = new EnumMap<>(Peer.class);

  private static List<Peer> peers() {
    return Arrays.stream(Peer.values())
        .filter(p -> ONLY.isEmpty() || List.of(ONLY.split(",")).contains(p.name()))
        .toList();
  }

  @BeforeAll
  void runAll() throws IOException, InterruptedException, ExecutionException {
    Installation.provide();
    Map<Peer, Future<InteropTable.Column>> futures = new EnumMap<>(Peer.class);
    try (ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE)) {
      for (Peer peer : peers()) {
        futures.put(peer, executor.submit(() -> column(peer)));
      }
    }
    for (Map.Entry<Peer, Future<InteropTable.Column>> each : futures.entrySet()) {
      columns.put(each.getKey(), each.getValue().get());
    }
  }

  private static InteropTable.Column column(Peer peer) throws Exception {
    try (PeerRun run = new PeerRun(peer)) {
      new Stages(run).all();
      log.info("{} took {} s", peer, run.seconds());
      return new InteropTable.Column(peer.title(), run.version, run.outcomes(), run.recorded());
    }
  }

  @TestFactory
  Stream<DynamicNode> peer() {
    return columns.entrySet().stream()
        .map(
            each ->
                dynamicContainer(
                    each.getKey().title(),
                    each.getValue().outcomes().entrySet().stream()
                        .map(e -> dynamicTest(e.getKey().title(), () -> judge(e.getValue())))));
  }

  private static void judge(Outcome outcome) throws Throwable {
    if (outcome instanceof Outcome.Fails(Throwable cause)) {
      throw cause;
    }
  }

  @Test
  void theTableInTheDocumentsIsWhatWasSeen() throws Exception {
    var table = new InteropTable(new ArrayList<>(columns.values()));
    if (System.getenv("MANUL_INTEROP_WRITE") != null) {
      table.write();
      Recording.write(columns.values());
    }
    table.compare(ONLY.isEmpty());
  }
}
