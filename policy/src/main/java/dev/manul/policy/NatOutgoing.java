package dev.manul.policy;

import dev.manul.model.Address;
import dev.manul.model.IPPool;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.kernel.HostPrograms;
import dev.manul.policy.kernel.Programs;
import dev.manul.policy.kernel.RulesException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives packets that leave the pools with {@code natOutgoing} the node's address, and keeps it so.
 *
 * <p>Every method may be called by any thread. Of several inputs the latest counts; a thread of our
 * own, {@code nat}, reads and writes the kernel by the programs of iptables and ipset.
 */
public final class NatOutgoing implements AutoCloseable {

  private final RulesKeeper keeper;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  /** Guarded by the lock; pools are null until they are first told. */
  private Set<IPPool> pools;

  private Set<Address> nodes = Set.of();
  private boolean hasNews;
  private boolean closed;

  private volatile NatStatus status;

  private NatOutgoing(RulesKeeper keeper) {
    this.keeper = keeper;
    this.status = keeper.status();
    this.thread = Thread.ofPlatform().name("nat").daemon(true).unstarted(this::run);
  }

  /**
   * Starts; nothing is read or written before the first {@link #pools}.
   *
   * @param namespace whose packet filter it is
   */
  public static NatOutgoing start(NetworkNamespace namespace, NatOptions options) {
    return start(new HostPrograms(namespace), options);
  }

  static NatOutgoing start(Programs programs, NatOptions options) {
    var nat =
        new NatOutgoing(
            new RulesKeeper(
                programs,
                options,
                System::nanoTime,
                InstantSource.system(),
                () -> ThreadLocalRandom.current().nextDouble()));
    nat.thread.start();
    return nat;
  }

  /**
   * Removes rules, chains and sets of ours, of any process and from both packet filters: for an
   * uninstallation.
   *
   * @throws RulesException when something of ours is left
   */
  public static void remove(NetworkNamespace namespace) {
    List<String> failed = RulesKeeper.remove(new HostPrograms(namespace));
    if (!failed.isEmpty()) {
      throw new RulesException(String.join("; ", failed));
    }
  }

  /** Replaces all pools. */
  public void pools(Collection<IPPool> all) {
    Set<IPPool> now = Set.copyOf(all);
    tell(() -> pools = now);
  }

  /**
   * Replaces all nodes' own addresses; only {@link NatOptions.Exclusions#POOLS_AND_NODES} asks for
   * them.
   */
  public void nodes(Collection<Address> all) {
    Set<Address> now = Set.copyOf(all);
    tell(() -> nodes = now);
  }

  private void tell(Runnable change) {
    lock.lock();
    try {
      change.run();
      hasNews = true;
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  /** How it is going; at once. */
  public NatStatus status() {
    return status;
  }

  private void run() {
    while (takeIn()) {
      keeper.settle();
      status = keeper.status();
    }
  }

  /** Waits for something to do and takes the inputs; false when closed. */
  private boolean takeIn() {
    lock.lock();
    try {
      long left = keeper.untilNextNanos();
      while (!closed && !hasNews && left > 0) {
        left = news.awaitNanos(Math.min(left, TimeUnit.DAYS.toNanos(1)));
      }
      hasNews = false;
      if (pools != null) {
        keeper.input(new NatRules.Input(pools, nodes));
      }
      return !closed;
    } catch (InterruptedException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread. Rules and sets stay as they are. A second time does nothing. */
  @Override
  public void close() {
    tell(() -> closed = true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
