package dev.manul.datastore.memory;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreContract;

final class MemoryDatastoreTest extends DatastoreContract {
  @Override
  protected Datastore open() {
    return new MemoryDatastore();
  }
}
