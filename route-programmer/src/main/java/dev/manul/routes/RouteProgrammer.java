package dev.manul.routes;

import dev.manul.model.AgentStatus;
import dev.manul.model.Prefix;
import dev.manul.netlink.Event;
import dev.manul.netlink.ForwardingEntry;
import dev.manul.netlink.Group;
import dev.manul.netlink.Neighbour;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetlinkMonitor;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.PacketRelay;
import dev.manul.netlink.RouteSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel's routes and the tunnel devices what they ought to be, and keeps them so.
 *
 * <p>Every method may be called by any thread. Inputs are left in a box where the latest counts; a
 * thread of our own, {@code routes}, takes them out, decides, and writes to the kernel in batches.
 * A second thread listens to the kernel. What others do to our routes is put right at once, and a
 * full check every so often finds what was never told.
 */
public final class RouteProgrammer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RouteProgrammer.class);

  private static final Set<Group> GROUPS =
      Set.of(
          Group.LINK, Group.IPV4_ADDRESS, Group.IPV6_ADDRESS, Group.IPV4_ROUTE, Group.IPV6_ROUTE);

  /** With VXLAN. A host has much news of neighbours, so that without it nobody listens. */
  private static final Set<Group> GROUPS_WITH_NEIGHBOURS =
      Stream.concat(GROUPS.stream(), Stream.of(Group.NEIGHBOUR))
          .collect(Collectors.toUnmodifiableSet());

  /**
   * 32 MiB, which the kernel takes only as news queue up: room for some 100,000 changes of our own
   * that wait to be passed over.
   */
  private static final int NEWS_BUFFER = 32 << 20;

  /** After each pass, for what is not urgent. */
  private static final long PAUSE = Duration.ofMillis(20).toNanos();

  private static final long PAUSE_AFTER_ERROR = Duration.ofSeconds(1).toNanos();
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private final ProgrammerListener listener;
  private final Kernel kernel;
  private final RouteKeeper keeper;
  private final Inbox inbox = new Inbox();
  private final Thread thread;

  /** Owned by the thread {@code routes} while that runs. */
  private NetlinkMonitor monitor;

  private boolean hearsNeighbours;

  private final NetworkNamespace namespace;
  private final int ownPort;
  private final boolean foundRoutes;
  private volatile boolean monitorLost;
  private volatile Set<Integer> watchedTunnels = Set.of();
  private volatile Underlay underlay = Underlay.EMPTY;
  private volatile ProgrammerStatus status;

  private RouteProgrammer(
      NetworkNamespace namespace, ProgrammerOptions options, ProgrammerListener listener) {
    this.listener = listener;
    this.namespace = namespace;
    RouteSocket socket = RouteSocket.open(namespace);
    this.kernel = new NetlinkKernel(namespace, socket);
    this.keeper = new RouteKeeper(options, kernel, System::nanoTime, InstantSource.system());
    this.ownPort = socket.port();
    try {
      this.monitor = openMonitor();
    } catch (RuntimeException e) {
      kernel.close();
      throw e;
    }
    try {
      keeper.read();
    } catch (RuntimeException e) {
      monitor.close();
      kernel.close();
      throw e;
    }
    this.foundRoutes = keeper.hasOwnRoutes();
    this.underlay = keeper.underlay();
    this.status = keeper.status();
    this.thread = Thread.ofPlatform().name("routes").daemon(true).unstarted(this::run);
  }

  /** Our own writes are not news: what they did is known from the kernel's answers. */
  private NetlinkMonitor openMonitor() {
    int port = ownPort;
    return NetlinkMonitor.open(
        namespace,
        NetlinkMonitor.Options.of(hearsNeighbours ? GROUPS_WITH_NEIGHBOURS : GROUPS)
            .withReceiveBuffer(NEWS_BUFFER)
            .withIgnoredPort(p -> p == port),
        new Ears());
  }

  /** What the kernel tells; on the monitor's thread. */
  private final class Ears implements NetlinkMonitor.Listener {

    @Override
    public void changed(List<Event> events) {
      List<Event> ofUse = events.stream().filter(this::isOfUse).toList();
      if (!ofUse.isEmpty()) {
        inbox.events(ofUse);
      }
    }

    private boolean isOfUse(Event event) {
      return switch (event) {
        case Event.NeighbourChanged(Neighbour n) -> watchedTunnels.contains(n.linkIndex());
        case Event.NeighbourRemoved(Neighbour n) -> watchedTunnels.contains(n.linkIndex());
        case Event.ForwardingChanged(ForwardingEntry e) -> watchedTunnels.contains(e.linkIndex());
        case Event.ForwardingRemoved(ForwardingEntry e) -> watchedTunnels.contains(e.linkIndex());
        default -> true;
      };
    }

    @Override
    public void overrun() {
      log.warn("event=kernel_news_lost action=read_all");
      inbox.overrun();
    }

    @Override
    public void failed(NetlinkException cause) {
      log.error("event=kernel_monitor_ended action=open_again", cause);
      monitorLost = true;
      inbox.overrun();
    }
  }

  /**
   * Starts a programmer and waits until it has read the kernel once, so that {@link #underlay} has
   * an answer. Nothing is written before the first {@link #view}.
   *
   * @throws NetlinkException when the namespace cannot be entered or the kernel not be read
   */
  public static RouteProgrammer start(
      NetworkNamespace namespace, ProgrammerOptions options, ProgrammerListener listener) {
    RouteProgrammer programmer = new RouteProgrammer(namespace, options, listener);
    programmer.thread.start();
    return programmer;
  }

  /**
   * Whether the kernel had routes of ours at the start: a former process left them, and this host
   * has been forwarding by them since.
   */
  public boolean foundRoutes() {
    return foundRoutes;
  }

  /** Replaces all that is known of the node; of several views the latest counts. */
  public void view(NodeView view) {
    inbox.view(view);
  }

  /** Changes what is learned; of several changes to a prefix the latest counts. */
  public void learned(Collection<LearnedChange> changes) {
    inbox.learned(changes);
  }

  /**
   * A pod's device is about to be set up on this host: its addresses are routed to it from now on,
   * whether the view already names them or not. So the route that the pod's creator puts into the
   * kernel is one that is wanted. Of several calls for a device the latest counts.
   *
   * @param addresses single addresses; none when the device is gone
   */
  public void attached(String device, Set<Prefix> addresses) {
    inbox.attached(device, addresses);
  }

  /**
   * From now on routes of ours that are not wanted are removed, and so is what is strange of tunnel
   * devices. Until then they stay, so that a restart takes nothing away before all is known.
   */
  public void inSync() {
    inbox.inSync();
  }

  /** The host as it was last seen; at once. */
  public Underlay underlay() {
    return underlay;
  }

  /** How it is going; at once. */
  public ProgrammerStatus status() {
    return status;
  }

  /**
   * The wanted routes as {@code ip route} writes them, in the order of their prefixes.
   *
   * @throws IllegalStateException when the programmer is closed or does not answer within 10 s
   */
  public List<String> lines() {
    return ask(keeper::lines);
  }

  /** The status as the agent reports it, lines and all; see {@link #lines}. */
  public AgentStatus.Routes report() {
    return ask(
        () -> {
          ProgrammerStatus now = keeper.status();
          return new AgentStatus.Routes(
              now.desired(),
              now.installed(),
              now.repaired(),
              now.lastFullCheck().map(Instant::toString).orElse(""),
              now.failing(),
              keeper.lines());
        });
  }

  /**
   * What became of packets of pools in UDP, by device; see {@link #lines}. Nothing while no pool
   * has been in UDP.
   */
  public Map<String, PacketRelay.Counts> relays() {
    return ask(keeper::relays);
  }

  private <T> T ask(Supplier<T> question) {
    if (Thread.currentThread().equals(thread)) {
      return question.get();
    }
    if (!thread.isAlive()) {
      throw new IllegalStateException("the route programmer is closed");
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    inbox.question(() -> answer.complete(question.get()));
    try {
      return answer.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("the route programmer is closed or does not answer", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the route programmer could not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking the route programmer", e);
    }
  }

  private void run() {
    long wait = 0;
    while (true) {
      Inbox.Batch batch;
      try {
        batch = inbox.take(wait, PAUSE);
      } catch (InterruptedException e) {
        return;
      }
      if (batch.closed()) {
        return;
      }
      wait = work(batch);
    }
  }

  /** Does what a batch asks for; gives the nanoseconds to wait for the next. */
  private long work(Inbox.Batch batch) {
    long wait;
    try {
      takeIn(batch);
      if (monitorLost || keeper.wantsNeighbours() != hearsNeighbours) {
        hearsNeighbours = keeper.wantsNeighbours();
        monitor.close();
        monitor = openMonitor();
        monitorLost = false;
        keeper.readAgain();
      }
      keeper.settle();
      watchedTunnels = keeper.watchedTunnels();
      wait = keeper.untilNext();
    } catch (NetlinkException e) {
      log.warn("event=kernel_call_failed action=read_all_and_retry cause=\"{}\"", e.getMessage());
      keeper.readAgain();
      wait = PAUSE_AFTER_ERROR;
    } catch (RuntimeException e) {
      log.error("event=routes_pass_failed action=read_all_and_retry", e);
      keeper.readAgain();
      wait = PAUSE_AFTER_ERROR;
    }
    publish();
    batch.questions().forEach(Runnable::run);
    return wait;
  }

  private void takeIn(Inbox.Batch batch) {
    if (batch.overrun()) {
      keeper.readAgain();
    }
    batch.events().forEach(keeper::happened);
    batch.view().ifPresent(keeper::view);
    batch.attached().forEach(keeper::attached);
    keeper.learned(batch.learned());
    if (batch.inSync()) {
      keeper.inSync();
    }
  }

  private void publish() {
    Underlay seen = keeper.underlay();
    if (seen != underlay) {
      underlay = seen;
      tell(() -> listener.underlayChanged(seen));
    }
    ProgrammerStatus now = keeper.status();
    if (!now.equals(status)) {
      status = now;
      tell(() -> listener.statusChanged(now));
    }
  }

  private static void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      log.error("event=listener_failed", e);
    }
  }

  /** Ends the threads. Routes and devices stay as they are. A second time does nothing. */
  @Override
  public void close() {
    inbox.close();
    if (!Thread.currentThread().equals(thread)) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    monitor.close();
    keeper.close();
    kernel.close();
  }
}
