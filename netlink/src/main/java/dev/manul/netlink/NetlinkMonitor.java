package dev.manul.netlink;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

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

  private NetlinkMonitor() {}

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
    return Optional.<NetlinkMonitor>empty().orElseThrow();
  }

  /** Ends the thread and closes the socket. After it returns, the listener is called no more. */
  @Override
  public void close() {}
}
