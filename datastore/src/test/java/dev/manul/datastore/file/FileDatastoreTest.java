package dev.manul.datastore.file;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class FileDatastoreTest extends DatastoreContract {
  @TempDir Path directory;

  @Override
  protected Datastore open() {
    return FileDatastore.open(directory);
  }
}
