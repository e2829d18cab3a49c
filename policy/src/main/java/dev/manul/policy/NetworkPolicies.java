package dev.manul.policy;

import dev.manul.model.Address;
import dev.manul.model.FlowExplanation;
import dev.manul.model.IPPool;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.calculation.PolicyCalculation;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.kernel.HostPrograms;
import dev.manul.policy.kernel.Programs;
import dev.manul.policy.kernel.RulesException;
import dev.manul.policy.kernel.SetSweep;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Enforces network policy on a node, masquerading included: takes facts, and makes the kernel's
 * packet filter and sets agree with them.
 *
 * <p>Every method may be called by any thread. A thread of our own, {@code policy}, works out and
 * writes; what is told while it does so is taken together.
 */
public final class NetworkPolicies implements AutoCloseable {

  private final Programs programs;

  private final PolicyKeeper keeper;
  private final Thread thread;

  /** When the last write ended, of {@link System#nanoTime}; of the thread, as the next. */
  private long lastWritten = System.nanoTime();

  private Pacing.Pauses pauses = new Pacing.Pauses(0, 0);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  /** Guarded by the lock, all of these. */
  private final GatheredFacts facts = new GatheredFacts();

  private final List<Question<?>> questions = new ArrayList<>();
  private final List<Waiter> waiting = new ArrayList<>();
  private Set<IPPool> pools = Set.of();
  private Set<Address> nodes = Set.of();
  private boolean natIsNew;

  /**
   * The first word counts though it may say nothing: rules of an earlier process may have to go.
   */
  private boolean natWasTold;

  private boolean synced;
  private boolean doubt;
  private boolean closed;

  /** Asked before what was taken in last; only the thread of our own uses these two. */
  private final List<Question<?>> asked = new ArrayList<>();

  private final List<Waiter> awaited = new ArrayList<>();

  private volatile PolicyStatus status = PolicyStatus.NOTHING;

  /** Something to be looked up by the thread that knows. */
  private record Question<T>(Function<? super PolicyView, T> ask, CompletableFuture<T> answer) {
    void answer(PolicyView view) {
      try {
        answer.complete(ask.apply(view));
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    }
  }

  /** Somebody who waits for an endpoint's policy. */
  private record Waiter(EndpointId id, Set<Address> addresses, CompletableFuture<Void> future) {
    boolean isServed(PolicyCalculation calculation) {
      return calculation
          .plan(id)
          .filter(
              plan ->
                  addresses.stream()
                      .map(Address::toPrefix)
                      .allMatch(plan.endpoint().addresses()::contains))
          .isPresent();
    }
  }

  private NetworkPolicies(Programs programs, PolicyKeeper keeper) {
    this.programs = programs;
    this.keeper = keeper;
    this.thread = Thread.ofPlatform().name("policy").daemon(true).unstarted(this::run);
  }

  /**
   * Starts; nothing is read or written before {@link #synced}.
   *
   * @param namespace whose packet filter it is
   */
  public static NetworkPolicies start(NetworkNamespace namespace, NetworkPolicyOptions options) {
    var policies =
        new NetworkPolicies(new HostPrograms(namespace), new PolicyKeeper(namespace, options));
    policies.thread.start();
    return policies;
  }

  /**
   * Removes rules, chains and sets of ours, of any process and from both packet filters: for an
   * uninstallation.
   *
   * @throws RulesException when something of ours is left
   */
  public static void remove(NetworkNamespace namespace) {
    var programs = new HostPrograms(namespace);
    for (Backend backend : Backend.values()) {
      var _ = PolicyKeeper.sweep(programs, backend);
    }
    SetSweep.sweep(programs); // fails while a rule uses a set
  }

  /** Tells what is so; of several facts about the same thing the last counts. */
  public void apply(Collection<? extends Fact> more) {
    tell(() -> facts.add(more));
  }

  /** Tells that all there is has been told once. Until then the kernel is left as it is. */
  public void synced() {
    tell(() -> synced = true);
  }

  /** Replaces all pools. */
  public void pools(Collection<IPPool> all) {
    Set<IPPool> now = Set.copyOf(all);
    tell(
        () -> {
          natIsNew |= !natWasTold || !now.equals(pools);
          natWasTold = true;
          pools = now;
        });
  }

  /** Replaces all nodes' own addresses: tunnelled packets are taken from these only. */
  public void nodes(Collection<Address> all) {
    Set<Address> now = Set.copyOf(all);
    tell(
        () -> {
          natIsNew |= !natWasTold || !now.equals(nodes);
          natWasTold = true;
          nodes = now;
        });
  }

  /** Has the kernel read, and put right where others have changed it. */
  public void check() {
    tell(() -> doubt = true);
  }

