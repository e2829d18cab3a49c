package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.ForwardingDatastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A datastore that does not answer for one kind, while its watches go on. */
final class UnreadableDatastore extends ForwardingDatastore {
  private final AtomicReference<Kind<?>> refused = new AtomicReference<>();

  UnreadableDatastore(Datastore behind) {
    super(behind);
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
    return real.get(kind, key);
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    if (kind.equals(refused.get())) {
      throw new DatastoreException("list " + kind + ": no answer");
    }
    return real.list(kind, selection);
  }
}
