package dev.manul.netlink;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens to what the kernel tells of a namespace, on a thread of its own. */
public final class NetlinkMonitor implements AutoCloseable {

  /** What a monitor calls, always on the monitor's own thread; it should return quickly. */
  public interface Listener {

    /** Changes in the order in which the kernel told of them, one or more. */
    void changed(List<Event> events);

    /**
     * Some changes were lost because the listener was slower than the kernel: everything has to be
     * listed again. Changes told from now on come after this moment.
     */
    void overrun();

    /** The monitor cannot go on and has ended. */
    void failed(NetlinkException cause);
  }

  /**
   * How a monitor listens.
   *
   * @param groups what it listens to
   * @param receiveBufferBytes the size of the socket's buffer; when it is full, changes are lost
   *     and {@link Listener#overrun} is called
   * @param ignoredPort told the port of the socket that made a change (0: the kernel itself), says
   *     whether the change is passed over; see {@link RouteSocket#port()}
   */
  public record Options(Set<Group> groups, int receiveBufferBytes, IntPredicate ignoredPort) {

    /** 4 MiB, some 20,000 changes, taken by the kernel only as they queue up. */
    public static final int DEFAULT_RECEIVE_BUFFER = 4 << 20;

    public Options {
      groups = Set.copyOf(groups);
    }

    /** All changes of these groups. */
    public static Options of(Set<Group> groups) {
      return new Options(groups, DEFAULT_RECEIVE_BUFFER, port -> false);
    }

    public Options withReceiveBuffer(int bytes) {
      return new Options(groups, bytes, ignoredPort);
    }

    public Options withIgnoredPort(IntPredicate newIgnoredPort) {
      return new Options(groups, receiveBufferBytes, newIgnoredPort);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(NetlinkMonitor.class);

  /** The most changes told at once, so that a flood is not gathered without bound. */
  private static final int BATCH = 1024;

  private static final long CALL_TIMEOUT_MILLIS = 10_000;
  private static final int POLLFD = 8;

  private final LibC libc;
  private final NetlinkSocket socket;
  private final int wake;
  private final Options options;
  private final Listener listener;
  private final Attributes attributes;
  private final Thread thread;
  private volatile boolean closing;

  private NetlinkMonitor(
      LibC libc, NetlinkSocket socket, int wake, Options options, Listener listener) {
    this.libc = libc;
    this.socket = socket;
    this.wake = wake;
    this.options = options;
    this.listener = listener;
    this.attributes = new Attributes(socket.bytes());
    this.thread = Thread.ofPlatform().name("netlink-monitor").daemon().unstarted(this::listen);
  }

  /** See {@link #open(NetworkNamespace, Options, Listener)}. */
  public static NetlinkMonitor open(
      NetworkNamespace namespace, Set<Group> groups, Listener listener) {
    return open(namespace, Options.of(groups), listener);
  }

  /**
   * Starts to listen. Every change that is made after this returns is told of; list what there was
   * before only then, so that nothing is missed.
   *
   * @throws NetlinkException when the namespace cannot be entered or the socket not be opened
   */
  public static NetlinkMonitor open(
      NetworkNamespace namespace, Options options, Listener listener) {
    LibC libc = LibC.get();
    NetlinkSocket socket =
        namespace.call(
            () -> NetlinkSocket.open(libc, options.receiveBufferBytes(), CALL_TIMEOUT_MILLIS));
    try {
      options.groups().forEach(socket::join);
      int wake =
          NetlinkSocket.check(
              "open an eventfd", libc.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK));
      NetlinkMonitor monitor = new NetlinkMonitor(libc, socket, wake, options, listener);
      monitor.thread.start();
      return monitor;
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private void listen() {
    try {
      LibC.Memory descriptors = libc.allocate(2 * POLLFD);
      ByteBuffer poll = descriptors.bytes();
      poll.putInt(0, socket.fd()).putShort(4, LibC.POLLIN);
      poll.putInt(POLLFD, wake).putShort(POLLFD + 4, LibC.POLLIN);
      while (!closing) {
        int ready = libc.poll(descriptors, 2, (int) CALL_TIMEOUT_MILLIS);
        if (ready > 0 && !closing) {
          deliver();
        } else if (ready < 0 && ready != -Errno.EINTR.number()) {
          NetlinkSocket.check("wait for changes", ready);
        }
      }
    } catch (NetlinkException e) {
      if (!closing) {
        listener.failed(e);
      }
    } catch (RuntimeException e) {
      LOG.error("netlink monitor ended by its listener", e);
      throw e;
    } finally {
      socket.close();
      synchronized (this) {
        closing = true; // nobody is to write to the number of a closed descriptor
        int _ = libc.close(wake);
      }
    }
  }

  /** Reads what there is, and tells of it. */
  private void deliver() {
    List<Event> events = new ArrayList<>();
    boolean lost = false;
    while (!closing) {
      int length = socket.receiveNow(LibC.MSG_DONTWAIT);
      if (length == -Errno.EAGAIN.number()) {
        break;
      }
      if (length == -Errno.ENOBUFS.number()) {
        // From here on the kernel drops everything, without saying so again, until the queue has
        // been empty for once. So it is emptied first, and only then the listener is told.
        lost = true;
        events.clear();
        continue;
      }
      NetlinkSocket.check("listen to changes", length);
      if (!lost) {
        read(length, events);
        if (events.size() >= BATCH) {
          break;
        }
      }
    }
    if (lost && !closing) {
      LOG.warn("netlink monitor overrun buffer={}", options.receiveBufferBytes());
      listener.overrun();
    } else if (!events.isEmpty() && !closing) {
      listener.changed(List.copyOf(events));
    }
  }

  private void read(int length, List<Event> events) {
    ByteBuffer bytes = socket.bytes();
    for (int at = 0; length - at >= MessageWriter.HEADER; ) {
      int size = bytes.getInt(at);
      if (size < MessageWriter.HEADER || size > length - at) {
        return;
      }
      if (!options.ignoredPort().test(bytes.getInt(at + 12))) {
        int flags = bytes.getShort(at + 6) & 0xffff;
        int type = bytes.getShort(at + 4) & 0xffff;
        Event event = EventCodec.read(bytes, type, flags, at, at + size, attributes);
        if (event != null) {
          events.add(event);
        }
      }
      at += size + 3 & ~3;
    }
  }

  /** Ends the thread and closes the socket. After it returns, the listener is called no more. */
  @Override
  public void close() {
    synchronized (this) {
      if (!closing) {
        closing = true;
        LibC.Memory one = libc.allocate(8);
        one.bytes().putLong(0, 1);
        int _ = libc.write(wake, one, 8);
      }
    }
    if (Thread.currentThread().threadId() == thread.threadId()) {
      return; // called by the listener: the thread ends when that returns
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(1));
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