  /**
   * Completes when the policy of an endpoint of this node is in the kernel. Who waits no longer
   * cancels.
   *
   * @param addresses what the endpoint must be known to have by then
   */
  public CompletableFuture<Void> inForce(EndpointId id, Collection<Address> addresses) {
    var waiter = new Waiter(id, Set.copyOf(addresses), new CompletableFuture<>());
    tell(
        () -> {
          if (closed) {
            waiter.future().cancel(false);
          } else {
            waiting.add(waiter);
          }
        });
    return waiter.future();
  }

  /** Asks what is known; answered between two changes. */
  public <T> CompletableFuture<T> ask(Function<? super PolicyView, T> question) {
    var answer = new CompletableFuture<T>();
    tell(
        () -> {
          if (closed) {
            answer.cancel(false);
          } else {
            questions.add(new Question<>(question, answer));
          }
        });
    return answer;
  }

  /** How it is going; at once. */
  public PolicyStatus status() {
    lock.lock();
    try {
      return facts.isEmpty() && !natIsNew ? status : status.unsettled();
    } finally {
      lock.unlock();
    }
  }

  /**
   * What policies have decided, read from the kernel on the calling thread; nothing before the
   * first write.
   *
   * @throws RulesException when the kernel cannot be read
   */
  public PolicyCounts counts() {
    Optional<Backend> backend = status.backend();
    return backend.isEmpty()
        ? PolicyCounts.NONE
        : Counting.read(programs, backend.get(), ask(PolicyView::counted).join());
  }

  /**
   * What becomes of a flow here, and by which rules of the packet filter, with what the kernel has
   * counted for them. Reads the kernel on the calling thread.
   *
   * @param node what this node is called
   */
  public FlowExplanation explain(String node, FlowQuestion question) {
    Optional<Backend> backend = status.backend();
    List<FlowExplanation.Half> halves =
        ask(question::ask).join().stream()
            .map(found -> RuleReading.counted(found, programs, backend, question.flow().family()))
            .toList();
    return question.answer(node, halves);
  }

  private void tell(Runnable change) {
    lock.lock();
    try {
      change.run();
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    var pacing = new Pacing(System.nanoTime());
    try (keeper) {
      while (takeIn()) {
        long began = System.nanoTime();
        if (keeper.settle()) {
          long ended = System.nanoTime();
          pauses = pacing.after(began, ended);
          lastWritten = ended;
        }
        status = keeper.status();
        answer();
      }
    } finally {
      cancelAll();
    }
  }

  /** Nobody waits for what will not come. */
  private void cancelAll() {
    List<CompletableFuture<?>> open = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      questions.forEach(question -> open.add(question.answer()));
      waiting.forEach(waiter -> open.add(waiter.future()));
      asked.forEach(question -> open.add(question.answer()));
      awaited.forEach(waiter -> open.add(waiter.future()));
    } finally {
      lock.unlock();
    }
    open.forEach(future -> future.cancel(false));
  }

  /** Waits for something to do and takes the inputs; false when closed. */
  private boolean takeIn() {
    List<Fact> told;
    NatRules.Input nat = null;
    boolean all;
    lock.lock();
    try {
      long left = keeper.untilNextNanos();
      while (!closed && !isUrgent() && left > 0) {
        long pause = pauseEnds() - System.nanoTime();
        if (isGathering() && pause <= 0) {
          break;
        }
        long most = isGathering() ? Math.min(left, pause) : left;
        left -= most - news.awaitNanos(Math.min(most, TimeUnit.DAYS.toNanos(1)));
      }
      if (closed) {
        return false;
      }
      status = status.unsettled(); // until it is known what becomes of what is taken in
      told = facts.take();
      if (natIsNew) {
        nat = new NatRules.Input(pools, nodes);
        natIsNew = false;
      }
      all = synced;
      asked.addAll(questions);
      questions.clear();
      awaited.addAll(waiting);
      waiting.clear();
      if (doubt) {
        doubt = false;
        keeper.doubt();
      }
    } catch (InterruptedException _) {
      return false;
    } finally {
      lock.unlock();
    }
    keeper.facts(told);
    if (nat != null) {
      keeper.nat(nat);
    }
    if (all) {
      keeper.synced();
    }
    return true;
  }

  private long pauseEnds() {
    return lastWritten + (natIsNew || !facts.isOnlyOwnEndpoints() ? pauses.any() : pauses.pods());
  }

  /** Whether there is something new that may wait for more of its kind. */
  private boolean isGathering() {
    return !facts.isEmpty() || natIsNew;
  }

  private boolean isUrgent() {
    return doubt || !questions.isEmpty() || (synced && !keeper.isSynced()) || !waiting.isEmpty();
  }

  private void answer() {
    awaited.removeIf(waiter -> waiter.future().isDone());
    if (keeper.settled()) {
      PolicyCalculation calculation = keeper.calculation();
      awaited.removeIf(waiter -> waiter.isServed(calculation) && waiter.future().complete(null));
    }
    var view = new PolicyView(keeper);
    asked.forEach(question -> question.answer(view));
    asked.clear();
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
