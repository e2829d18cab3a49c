package dev.manul.routes;

import dev.manul.netlink.Link;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;

/**
 * Keeps the IP-in-IP device as it should be, around the writing of routes: {@link #setUp} comes
 * before, {@link #clean} after. Owned by one thread.
 */
final class IpipKeeper {

  private final ProgrammerOptions options;
  private final LongSupplier nanoTime;
  private final TunnelDevice device;
  private final Disuse disuse;
  private boolean cleaned;

  IpipKeeper(ProgrammerOptions options, Kernel kernel, LongSupplier nanoTime) {
    this.options = options;
    this.nanoTime = nanoTime;
    this.disuse = new Disuse(options.linger(), nanoTime);
    this.device =
        new TunnelDevice(
            options.tunnelName(),
            "load the kernel's module ipip, or set the pool's ipipMode to Never",
            kernel,
            nanoTime);
  }

  /** What was refused may be granted now. */
  void tryAgain() {
    device.tryAgain();
  }

  /** Whether the device was changed, so that links and routes have to be read again. */
  boolean setUp(Underlay underlay, NodeView view, boolean removing) {
    disuse.look(view.usesIpip() || view.announcedTunnels().contains(options.tunnelName()));
    TunnelPlan plan = TunnelPlan.of(underlay, view, options, removing);
    return device.setUp(plan.before(), plan.issue());
  }

  /**
   * Takes away what routes need no more. A device that no pool uses keeps its address while other
   * nodes see it in the Node, and for a while after: with reverse path filtering, loose as well as
   * strict, the kernel takes no packet from a device without one unless the route back leads there
   * (fib_validate_source).
   *
   * @param leadsThere whether a wanted route goes out by a link, by its index: with the last
   *     address the kernel drops all
   * @return whether the device was changed, so that links and routes have to be read again
   */
  boolean clean(Underlay underlay, NodeView view, boolean removing, IntPredicate leadsThere) {
    TunnelPlan plan = TunnelPlan.of(underlay, view, options, removing);
    cleaned = plan.after().isEmpty();
    if (cleaned || !plan.before().isEmpty()) {
      return false;
    }
    if (!view.usesIpip()) {
      Optional<Link> link = underlay.link(options.tunnelName());
      if (link.isPresent() && leadsThere.test(link.get().index())) {
        disuse.again();
      }
      if (!disuse.isOver()) {
        return false;
      }
    }
    boolean changed = device.clean(plan.after());
    if (!changed) {
      disuse.again(); // to be tried again in a while
    }
    return changed;
  }

  List<RouteIssue> issues() {
    return device.issues();
  }

  /** How many nanoseconds from now something is due even if nothing happens. */
  OptionalLong untilNext(boolean removing) {
    long now = nanoTime.getAsLong();
    long delay = Long.MAX_VALUE;
    if (device.dueNanos().isPresent()) {
      delay = Math.max(0, device.dueNanos().getAsLong() - now);
    }
    if (removing && !cleaned) {
      delay = Math.min(delay, disuse.untilOver().orElse(Long.MAX_VALUE));
    }
    return delay == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(delay);
  }
}
