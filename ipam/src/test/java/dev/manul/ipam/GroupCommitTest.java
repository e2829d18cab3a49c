package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.memory.FaultyDatastore;
import dev.manul.datastore.memory.FaultyDatastore.Operation;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many threads of one process share the writes of a node's blocks. */
class GroupCommitTest {
  private static final String NODE = "n1";

  private final ManualClock clock = new ManualClock();
  private final MemoryDatastore datastore = new MemoryDatastore(clock);

  @Test
  void whatWaitsGoesIntoOneWrite() throws Exception {
    AtomicInteger writes = new AtomicInteger();
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    AtomicBoolean holding = new AtomicBoolean();
    Ipam ipam =
        new Ipam(
            new FaultyDatastore(
                datastore,
                FaultyDatastore.Hook.beforeUpdates(
                    IPAMBlock.class,
                    () -> {
                      writes.incrementAndGet();
                      if (holding.compareAndSet(true, false)) {
                        first.countDown();
                        awaitUninterruptibly(mayGoOn);
                      }
                    })),
            clock);
    Fixtures.store(datastore, Fixtures.pool("pool", "10.244.0.0/24", 26));
    ipam.autoAssign(Fixtures.request(NODE, "released", 4));
    writes.set(0);
    holding.set(true);

    List<Thread> threads = new ArrayList<>();
    ConcurrentLinkedQueue<Address> got = new ConcurrentLinkedQueue<>();
    threads.add(
        Thread.ofPlatform()
            .start(() -> got.addAll(ipam.autoAssign(Fixtures.request(NODE, "h", 1)).addresses())));
    first.await();
    for (int i = 0; i < 20; i++) {
      String handle = "h" + i;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () ->
                      got.addAll(ipam.autoAssign(Fixtures.request(NODE, handle, 1)).addresses())));
    }
    threads.add(Thread.ofPlatform().start(() -> ipam.releaseByHandle("released", NODE)));
    List<Thread> waiting = threads.subList(1, threads.size());
    await().until(() -> waiting.stream().allMatch(t -> t.getState() == Thread.State.WAITING));
    mayGoOn.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(writes).hasValue(2);
    assertThat(new HashSet<>(got)).hasSize(21);
    assertThat(allocated()).isEqualTo(new HashSet<>(got));
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theLastAddressGoesToOneOfThoseThatWait() throws Exception {
    Fixtures.store(datastore, Fixtures.pool("pool", "10.244.0.0/29", 29));
    Ipam ipam = new Ipam(datastore, clock);
    assertThat(ipam.autoAssign(Fixtures.request(NODE, "a", 7)).complete()).isTrue();
    int complete = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<AssignmentResult>> futures = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String handle = "b" + i;
        futures.add(threads.submit(() -> ipam.autoAssign(Fixtures.request(NODE, handle, 1))));
      }
      for (Future<AssignmentResult> future : futures) {
        complete += future.get().complete() ? 1 : 0;
      }
    }
    assertThat(complete).isEqualTo(1);
    assertThat(allocated()).hasSize(8);
  }

  /** Threads that take and give back, two processes for one node, and writes that fail. */
  @ParameterizedTest
  @CsvSource({"1, 1, 0", "2, 1, 3", "3, 2, 0", "4, 2, 3", "5, 3, 6"})
  void noAddressTwiceAndNoneLost(long seed, int processes, int failuresInHundred) throws Exception {
    Fixtures.store(
        datastore,
        Fixtures.pool("pool", "10.244.0.0/21", 28),
        Fixtures.pool("six", "fd00::/117", 124));
    Map<Address, String> held = new ConcurrentHashMap<>();
    Set<String> unsure = ConcurrentHashMap.newKeySet();
    AtomicBoolean failing = new AtomicBoolean(true);
    AtomicInteger failures = new AtomicInteger();
    List<Ipam> clients = new ArrayList<>();
    for (int process = 0; process < processes; process++) {
      clients.add(client(seed * 31 + process, failuresInHundred, failing, failures));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(12)) {
      List<Future<?>> futures = new ArrayList<>();
      for (int thread = 0; thread < 12; thread++) {
        int number = thread;
        Ipam ipam = clients.get(thread % processes);
        futures.add(
            threads.submit(
                () ->
                    script(ipam, new SplittableRandom(seed * 100 + number), number, held, unsure)));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    }
    failing.set(false);
    assertThat(failures.get() > 0).isEqualTo(failuresInHundred > 0);

    // What failed may have been done or not; who wants to be sure gives it back, as CNI does.
    Ipam fresh = new Ipam(datastore, clock); // what another process did is not known to a client
    for (String handle : unsure) {
      ReleaseResult result = fresh.releaseByHandle(handle, NODE);
      result.released().forEach(address -> assertThat(held).doesNotContainKey(address));
    }
    assertThat(allocated()).isEqualTo(held.keySet());
    CheckReport report = clients.getFirst().check();
    assertThat(report.problems(CheckReport.Category.INVALID_BLOCK)).isEmpty();
    assertThat(report.problems(CheckReport.Category.ALLOCATION_WITHOUT_HANDLE)).isEmpty();
    held.forEach(
        (address, handle) ->
            assertThat(report.allocation(address).orElseThrow().allocation().handleId())
                .contains(handle));
    clients.getFirst().reclaim();
    assertThat(datastore.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
    assertThat(clients.getFirst().reclaim().repairs()).isEmpty();
  }

  private Ipam client(
      long seed, int failuresInHundred, AtomicBoolean failing, AtomicInteger failed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new Ipam(
        new FaultyDatastore(
            datastore,
            new FaultyDatastore.Hook() {
              @Override
              public void before(Operation operation, Resource resource) {
                fail("not sent");
              }

              @Override
              public void after(Operation operation, Resource resource, WriteResult<?> result) {
                fail("no answer");
              }

              private void fail(String message) {
                boolean fails;
                synchronized (random) {
                  fails = random.nextInt(200) < failuresInHundred;
                }
                if (fails && failing.get()) {
                  failed.incrementAndGet();
                  throw new DatastoreException(message);
                }
              }
            }),
        clock);
  }

  private static void script(
      Ipam ipam,
      SplittableRandom random,
      int thread,
      Map<Address, String> held,
      Set<String> unsure) {
    List<AssignmentResult.Assignment> mine = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      if (mine.isEmpty() || random.nextInt(5) < 3) {
        String handle = "h" + thread + "-" + i;
        try {
          AssignmentResult result =
              ipam.autoAssign(
                  Fixtures.request(NODE, handle, 1 + random.nextInt(2))
                      .withCounts(1, random.nextInt(2)));
          assertThat(result.complete()).as(() -> result.problems().toString()).isTrue();
          for (AssignmentResult.Assignment assignment : result.assignments()) {
            assertThat(held.putIfAbsent(assignment.address(), handle)).isNull();
            mine.add(assignment);
          }
        } catch (DatastoreException e) {
          unsure.add(handle);
        }
      } else {
        AssignmentResult.Assignment given = mine.remove(random.nextInt(mine.size()));
        String handle = held.remove(given.address());
        try {
          ReleaseResult result =
              ipam.release(
                  List.of(
                      new ReleaseRequest(
                          given.address(),
                          Optional.of(handle),
                          OptionalLong.of(given.sequenceNumber()))));
          assertThat(result.released()).containsExactly(given.address());
        } catch (DatastoreException e) {
          // Done or not: only this allocation may be given back again.
          mine.removeIf(other -> handle.equals(held.get(other.address())));
          held.values().removeIf(handle::equals);
          unsure.add(handle);
        }
      }
    }
  }

  private Set<Address> allocated() {
    Set<Address> all = new HashSet<>();
    for (IPAMBlock block : datastore.list(IPAMBlock.KIND, Selection.ALL).items()) {
      BlockArithmetic.allocations(block).forEach(a -> all.add(a.address()));
    }
    return all;
  }

  @Test
  void aWriteThatFailsIsEveryonesFailureAndNobodysAddress() {
    AtomicBoolean failing = new AtomicBoolean();
    Ipam ipam =
        new Ipam(
            new FaultyDatastore(
                datastore,
                FaultyDatastore.Hook.beforeUpdates(
                    IPAMBlock.class,
                    () -> {
                      if (failing.get()) {
                        throw new DatastoreException("away");
                      }
                    })),
            clock);
    Fixtures.store(datastore, Fixtures.pool("pool", "10.244.0.0/24", 28));
    ipam.autoAssign(Fixtures.request(NODE, "first", 1));
    failing.set(true);
    assertThatThrownBy(() -> ipam.autoAssign(Fixtures.request(NODE, "second", 1)))
        .isInstanceOf(DatastoreException.class)
        .hasMessage("away");
    failing.set(false);
    assertThat(allocated()).hasSize(1);
    assertThat(ipam.autoAssign(Fixtures.request(NODE, "third", 1)).complete()).isTrue();
    assertThat(allocated()).hasSize(2);
  }
}
