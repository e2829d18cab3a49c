package dev.manul.datastore.file;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files that are there whole or not at all, also when the process dies: written aside and renamed
 * into place. When content and directory are synced, that holds for a crash of the machine as well.
 */
final class AtomicFile {

  /** Files of writers that died; no writer takes as long. */
  private static final Duration LEFT_OVER = Duration.ofMinutes(1);

  private static final String PROCESS =
      Long.toHexString(ThreadLocalRandom.current().nextLong()) + "-";
  private static final AtomicLong COUNT = new AtomicLong();

  private AtomicFile() {}

  /**
   * Writes a file aside; to be renamed or deleted by the caller.
   *
   * @param sync whether its content is on the disk before this returns
   */
  static Path prepare(Path temporary, byte[] content, boolean sync) throws IOException {
    Path file = temporary.resolve(PROCESS + COUNT.incrementAndGet());
    // unlike a channel, a stream is not closed when its writer is interrupted
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      out.write(content);
      if (sync) {
        out.getFD().sync();
      }
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    return file;
  }

  static void rename(Path prepared, Path target) throws IOException {
    Files.move(
        prepared, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  static void syncDirectory(Path directory) throws IOException {
    boolean interrupted = Thread.interrupted(); // a channel would be closed by it
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  static void write(Path temporary, Path target, byte[] content) throws IOException {
    rename(prepare(temporary, content, true), target);
    syncDirectory(target.getParent());
  }

  /** Removes what writers that died have left. */
  static void sweep(Path temporary) throws IOException {
    Instant limit = Instant.now().minus(LEFT_OVER);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary)) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
