package dev.manul.datastore.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Keeps files that were replaced or deleted, and writes new ones into them. A file system does not
 * give an inode that was freed lately to a new file and passes over each of them when it looks for
 * one: where programs write several hundred files a second, ext4 spends a third of a millisecond on
 * that with each.
 *
 * <p>Only files that this process has written itself, and which have no other name, are kept. They
 * are used in the order in which they came, so that whoever still reads one has the time of many
 * writes to end; who needs to be sure compares {@link FileIdentity} before and after. What is
 * written is not on the disk: a crash of the machine may leave what the file was before.
 *
 * <p>Thread-safe.
 */
final class SpareFiles {

  /** Beyond this many, files are removed. */
  private static final int MOST = 64;

  /** As long as fewer are there, a new file is made: readers of the old ones need time. */
  private static final int FEWEST = 8;

  private final Path directory;
  private final String process = Long.toHexString(ThreadLocalRandom.current().nextLong()) + "-s";
  private final Deque<Path> spares = new ArrayDeque<>(MOST); // guarded by this
  private long count; // guarded by this

  /**
   * @param directory where they are; one that nobody watches, of the file system of all files
   */
  SpareFiles(Path directory) {
    this.directory = directory;
  }

  /** Writes a file aside; to be renamed or deleted by the caller. */
  Path write(byte[] content) throws IOException {
    Path file = next();
    try {
      overwrite(file, content);
    } catch (IOException e) {
      if (Files.isDirectory(directory)) {
        throw e;
      }
      Files.createDirectory(directory);
      overwrite(file, content);
    }
    return file;
  }

  private static void overwrite(Path file, byte[] content) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(content);
      if (out.length() > content.length) {
        out.setLength(content.length);
      }
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  private synchronized Path next() {
    return spares.size() > FEWEST ? spares.remove() : fresh();
  }

  private synchronized Path fresh() {
    return directory.resolve(process + ++count);
  }

  private synchronized boolean full() {
    return spares.size() >= MOST;
  }

  /** Renames a file that was written aside into place, and keeps the one that was there. */
  void replace(Path written, Path target) throws IOException {
    Path kept = full() ? null : link(target);
    AtomicFile.rename(written, target);
    if (kept != null) {
      keep(kept);
    }
  }

  /** Gives a file a second name, by which it is kept; null where that cannot be. */
  private Path link(Path target) {
    Path spare = fresh();
    try {
      Files.createLink(spare, target);
      if (Files.getAttribute(spare, "unix:nlink") instanceof Integer links && links == 2) {
        return spare;
      }
      Files.delete(spare); // it has a third name: somebody's copy
    } catch (IOException | UnsupportedOperationException e) {
      // not on this file system; the rename frees the old file then
    }
    return null;
  }

  /** Removes a file from its place. */
  void remove(Path file) throws IOException {
    if (full()
        || !(Files.getAttribute(file, "unix:nlink") instanceof Integer links)
        || links != 1) {
      Files.delete(file);
      return;
    }
    Path spare = fresh();
    AtomicFile.rename(file, spare);
    keep(spare);
  }

  private synchronized void keep(Path spare) {
    spares.add(spare);
  }
}
