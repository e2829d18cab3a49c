package dev.manul.datastore.file;

import dev.manul.datastore.Candidacy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A candidate for an office that is a lock on a file in the store. The kernel takes the lock from a
 * process that dies, so the office is never held by the dead.
 */
final class FileCandidacy extends Candidacy {
  private static final Logger LOG = LoggerFactory.getLogger(FileCandidacy.class);

  /** How often a candidate tries. */
  private static final long RETRY_SECONDS = 1;

  private final Path file;
  private FileChannel channel; // of the campaign's thread

  FileCandidacy(Path file, String office, String candidate, Listener listener) {
    super(office, candidate, listener);
    this.file = file;
    begin();
  }

  @Override
  protected void stand() throws InterruptedException {
    boolean told = false;
    do {
      try {
        if (lock()) {
          won();
          over.await();
          return;
        }
      } catch (IOException e) {
        if (!told) {
          told = true;
          LOG.atWarn().log("office-unreachable file={} reason=\"{}\"", file, Reasons.of(e));
        }
      }
    } while (!over.await(RETRY_SECONDS, TimeUnit.SECONDS));
  }

  private boolean lock() throws IOException {
    FileChannel opened =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock got = opened.tryLock();
      if (got != null) {
        channel = opened;
        return true;
      }
    } catch (OverlappingFileLockException e) {
      // another candidate of this process holds it
    } finally {
      if (channel == null) {
        opened.close();
      }
    }
    return false;
  }

  @Override
  protected void resign() {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        LOG.atWarn().log("office-not-freed file={} reason=\"{}\"", file, Reasons.of(e));
      }
    }
  }
}
