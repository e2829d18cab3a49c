package dev.manul.datastore;

import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.WorkloadEndpoint;
import java.time.Duration;
import java.util.Map;

/** Some kinds are known by heart, and nothing else changes. */
class WatchedDatastoreContractTest extends DatastoreContract {

  @Override
  protected Datastore open() {
    WatchedDatastore watched =
        new WatchedDatastore(
            new MemoryDatastore(),
            Map.of(
                IPPool.KIND, Selection.ALL,
                IPAMHandle.KIND, Selection.ALL,
                WorkloadEndpoint.KIND, Selection.inNamespace("ns1")));
    watched.awaitSynced(Duration.ofSeconds(10));
    return watched;
  }
}
