package dev.manul.cni;

import dev.manul.cni.Attachment.Phase;
import dev.manul.datastore.Datastore;
import dev.manul.ipam.Ipam;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves the requests of the CNI plugin on a Unix socket. Public methods may be called by any
 * thread.
 */
public final class CniServer implements AutoCloseable {
  private final Work work;
  private final Verbs verbs;
  private final Upkeep upkeep;
  private final Listener listener;
  private final ExecutorService side;

  private CniServer(
      Work work, Verbs verbs, Upkeep upkeep, Listener listener, ExecutorService side) {
    this.work = work;
    this.verbs = verbs;
    this.upkeep = upkeep;
    this.listener = listener;
    this.side = side;
  }

  /**
   * Undoes what an earlier process left unfinished, then listens.
   *
   * @param datastore may answer reads with what was true a moment ago
   * @param fresh reads what there is now
   * @throws UncheckedIOException when the socket or the state cannot be used
   */
  public static CniServer start(
      CniOptions options,
      Datastore datastore,
      Datastore fresh,
      Ipam ipam,
      WorkloadRoutes routes,
      Clock clock) {
    return start(options, datastore, fresh, ipam, routes, clock, Work.Stages.NONE);
  }

  static CniServer start(
      CniOptions options,
      Datastore datastore,
      Datastore fresh,
      Ipam ipam,
      WorkloadRoutes routes,
      Clock clock,
      Work.Stages stages) {
    // a task here may wait for another: there is a thread for each, as many as requests need
    ExecutorService side =
        Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("cni-side-", 0).factory());
    HostKernel kernel = new HostKernel(options.host());
    try {
      Work work =
          new Work(
              options,
              datastore,
              fresh,
              new Addresses(options.nodeName(), ipam, clock),
              new Endpoints(options.nodeName(), datastore),
              routes,
              AttachmentStore.open(options.attachments()),
              kernel,
              new Bridges(kernel, routes),
              new KeyedLocks(),
              side,
              Work.noneUnsettled(),
              clock,
              stages);
      Verbs verbs = new Verbs(work);
      Listener listener = new Listener(options, verbs);
      Upkeep upkeep = new Upkeep(work, verbs, listener::closeSlow);
      upkeep.sweep();
      listener.start();
      upkeep.start();
      return new CniServer(work, verbs, upkeep, listener, side);
    } catch (IOException e) {
      side.shutdown();
      kernel.close();
      throw new UncheckedIOException("cannot start the CNI server: " + e.getMessage(), e);
    }
  }

  /** How it is going; at once. */
  public CniStatus status() {
    return new CniStatus(
        work.store().count(Phase.DONE),
        work.store().count(Phase.RELEASING),
        upkeep.queued(),
        verbs.adds().count(),
        verbs.deletions().count(),
        verbs.failures(),
        verbs.adds().medianMillis(),
        verbs.deletions().medianMillis(),
        verbs.lastError());
  }

  /** The file of the namespace behind a device of a container that is attached. */
  public Optional<Path> namespaceOf(String device) {
    return work.store()
        .owner(device)
        .map(Attachment::netns)
        .filter(netns -> !netns.isEmpty())
        .map(Path::of);
  }

  /** Stops listening, and waits for the requests in hand. */
  @Override
  public void close() {
    listener.close();
    upkeep.close();
    side.shutdown();
    work.kernel().close();
  }
}
