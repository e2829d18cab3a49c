package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.Selection;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.model.Address;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.WorkloadEndpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that share one directory. */
class ManyProcessesIT {
  @TempDir Path directory;

  private record Started(Process process, BufferedReader out, Path addresses, Path errors) {}

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void eightNodesTakeTwoThousandAddressesEach() throws Exception {
    run("agents", 8, 2_000, 0, process -> "node" + process);
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void processesOfOneNodeTakeAndGiveBack() throws Exception {
    run("one node", 4, 24, 12, process -> "node");
    try (FileDatastore datastore = FileDatastore.open(directory.resolve("store"))) {
      assertThat(new Ipam(datastore, Clock.systemUTC()).reclaim().repairs()).isEmpty();
    }
  }

  private void run(String what, int processes, int count, int released, IntFunction<String> node)
      throws Exception {
    Path store = directory.resolve("store");
    try (FileDatastore datastore = FileDatastore.open(store)) {
      Fixtures.store(
          datastore,
          Fixtures.pool("pool", "10.244.0.0/16", 26),
          Fixtures.configuration(true, 64, true, 0));
      List<Started> all = new ArrayList<>();
      try {
        for (int process = 0; process < processes; process++) {
          all.add(start(store, node.apply(process), "p" + process, count, released));
        }
        for (Started started : all) {
          assertThat(started.out().readLine()).isEqualTo("ready");
        }
        long start = System.nanoTime();
        for (Started started : all) {
          started.process().getOutputStream().write('\n');
          started.process().getOutputStream().flush();
        }
        List<Address> addresses = new ArrayList<>();
        List<String> times = new ArrayList<>();
        for (Started started : all) {
          times.add(started.out().readLine());
          assertThat(started.process().waitFor()).as(() -> read(started.errors())).isZero();
          Files.readAllLines(started.addresses())
              .forEach(line -> addresses.add(Address.parse(line)));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.err.printf(
            "%s: %d processes x %d addresses in %.1f s, %.0f allocations/s, milliseconds %s%n",
            what, processes, count, seconds, processes * count / seconds, times);
        assertThat(addresses).hasSize(processes * (count - released)).doesNotHaveDuplicates();
        verify(datastore, addresses);
        assertThat(seconds).isLessThan(120);
      } finally {
        all.forEach(started -> started.process().destroyForcibly());
      }
    }
  }

  /** The check of all that is stored, with an endpoint for each address. */
  private static void verify(FileDatastore datastore, List<Address> addresses) {
    List<WorkloadEndpoint> endpoints = new ArrayList<>();
    for (Address address : addresses) {
      endpoints.add(Fixtures.endpoint("n", "p" + endpoints.size(), address));
    }
    CheckReport report =
        ConsistencyCheck.of(
            new ConsistencyCheck.Stored(
                datastore.list(IPPool.KIND, Selection.ALL).items(),
                datastore.list(IPAMBlock.KIND, Selection.ALL).items(),
                datastore.list(BlockAffinity.KIND, Selection.ALL).items(),
                datastore.list(IPAMHandle.KIND, Selection.ALL).items(),
                List.of(),
                endpoints,
                List.of()));
    assertThat(report.problems()).isEmpty();
    assertThat(report.allocations()).hasSameSizeAs(addresses);
  }

  private Started start(Path store, String node, String handles, int count, int released)
      throws IOException {
    Path addresses = directory.resolve(handles + ".addresses");
    Path errors = directory.resolve(handles + ".errors");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                AllocatingProcess.class.getName(),
                store.toString(),
                node,
                handles,
                Integer.toString(count),
                Integer.toString(released),
                addresses.toString())
            .redirectError(errors.toFile())
            .start();
    return new Started(process, process.inputReader(StandardCharsets.UTF_8), addresses, errors);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
