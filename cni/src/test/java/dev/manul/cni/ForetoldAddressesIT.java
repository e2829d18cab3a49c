package dev.manul.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.cni.CniLab.Reply;
import dev.manul.cni.CniOptions.Division;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.memory.FaultyDatastore;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.ipam.AssignAddressRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Key;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.netlink.NetworkNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ADDs that go on with their addresses while these are being written. */
final class ForetoldAddressesIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  private final MemoryDatastore datastore = new MemoryDatastore();

  /** Is done once, before the server writes a block that was there already. */
  private final AtomicReference<Runnable> beforeWrite = new AtomicReference<>();

  private CniLab lab;
  private NetworkNamespace first;

  @BeforeEach
  void build(@TempDir Path directory) {
    CniLab.fill(datastore);
    lab = new CniLab(directory, datastore);
    lab.options(lab.options().withDivision(Division.FAR_DATASTORE));
    lab.start(seen(), Work.Stages.NONE);
    first = lab.pod();
    lab.add("c1", first, "web-0").ok(); // and the node has its block
  }

  @AfterEach
  void tearDown() {
    lab.close();
    datastore.close();
  }

  private Datastore seen() {
    return new FaultyDatastore(
        datastore,
        FaultyDatastore.Hook.beforeUpdates(
            IPAMBlock.class,
            () -> Optional.ofNullable(beforeWrite.getAndSet(null)).ifPresent(Runnable::run)));
  }

  /** The address that the second pod's endpoint says. */
  private Optional<Address> written() {
    return datastore
        .get(
            WorkloadEndpoint.KIND,
            new Key("default", WorkloadEndpoint.nameOf(CniLab.NODE, "web-1")))
        .map(endpoint -> endpoint.spec().ipNetworks().getFirst().address());
  }

  /** The address that is being written. */
  private Address awaitWritten() {
    await().atMost(SOON).until(() -> written().isPresent());
    return written().orElseThrow();
  }

  private void reaches(NetworkNamespace pod, String address) {
    CniLab.run(lab.host(), "ping", "-c", "1", "-W", "2", address);
    CniLab.run(pod, "ping", "-c", "1", "-W", "2", "10.1.5.10");
  }

  @Test
  void thePodIsWiredAndItsEndpointWrittenMeanwhile() {
    var meanwhile = new AtomicReference<Address>();
    beforeWrite.set(
        () -> {
          meanwhile.set(awaitWritten());
          await().atMost(SOON).until(() -> lab.hostRoutes().contains(meanwhile.get() + "/32"));
        });
    NetworkNamespace pod = lab.pod();
    String address = lab.add("c2", pod, "web-1").addresses().getFirst();
    assertThat(meanwhile.get()).hasToString(address);
    reaches(pod, address);
  }

  @Test
  void oneThatSomebodyElseTakesAtTheLastMomentIsReplaced() {
    var taken = new AtomicReference<Address>();
    beforeWrite.set(
        () -> {
          taken.set(awaitWritten());
          var _ =
              lab.ipam()
                  .assignAddress(
                      new AssignAddressRequest(
                          taken.get(),
                          CniLab.NODE,
                          IntendedUse.WORKLOAD,
                          Optional.of("other"),
                          Map.of()));
        });
    NetworkNamespace pod = lab.pod();
    String address = lab.add("c2", pod, "web-1").addresses().getFirst();

    assertThat(taken.get()).isNotNull().doesNotHaveToString(address);
    assertThat(written().orElseThrow()).hasToString(address);
    assertThat(lab.hostRoutes()).hasSize(2).contains(address + "/32").doesNotContain(taken + "/32");
    assertThat(CniLab.run(pod, "ip", "-o", "-4", "address", "show", "dev", "eth0"))
        .contains(address + "/32")
        .doesNotContain(taken + "/32");
    reaches(pod, address);

    lab.del("c2", pod, "web-1").ok();
    lab.del("c1", first, "web-0").ok();
    assertThat(lab.ipam().releaseByHandle("other", CniLab.NODE).released())
        .containsExactly(taken.get());
    lab.nothingIsLeft();
  }

  @Test
  void oneThatCannotBeWrittenLeavesNoEndpoint() {
    beforeWrite.set(
        () -> {
          Address _ = awaitWritten();
          throw new DatastoreException("the block cannot be written");
        });
    Reply refused = lab.add("c2", lab.pod(), "web-1");
    assertThat(refused.code()).isEqualTo(11);
    assertThat(refused.text()).contains("the block cannot be written");
    assertThat(lab.devices()).hasSize(1);
    assertThat(lab.hostRoutes()).hasSize(1);
    assertThat(written()).isEmpty();

    lab.del("c1", first, "web-0").ok();
    lab.nothingIsLeft();
  }
}
