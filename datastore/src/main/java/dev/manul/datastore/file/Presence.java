package dev.manul.datastore.file;

import dev.manul.datastore.DatastoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * Tells a store that is away from one that is empty. A directory that was moved, unmounted or made
 * anew looks like one in which everything was deleted, and whoever took it for that would take down
 * a working network. So a store is its directory as it was opened: the same device and inode.
 */
final class Presence {
  private final Path directory;
  private final Object identity;

  private Presence(Path directory, Object identity) {
    this.directory = directory;
    this.identity = identity;
  }

  static Presence of(Path directory) throws IOException {
    return new Presence(directory, identity(directory));
  }

  private static Object identity(Path directory) throws IOException {
    return Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
  }

  boolean isThere() {
    try {
      return Objects.equals(identity(directory), identity);
    } catch (IOException e) {
      return false;
    }
  }

  /** What is wrong while the store is away. */
  String problem() {
    return "the datastore "
        + directory
        + " is away, or another directory in its place; what was last read stays in force";
  }

  /**
   * Refuses to go on while the store is away.
   *
   * @throws DatastoreException naming the directory
   */
  void require() {
    if (!isThere()) {
      throw new DatastoreException(problem());
    }
  }
}
