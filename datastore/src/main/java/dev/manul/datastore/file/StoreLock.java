package dev.manul.datastore.file;

import dev.manul.datastore.DatastoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one lock that all writers of a directory hold while they compare and rename: between threads
 * a lock of this JVM, between processes an advisory lock of the kernel, which a process that dies
 * gives up.
 *
 * <p>There is one lock and not one for each kind, because the kernel sees deadlocks between
 * processes, not threads: a process that waits for one lock while another of its threads holds
 * another could be refused wrongly. It is held for two system calls or so, never while content is
 * written to disk.
 *
 * <p>Closing any descriptor of a file gives up all of a process' locks on it. So all datastores of
 * this JVM on one directory share one StoreLock and its descriptor.
 *
 * <p>The file holds a counter for each kind, which moves before each rename. A reader that finds
 * the same counter before and after it has read a directory has seen a state that existed: at most
 * one rename fell in between, and that either counts or does not.
 */
final class StoreLock implements AutoCloseable {

  private static final Map<Path, StoreLock> OPEN = new HashMap<>();

  private final Path file;
  private final ReentrantLock threads = new ReentrantLock();
  private final Object positions = new Object();
  private RandomAccessFile opened; // replaced under threads and positions
  private FileLock held; // guarded by threads
  private int users; // guarded by OPEN

  private StoreLock(Path file) {
    this.file = file;
  }

  /** The lock of the directory whose lock file this is. */
  static StoreLock open(Path file) throws IOException {
    Path real = file.getParent().toRealPath().resolve(file.getFileName());
    synchronized (OPEN) {
      StoreLock lock = OPEN.computeIfAbsent(real, StoreLock::new);
      lock.users++;
      return lock;
    }
  }

  /** Waits for the lock, uninterruptibly. */
  void acquire() {
    threads.lock();
    boolean interrupted = Thread.interrupted();
    try {
      while (held == null) {
        try {
          held = descriptor().getChannel().lock();
        } catch (FileLockInterruptionException | ClosedChannelException e) {
          // an interrupt closes the channel; it is opened anew, and the interrupt kept for later
          interrupted |= Thread.interrupted();
          closeDescriptor();
        }
      }
    } catch (IOException e) {
      threads.unlock();
      throw new DatastoreException("cannot lock " + file + ": " + Reasons.of(e), e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  void release() {
    try {
      if (held.acquiredBy().isOpen()) {
        held.release();
      }
    } catch (IOException e) {
      closeDescriptor(); // gives the lock up as well
    } finally {
      held = null;
      threads.unlock();
    }
  }

  /** Moves a kind's counter; only with the lock held, before the rename. */
  void advance(int kind) throws IOException {
    synchronized (positions) {
      RandomAccessFile access = descriptor();
      access.seek(8L * kind);
      long next = access.length() < 8L * (kind + 1) ? 1 : access.readLong() + 1;
      access.seek(8L * kind);
      access.writeLong(next);
    }
  }

  /** A kind's counter; 0 when the directory has none or it may not be read. */
  long counter(int kind) {
    synchronized (positions) {
      try {
        if (opened == null && !file.toFile().canWrite()) {
          return 0;
        }
        RandomAccessFile access = descriptor();
        access.seek(8L * kind);
        return access.length() < 8L * (kind + 1) ? 0 : access.readLong();
      } catch (IOException e) {
        return 0;
      }
    }
  }

  private RandomAccessFile descriptor() throws IOException {
    synchronized (positions) {
      if (opened == null) {
        opened = new RandomAccessFile(file.toFile(), "rw");
      }
      return opened;
    }
  }

  private void closeDescriptor() {
    synchronized (positions) {
      if (opened != null) {
        try {
          opened.close();
        } catch (IOException e) {
          // nothing was written through it that could be lost
        }
        opened = null;
      }
    }
  }

  @Override
  public void close() {
    synchronized (OPEN) {
      if (--users == 0) {
        OPEN.values().remove(this);
        threads.lock();
        try {
          closeDescriptor();
        } finally {
          threads.unlock();
        }
      }
    }
  }
}
