package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteResult;
import dev.manul.model.ClusterInformation;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import java.util.Optional;
import java.util.UUID;

/** What a datastore says of the cluster it is of, and whether somebody has locked it. */
final class ClusterIdentity {
  private ClusterIdentity() {}

  /** What the datastore says; empty before the first agent or lock. */
  static Optional<ClusterInformation> of(Datastore datastore) {
    return datastore.get(ClusterInformation.KIND, ClusterInformation.DEFAULT_KEY);
  }

  static boolean locked(Datastore datastore) {
    return of(datastore).filter(ClusterInformation::locked).isPresent();
  }

  /** Locks or unlocks. A datastore that has no identity yet is given one. */
  static void lock(Datastore datastore, boolean locked) {
    Writes writes = new Writes(datastore);
    if (of(datastore).isEmpty()) {
      WriteResult<ClusterInformation> _ =
          datastore.create( // who comes first makes it, and both go on from there
              new ClusterInformation(
                  Metadata.named(ClusterInformation.DEFAULT_NAME),
                  new ClusterInformation.Spec(
                      UUID.randomUUID().toString().replace("-", ""),
                      null,
                      null,
                      true,
                      ClusterInformation.VARIANT)));
    }
    if (locked(datastore) != locked) {
      ClusterInformation _ =
          writes.change(
              ClusterInformation.KIND,
              ClusterInformation.DEFAULT_KEY,
              stored -> stored.withSpec(stored.spec().withDatastoreReady(!locked)));
    }
  }

  /** Refuses a kind that no user writes, as calicoctl does. */
  static void mustBeWritable(Kind<?> kind) {
    if (kind.equals(ClusterInformation.KIND)) {
      throw CommandFailure.failed(
          "ClusterInformation is read-only; agents write it, and manulctl datastore migrate lock"
              + " and unlock");
    }
  }
}
