package dev.manul.datastore.file;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.nio.file.Path;
import java.util.Optional;

/** Resources in a directory of YAML files. */
public final class FileDatastore implements Datastore {
  private final Path directory;

  private FileDatastore(Path directory) {
    this.directory = directory;
  }

  /** Opens a directory, which is made when it is not there. */
  public static FileDatastore open(Path directory) {
    return new FileDatastore(directory);
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    throw new UnsupportedOperationException(directory.toString());
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
