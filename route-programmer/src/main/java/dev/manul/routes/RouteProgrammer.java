package dev.manul.routes;

import dev.manul.model.AgentStatus;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import java.util.Collection;
import java.util.List;

/** Makes the kernel's routes and the tunnel device what they ought to be, and keeps them so. */
public final class RouteProgrammer implements AutoCloseable {

  private RouteProgrammer() {}

  /**
   * Starts a programmer and waits until it has read the kernel once, so that {@link #underlay} has
   * an answer. Nothing is written before the first {@link #view}.
   *
   * @throws NetlinkException when the namespace cannot be entered or the kernel not be read
   */
  public static RouteProgrammer start(
      NetworkNamespace namespace, ProgrammerOptions options, ProgrammerListener listener) {
    throw new UnsupportedOperationException();
  }

  /** Replaces all that is known of the node. Any thread; of several views the latest counts. */
  public void view(NodeView view) {}

  /** Changes what is learned. Any thread; of several changes to a prefix the latest counts. */
  public void learned(Collection<LearnedChange> changes) {}

  /** From now on routes of ours that are not wanted are removed; until then they stay. */
  public void inSync() {}

  /** The host as it was last seen. Any thread, at once. */
  public Underlay underlay() {
    return Underlay.EMPTY;
  }

  /** How it is going. Any thread, at once. */
  public ProgrammerStatus status() {
    throw new UnsupportedOperationException();
  }

  /**
   * The wanted routes as {@code ip route} writes them, in the order of their prefixes. Any thread;
   * waits for the programmer's thread.
   */
  public List<String> lines() {
    return List.of();
  }

  /** The status as the agent reports it; see {@link #lines}. */
  public AgentStatus.Routes report() {
    throw new UnsupportedOperationException();
  }

  /** Ends the threads. Routes and devices stay as they are. */
  @Override
  public void close() {}
}
