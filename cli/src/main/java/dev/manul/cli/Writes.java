package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteResult;
import dev.manul.ipam.Ipam;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import java.time.Clock;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Writes to a datastore that others write to at the same time. */
final class Writes {
  /** How often a write that lost a race is done anew, from what is stored then. */
  private static final int ATTEMPTS = 10;

  private final Datastore datastore;

  Writes(Datastore datastore) {
    this.datastore = datastore;
  }

  void create(Resource resource) {
    WriteResult<?> result =
        datastore.create(resource.withMetadata(resource.metadata().created("", "", "")));
    if (result instanceof WriteResult.Conflict<?>) {
      throw CommandFailure.failed("resource already exists: " + Stores.called(resource));
    }
  }

  /** Stores it, new or in place of what is stored, whatever version that has. */
  void apply(Resource resource) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<? extends Resource> stored = datastore.get(resource.kind(), resource.key());
      WriteResult<?> result =
          stored.isPresent()
              ? datastore.update(succeeding(stored.get(), resource))
              : datastore.create(resource.withMetadata(resource.metadata().created("", "", "")));
      if (result instanceof WriteResult.Written<?>) {
        return;
      }
    }
    throw contended(resource.kind(), resource.key());
  }

  /** Replaces what is stored; a version in the document must be the stored one. */
  void replace(Resource resource) {
    String wanted = resource.metadata().resourceVersion();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Resource stored = stored(resource.kind(), resource.key());
      if (!wanted.isEmpty() && !wanted.equals(stored.metadata().resourceVersion())) {
        throw CommandFailure.failed(
            "update conflict: "
                + Stores.called(resource)
                + " has been changed since; read it again and repeat");
      }
      if (datastore.update(succeeding(stored, resource)) instanceof WriteResult.Written<?>) {
        return;
      }
    }
    throw contended(resource.kind(), resource.key());
  }

  /** Changes what is stored. */
  <R extends Resource> R change(Kind<R> kind, Key key, UnaryOperator<R> change) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (datastore.update(change.apply(stored(kind, key)))
          instanceof WriteResult.Written<R>(R written)) {
        return written;
      }
    }
    throw contended(kind, key);
  }

  /**
   * Deletes a resource. A pool first stops giving out addresses and its blocks become nobody's;
   * pods keep the addresses they have. Blocks are released once more when the pool is gone, for a
   * node that was in the middle of claiming one.
   */
  <R extends Resource> void delete(Kind<R> kind, Key key, Clock clock) {
    R stored = stored(kind, key);
    if (stored instanceof IPPool pool) {
      change(IPPool.KIND, key, now -> now.withSpec(now.spec().withDisabled(true)));
      Ipam ipam = Ipam.overLock(datastore, clock);
      ipam.releasePoolAffinities(pool.spec().cidr());
      deleteAsIs(kind, key);
      ipam.releasePoolAffinities(pool.spec().cidr());
    } else {
      deleteAsIs(kind, key);
    }
  }

  /** Deletes a resource and leaves everything else as it is. */
  <R extends Resource> void deleteAsIs(Kind<R> kind, Key key) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (datastore.delete(stored(kind, key)) instanceof WriteResult.Written<?>) {
        return;
      }
    }
    throw contended(kind, key);
  }

  private <R extends Resource> R stored(Kind<R> kind, Key key) {
    return datastore.get(kind, key).orElseThrow(() -> missing(kind, key));
  }

  static CommandFailure missing(Kind<?> kind, Key key) {
    return CommandFailure.failed("resource does not exist: " + Stores.called(kind, key.toString()));
  }

  private static CommandFailure contended(Kind<?> kind, Key key) {
    return CommandFailure.failed(
        "update conflict: "
            + Stores.called(kind, key.toString())
            + " was changed by others "
            + ATTEMPTS
            + " times in a row; try again");
  }

  /**
   * The new resource as the successor of the stored one: of its identity and version, and with its
   * status unless the document brings one, since a status is what agents say and not what users
   * want.
   */
  static Resource succeeding(Resource stored, Resource changed) {
    Metadata old = stored.metadata();
    Resource successor =
        changed.withMetadata(
            changed.metadata().created(old.uid(), old.creationTimestamp(), old.resourceVersion()));
    return switch (successor) {
      case IPPool pool when pool.status().conditions().isEmpty() ->
          new IPPool(pool.metadata(), pool.spec(), ((IPPool) stored).status());
      case Node node when node.status().equals(Node.Status.EMPTY) ->
          node.withStatus(((Node) stored).status());
      default -> successor;
    };
  }
}
