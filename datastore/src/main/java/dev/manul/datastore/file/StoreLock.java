package dev.manul.datastore.file;

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
 * The locks that writers of a directory hold while they compare and rename: between threads one
 * lock of this JVM, between processes advisory locks of the kernel on ranges of one file, which a
 * process that dies gives up. Which range is a matter of the resource, so that processes that write
 * different resources seldom meet. Locks are held for a few system calls, never while content is
 * written to disk.
 *
 * <p>The kernel sees deadlocks between processes, not threads. So no thread may wait for a range
 * while another thread of its process holds one, or two processes could look deadlocked that are
 * not; the lock between threads sees to that.
 *
 * <p>Closing any descriptor of a file gives up all of a process' locks on it. So all datastores of
 * this JVM on one directory share one StoreLock and its descriptor.
 *
 * <p>Each range holds a counter, which moves before each rename under it. A reader that finds the
 * counters of a kind the same before and after it has read a directory has missed no write that
 * began in between. What it may have seen half of are writes that were all under way at once when
 * it began, and whose order is thus for it to say.
 */
final class StoreLock implements AutoCloseable {

  private static final Map<Path, StoreLock> OPEN = new HashMap<>();

  /** Ranges of a kind. */
  private static final int STRIPES = 64;

  private static final int RANGE = Long.BYTES;
  private static final int KIND_RANGE = STRIPES * RANGE;

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

  /**
   * Waits, uninterruptibly, for the lock on a resource.
   *
   * @param kind the kind's number
   * @param stripe any number that belongs to the resource
   */
  void acquire(int kind, int stripe) throws IOException {
    acquire(position(kind, stripe), RANGE);
  }

  /** Waits for the lock on all resources of a kind. */
  void acquireAll(int kind) throws IOException {
    acquire((long) kind * KIND_RANGE, KIND_RANGE);
  }

  private static long position(int kind, int stripe) {
    return (long) kind * KIND_RANGE + (long) Math.floorMod(stripe, STRIPES) * RANGE;
  }

  private void acquire(long position, long size) throws IOException {
    threads.lock();
    boolean interrupted = Thread.interrupted();
    try {
      while (held == null) {
        try {
          held = descriptor().getChannel().lock(position, size, false);
        } catch (FileLockInterruptionException | ClosedChannelException e) {
          // an interrupt closes the channel; it is opened anew, and the interrupt kept for later
          interrupted |= Thread.interrupted();
          closeDescriptor();
        }
      }
    } catch (IOException e) {
      threads.unlock();
      throw e;
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

  /**
   * Moves a resource's counter; only with the lock on it held, before the rename.
   *
   * @return where it is now
   */
  long advance(int kind, int stripe) throws IOException {
    long position = position(kind, stripe);
    synchronized (positions) {
      RandomAccessFile access = descriptor();
      access.seek(position);
      long next = access.length() < position + RANGE ? 1 : access.readLong() + 1;
      access.seek(position);
      access.writeLong(next);
      return next;
    }
  }

  /** A resource's counter; -1 when there is none or it cannot be read. */
  long counter(int kind, int stripe) {
    long position = position(kind, stripe);
    synchronized (positions) {
      try {
        RandomAccessFile access = descriptor();
        access.seek(position);
        return access.readLong();
      } catch (IOException e) {
        return -1;
      }
    }
  }

  /**
   * A kind's counters as they are in the file; empty when there are none or they cannot be read.
   */
  byte[] counters(int kind) {
    byte[] counters = new byte[KIND_RANGE];
    synchronized (positions) {
      try {
        if (opened == null && !file.toFile().canWrite()) {
          return counters;
        }
        RandomAccessFile access = descriptor();
        access.seek((long) kind * KIND_RANGE);
        for (int at = 0, n = 0; n >= 0 && at < KIND_RANGE; at += n) {
          n = access.read(counters, at, KIND_RANGE - at);
        }
      } catch (IOException e) {
        return new byte[0];
      }
    }
    return counters;
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
