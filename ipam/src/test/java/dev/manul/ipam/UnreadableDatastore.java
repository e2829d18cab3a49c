package dev.manul.ipam;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A datastore that does not answer for one kind, while its watches go on. */
final class UnreadableDatastore implements Datastore {
  private final Datastore behind;
  private final AtomicReference<Kind<?>> refused = new AtomicReference<>();

  UnreadableDatastore(Datastore behind) {
    this.behind = behind;
  }

  void refuse(Kind<?> kind) {
    refused.set(kind);
  }

  void refuseNothing() {
    refused.set(null);
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    if (kind.equals(refused.get())) {
      throw new DatastoreException("get " + kind + " " + key + ": no answer");
    }
    return behind.get(kind, key);
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    if (kind.equals(refused.get())) {
      throw new DatastoreException("list " + kind + ": no answer");
    }
    return behind.list(kind, selection);
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    return behind.create(resource);
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    return behind.update(resource);
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    return behind.delete(resource);
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    return behind.watch(kind, selection, sink);
  }

  @Override
  public Campaign campaign(String office, String candidate, Campaign.Listener listener) {
    return behind.campaign(office, candidate, listener);
  }

  @Override
  public void close() {}
}
