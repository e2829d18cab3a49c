package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.ForwardingDatastore;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.WriteRules;
import dev.manul.model.Resource;
import java.util.Optional;

/** A datastore that answers writes as the one behind it would, and leaves that as it is. */
final class Rehearsal extends ForwardingDatastore {

  Rehearsal(Datastore real) {
    super(real);
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    WriteRules.check(resource);
    Optional<R> stored = stored(resource);
    return stored.isPresent()
        ? new WriteResult.Conflict<>(stored)
        : new WriteResult.Written<>(resource);
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    WriteRules.check(resource);
    return succeeding(resource);
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    return succeeding(resource);
  }

  private <R extends Resource> WriteResult<R> succeeding(R resource) {
    Optional<R> stored = stored(resource);
    String version = resource.metadata().resourceVersion();
    boolean current =
        stored.isPresent()
            && (version.isEmpty() || version.equals(stored.get().metadata().resourceVersion()));
    return current ? new WriteResult.Written<>(resource) : new WriteResult.Conflict<>(stored);
  }

  @SuppressWarnings("unchecked") // a resource is of its kind's type
  private <R extends Resource> Optional<R> stored(R resource) {
    return (Optional<R>) real.get(resource.kind(), resource.key());
  }

  /** Closes the one behind as well, which nobody else has. */
  @Override
  public void close() {
    real.close();
  }
}
