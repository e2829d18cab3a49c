package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.Event;
import dev.manul.netlink.Link;
import dev.manul.routes.RouteIssue.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the VXLAN device of one family and its other ends as they should be, around the writing of
 * routes: {@link #setUp} and {@link #addEnds} come before, {@link #clean} after. Nothing but that
 * device is touched. Owned by one thread.
 */
final class VxlanKeeper {

  private static final Logger log = LoggerFactory.getLogger(VxlanKeeper.class);

  private final AddressFamily family;
  private final Kernel kernel;
  private final LongSupplier nanoTime;
  private final TunnelDevice device;

  /** What the kernel has on the device; empty when there is none, or it has to be read. */
  private Optional<VxlanEnds> ends = Optional.empty();

  private OptionalInt linkIndex = OptionalInt.empty();
  private Optional<BackOff> backOff = Optional.empty();
  private List<RouteIssue> issues = List.of();
  private final Disuse disuse;

  VxlanKeeper(
      AddressFamily family, ProgrammerOptions options, Kernel kernel, LongSupplier nanoTime) {
    this.family = family;
    this.kernel = kernel;
    this.nanoTime = nanoTime;
    this.disuse = new Disuse(options.linger(), nanoTime);
    this.device =
        new TunnelDevice(
            VxlanTunnel.deviceName(family),
            "load the kernel's module vxlan, or set the pool's vxlanMode to Never",
            kernel,
            nanoTime);
  }

  /** What was refused may be granted now. */
  void tryAgain() {
    device.tryAgain();
    backOff = Optional.empty();
  }

  /** What the kernel has on the device is read again. */
  void readAgain() {
    ends = Optional.empty();
  }

  void happened(Event event) {
    if (ends.isPresent() && !ends.get().agreesWith(event)) {
      readAgain();
    }
  }

  /** Whether the device was changed, so that links and routes have to be read again. */
  boolean setUp(Underlay underlay, NodeView view, boolean removing) {
    disuse.look(
        view.vxlanInUse(family).isPresent()
            || view.announcedTunnels().contains(VxlanTunnel.deviceName(family)));
    VxlanPlan plan = plan(underlay, view, removing);
    return device.setUp(plan.before(), plan.issue());
  }

  private VxlanPlan plan(Underlay underlay, NodeView view, boolean removing) {
    return VxlanPlan.of(family, underlay, view, removing, disuse.isOver());
  }

  /** Writes down the other ends that are not, or not rightly. */
  void addEnds(Underlay underlay, NodeView view) {
    linkIndex =
        VxlanTunnel.device(underlay, family)
            .map(Link::index)
            .map(OptionalInt::of)
            .orElse(OptionalInt.empty());
    if (linkIndex.isEmpty()) {
      ends = Optional.empty();
      issues = List.of();
      return;
    }
    if (ends.isEmpty() || ends.get().linkIndex() != linkIndex.getAsInt()) {
      int index = linkIndex.getAsInt();
      ends =
          Optional.of(new VxlanEnds(index, kernel.neighbours(), kernel.forwardingEntries(index)));
    }
    if (backOff.isEmpty() || backOff.get().isDue(nanoTime.getAsLong())) {
      write("tunnel_ends_added", ends.get().missing(remotes(view)));
    }
  }

  private Map<Address, VxlanTunnel.Remote> remotes(NodeView view) {
    return view.vxlanInUse(family).map(VxlanTunnel::remotes).orElse(Map.of());
  }

  /**
   * Takes away what routes need no more.
   *
   * @param leadsThere whether a wanted route goes out by a link, by its index: one that waits for
   *     another way needs the device and its ends for as long
   * @return whether the device was changed, so that links and routes have to be read again
   */
  boolean clean(Underlay underlay, NodeView view, boolean removing, IntPredicate leadsThere) {
    boolean unused = view.vxlanInUse(family).isEmpty();
    if (unused && linkIndex.isPresent() && leadsThere.test(linkIndex.getAsInt())) {
      disuse.again();
    } else if (removing && ends.isPresent() && backOff.isEmpty()) {
      write("tunnel_ends_removed", ends.get().stale(remotes(view)));
    }
    VxlanPlan plan = plan(underlay, view, removing);
    if (!plan.before().isEmpty() || plan.after().isEmpty()) {
      return false;
    }
    boolean changed = device.clean(plan.after());
    if (!changed) {
      disuse.again(); // to be tried again in a while
    }
    return changed;
  }

  private void write(String event, List<Change> changes) {
    if (changes.isEmpty()) {
      backOff = Optional.empty();
      issues = List.of();
      return;
    }
    ApplyReport report = kernel.apply(changes);
    log.info(
        "event={} device={} changes={} failures={}",
        event,
        VxlanTunnel.deviceName(family),
        changes.size(),
        report.failures().size());
    VxlanEnds known = ends.orElseThrow();
    List<ApplyReport.Failure> failures = report.failures();
    int next = 0;
    for (int i = 0; i < changes.size(); i++) {
      if (next < failures.size() && failures.get(next).index() == i) {
        next++;
      } else {
        known.done(changes.get(i));
      }
    }
    if (report.ok()) {
      backOff = Optional.empty();
      issues = List.of();
      return;
    }
    backOff = Optional.of(BackOff.after(backOff.orElse(null), nanoTime.getAsLong()));
    ApplyReport.Failure first = failures.getFirst();
    issues =
        List.of(
            RouteIssue.ofNode(
                Reason.TUNNEL_DEVICE_FAILING,
                failures.size()
                    + " of "
                    + changes.size()
                    + " neighbours and forwarding entries of "
                    + VxlanTunnel.deviceName(family)
                    + " could not be written; the first: "
                    + first.change()
                    + ": "
                    + first.errno()
                    + (first.message().isEmpty() ? "" : " (" + first.message() + ")")));
    readAgain();
  }

  /** The device whose neighbours matter, if it is up. */
  OptionalInt linkIndex() {
    return linkIndex;
  }

  List<RouteIssue> issues() {
    List<RouteIssue> all = new ArrayList<>(device.issues());
    all.addAll(issues);
    return all;
  }

  /** How many nanoseconds from now something is due even if nothing happens. */
  OptionalLong untilNext(boolean removing) {
    long now = nanoTime.getAsLong();
    long delay = Long.MAX_VALUE;
    if (device.dueNanos().isPresent()) {
      delay = Math.min(delay, Math.max(0, device.dueNanos().getAsLong() - now));
    }
    if (backOff.isPresent()) {
      delay = Math.min(delay, Math.max(0, backOff.get().dueNanos() - now));
    }
    if (removing && linkIndex.isPresent()) {
      delay = Math.min(delay, disuse.untilOver().orElse(Long.MAX_VALUE));
    }
    return delay == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(delay);
  }
}
