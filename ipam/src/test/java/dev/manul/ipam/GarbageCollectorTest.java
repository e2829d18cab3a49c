package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who collects, and when, with threads and time as they are. */
class GarbageCollectorTest {
  private final MemoryDatastore datastore = new MemoryDatastore();
  private final Ipam ipam = new Ipam(datastore, Clock.systemUTC());

  GarbageCollectorTest() {
    Fixtures.store(
        datastore,
        Fixtures.pool("pool", "10.244.0.0/24", 29),
        Fixtures.node("n1", Map.of()),
        Fixtures.node("n2", Map.of()));
  }

  @AfterEach
  void close() {
    datastore.close();
  }

  private GarbageCollector collector(String candidate, Duration grace) {
    return GarbageCollector.start(
        datastore, ipam, new GarbageOptions(candidate, PodSource.PODS, grace), Clock.systemUTC());
  }

  private Address allocate(String node, String pod) {
    Address address =
        ipam.autoAssign(
                Fixtures.request(node, "net." + pod, 1)
                    .withAttributes(Map.of("namespace", "default", "pod", pod, "node", node)))
            .addresses()
            .getFirst();
    datastore.create(
        new Pod(
            Metadata.named("default", pod),
            new Pod.Spec(node, "", false, List.of()),
            new Pod.Status("Running", "", List.of(address.toString()))));
    return address;
  }

  private void deletePod(String pod) {
    datastore.get(Pod.KIND, new Key("default", pod)).ifPresent(datastore::delete);
  }

  @Test
  void aPodThatWentMakesACandidateAndThenAFreeAddress() {
    Address address = allocate("n1", "web");
    try (GarbageCollector collector = collector("n1", Duration.ofSeconds(2))) {
      await().until(() -> collector.status().lastPass().isPresent());
      deletePod("web");
      await().until(() -> collector.status().releasedAddresses() == 1);
      assertThat(ipam.lookup(address)).isEmpty();
      assertThat(collector.status().leading()).isTrue();
      assertThat(collector.status().problem()).isEmpty();
    }
  }

  @Test
  void aNodeThatWentIsCleanedUpWithoutWaitingForTheGrace() {
    allocate("n2", "web");
    try (GarbageCollector collector = collector("n1", Duration.ofDays(1))) {
      await().until(() -> collector.status().lastPass().isPresent());
      deletePod("web");
      await().until(() -> collector.status().candidates() == 1);
      datastore.get(Node.KIND, Key.of("n2")).ifPresent(datastore::delete);
      await().until(() -> collector.status().releasedBlocks() == 1);
      assertThat(collector.status().releasedAddresses()).isEqualTo(1);
      assertThat(ipam.ownBlocks("n2")).isEmpty();
    }
  }

  @Test
  void oneCollectsAndTheOtherTakesOver() {
    GarbageCollector first = collector("n1", Duration.ofDays(1));
    await().until(() -> first.status().leading());
    try (GarbageCollector second = collector("n2", Duration.ofDays(1))) {
      assertThat(second.status().leading()).isFalse();
      assertThat(second.status().lastPass()).isEmpty();
      first.close();
      assertThat(first.status().leading()).isFalse();
      await().until(() -> second.status().lastPass().isPresent());
      assertThat(second.status().leading()).isTrue();
    }
  }
}
