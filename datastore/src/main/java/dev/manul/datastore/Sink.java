package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Resource;

/** Receives what a watch sees. */
public interface Sink<R extends Resource> {

  /** A resource is there: new, changed, or found in the first listing. */
  void present(R resource);

  /** A resource is gone. */
  void absent(Key key);

  /** Everything stored when the watch began has been told. Called once. */
  void synced();

  /**
   * Something stored cannot be read, such as a hand-edited file with an error in it. The last good
   * version stays in force.
   *
   * @param problem one line that names the file and what is wrong
   */
  default void broken(String problem) {}

  /** Everything stored can be read again; follows a {@link #broken}. */
  default void mended() {}
}
