package dev.manul.routes;

import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.netlink.Event;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where other threads leave work for the programmer's: one view, one change for each prefix and
 * each device, and the kernel's news up to a limit, past which they are forgotten and an overrun is
 * noted instead. So it is bounded by what there is to know, not by how often it changes.
 */
final class Inbox {

  /** Past this many, reading the kernel whole is cheaper than its news. */
  private static final int MOST_EVENTS = 65_536;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private Batch pending = new Batch();

  /** Whether the taking thread waits for nothing but what is urgent. */
  private boolean pausing;

  /** What has come in since the last time; owned by the thread that took it. */
  static final class Batch {
    private Optional<NodeView> view = Optional.empty();
    private final Map<Prefix, LearnedChange> learned = new LinkedHashMap<>();
    private final Map<String, Set<Prefix>> attached = new LinkedHashMap<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Runnable> questions = new ArrayList<>();
    private boolean inSync;
    private boolean overrun;
    private boolean closed;
    private boolean empty = true;
    private boolean urgent;

    Optional<NodeView> view() {
      return view;
    }

    Collection<LearnedChange> learned() {
      return learned.values();
    }

    /** The addresses behind each device; none for a device that is gone. */
    Map<String, Set<Prefix>> attached() {
      return attached;
    }

    List<Event> events() {
      return events;
    }

    /** What others want to know; run on the taking thread once the rest is done. */
    List<Runnable> questions() {
      return questions;
    }

    boolean inSync() {
      return inSync;
    }

    /** Whether news were lost. */
    boolean overrun() {
      return overrun;
    }

    boolean closed() {
      return closed;
    }
  }

  void view(NodeView view) {
    putUrgent(() -> pending.view = Optional.of(view));
  }

  void learned(Collection<LearnedChange> changes) {
    if (!changes.isEmpty()) {
      putUrgent(() -> changes.forEach(change -> pending.learned.put(change.prefix(), change)));
    }
  }

  void attached(String device, Set<Prefix> addresses) {
    put(() -> pending.attached.put(device, Set.copyOf(addresses)));
  }

  void inSync() {
    putUrgent(() -> pending.inSync = true);
  }

  void events(List<Event> events) {
    put(
        () -> {
          pending.urgent |= events.stream().anyMatch(Inbox::isUrgent);
          if (pending.events.size() + events.size() > MOST_EVENTS) {
            pending.events.clear();
            pending.overrun = true;
          } else {
            pending.events.addAll(events);
          }
        });
  }

  /**
   * Whether news may concern more than a pod's own device. These come several a pod, and whoever
   * makes such a device puts its routes into the kernel.
   */
  private static boolean isUrgent(Event event) {
    return switch (event) {
      case Event.LinkChanged(Link link) -> !isPods(link);
      case Event.LinkRemoved(Link link) -> !isPods(link);
      case Event.AddressAdded(LinkAddress address) -> !address.address().address().isLinkLocal();
      case Event.AddressRemoved(LinkAddress address) -> !address.address().address().isLinkLocal();
      case Event.RouteAdded _ -> false;
      case Event.RouteRemoved _ -> true;
      case Event.NeighbourRemoved _, Event.ForwardingRemoved _ -> true; // only a tunnel's come here
      default -> false; // nothing that is looked at
    };
  }

  private static boolean isPods(Link link) {
    return link.name().startsWith(WorkloadEndpoint.DEVICE_PREFIX);
  }

  void overrun() {
    putUrgent(
        () -> {
          pending.events.clear();
          pending.overrun = true;
        });
  }

  void question(Runnable question) {
    putUrgent(() -> pending.questions.add(question));
  }

  void close() {
    putUrgent(() -> pending.closed = true);
  }

  private void putUrgent(Runnable addition) {
    put(
        () -> {
          addition.run();
          pending.urgent = true;
        });
  }

  private void put(Runnable addition) {
    lock.lock();
    try {
      addition.run();
      pending.empty = false;
      if (pending.urgent || !pausing) {
        filled.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until something comes in, or for {@code nanos}, and takes all there is.
   *
   * @param pause nanoseconds for which what is not urgent may gather
   * @throws InterruptedException when the thread is interrupted while it waits
   */
  Batch take(long nanos, long pause) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      long paused = Math.min(nanos, pause);
      while (!pending.urgent && (paused > 0 || (pending.empty && left > 0))) {
        pausing = paused > 0;
        long before = pausing ? paused : left;
        long after = filled.awaitNanos(before);
        paused = pausing ? after : 0;
        left -= before - after;
      }
      pausing = false;
      Batch taken = pending;
      pending = new Batch();
      pending.closed = taken.closed;
      return taken;
    } finally {
      lock.unlock();
    }
  }
}
