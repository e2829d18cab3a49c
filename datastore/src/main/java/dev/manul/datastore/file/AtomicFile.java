package dev.manul.datastore.file;

import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files that are there whole or not at all, also when the process dies: written aside and renamed
 * into place. When content and directory are synced, that holds for a crash of the machine as well.
 */
final class AtomicFile {

  /** Files of writers that died; no writer takes as long. */
  private static final Duration LEFT_OVER = Duration.ofMinutes(1);

  private static final Set<PosixFilePermission> OWNER_ALONE =
      Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private static final String PROCESS =
      Long.toHexString(ThreadLocalRandom.current().nextLong()) + "-";
  private static final AtomicLong COUNT = new AtomicLong();

  private AtomicFile() {}

  /**
   * Writes a file aside, synced; to be renamed or deleted by the caller.
   *
   * @param aside the directory for that, made when it is not there. It is one that nobody watches:
   *     whoever watches the target's directory is told of the rename alone
   * @param secret whether nobody but its owner may read it
   */
  static Path prepare(Path aside, byte[] content, boolean secret) throws IOException {
    Path file = aside.resolve(PROCESS + COUNT.incrementAndGet());
    try {
      write(file, content, secret);
    } catch (FileNotFoundException | NoSuchFileException e) {
      if (Files.isDirectory(aside)) {
        throw e;
      }
      Files.createDirectory(aside);
      write(file, content, secret);
    }
    return file;
  }

  private static void write(Path file, byte[] content, boolean secret) throws IOException {
    if (secret) {
      var _ = Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
    }
    // unlike a channel, a stream is not closed when its writer is interrupted
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      out.write(content);
      out.getFD().sync();
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
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

  /** Writes a file whole, synced. */
  static void write(Path aside, Path target, byte[] content, boolean secret) throws IOException {
    rename(prepare(aside, content, secret), target);
    syncDirectory(target.getParent());
  }

  /** Removes files that writers have left when they died. */
  static void sweep(Path aside) {
    Instant limit = Instant.now().minus(LEFT_OVER);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(aside)) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // there is none, a writer is alive and was faster, or the directory is not ours to write
    }
  }
}
