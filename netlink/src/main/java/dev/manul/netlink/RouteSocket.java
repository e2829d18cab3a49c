package dev.manul.netlink;

import java.util.List;
import java.util.Optional;

/**
 * Asks and changes the kernel's links, addresses, routes, neighbours and rules of one namespace.
 *
 * <p>Not safe for use by several threads at once: one owner, which should be a platform thread, as
 * every call blocks until the kernel has answered. Every call has an end: an answer that does not
 * come in time is a {@link NetlinkException} with ETIMEDOUT.
 */
public final class RouteSocket implements AutoCloseable {

  private RouteSocket() {}

  /** A socket in the namespace of this process. */
  public static RouteSocket open() {
    return open(NetworkNamespace.current());
  }

  /**
   * A socket in a namespace; it stays there whichever thread uses it.
   *
   * @throws NetlinkException when the namespace cannot be entered or the socket not be opened
   */
  public static RouteSocket open(NetworkNamespace namespace) {
    return Optional.<RouteSocket>empty().orElseThrow();
  }

  /** The port by which the kernel knows this socket; see {@link NetlinkMonitor.Options}. */
  public int port() {
    return Optional.<Integer>empty().orElseThrow();
  }

  /** All links. */
  public List<Link> links() {
    return Optional.<List<Link>>empty().orElseThrow();
  }

  /** The link of a name. */
  public Optional<Link> link(String name) {
    return Optional.<Optional<Link>>empty().orElseThrow();
  }

  /** All addresses of both families. */
  public List<LinkAddress> addresses() {
    return Optional.<List<LinkAddress>>empty().orElseThrow();
  }

  /** The routes of a selection; never those the kernel only caches. */
  public List<Route> routes(RouteSelection selection) {
    return Optional.<List<Route>>empty().orElseThrow();
  }

  /** The neighbours of both families. */
  public List<Neighbour> neighbours() {
    return Optional.<List<Neighbour>>empty().orElseThrow();
  }

  /** The forwarding entries of one link: a VXLAN device or a bridge's port. */
  public List<ForwardingEntry> forwardingEntries(int linkIndex) {
    return Optional.<List<ForwardingEntry>>empty().orElseThrow();
  }

  /** The rules of both families, in the kernel's order. */
  public List<Rule> rules() {
    return Optional.<List<Rule>>empty().orElseThrow();
  }

  /**
   * Makes changes, in their order, many to a kernel call. A change that fails does not stop those
   * after it.
   *
   * @throws NetlinkException only when the socket itself fails; how far the changes went is then
   *     unknown
   */
  public ApplyReport apply(List<? extends Change> changes) {
    return Optional.<ApplyReport>empty().orElseThrow();
  }

  /** Closes the socket; a second time does nothing. */
  @Override
  public void close() {}
}
