package dev.manul.cni;

import dev.manul.datastore.Datastore;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What all requests of a server share.
 *
 * @param datastore may answer reads with what was true a moment ago
 * @param fresh reads what there is now
 * @param side runs what is done beside a request's own thread; never on the caller's
 * @param unsettled attachments that were given up while something was still being done for them
 */
record Work(
    CniOptions options,
    Datastore datastore,
    Datastore fresh,
    Addresses addresses,
    Endpoints endpoints,
    WorkloadRoutes routes,
    AttachmentStore store,
    HostKernel kernel,
    Bridges bridges,
    KeyedLocks locks,
    Executor side,
    Map<AttachmentKey, CompletableFuture<?>> unsettled,
    Clock clock,
    Stages stages) {

  /** Is told how far the work on an attachment has come; a test may end it there. */
  @FunctionalInterface
  interface Stages {
    Stages NONE = (_, _) -> {};

    void reached(Stage stage, AttachmentKey key);
  }

  /** The places at which a process may die. */
  enum Stage {
    RECORDED,
    LINK_MADE,
    ADDRESSES_TAKEN,
    NODE_END_SET_UP,
    ENDPOINT_WRITTEN,
    LINK_REMOVED,
    ADDRESSES_RELEASED
  }

  static Map<AttachmentKey, CompletableFuture<?>> noneUnsettled() {
    return new ConcurrentHashMap<>();
  }

  /** Sees to it that the node can reach an attachment's device; the kernel's part for a bridge. */
  void route(Attachment attachment) {
    if (attachment.port().isPresent()) {
      var _ = bridges.ensure(attachment.port().get());
    } else {
      routes.add(attachment.device(), attachment.prefixes());
    }
  }

  /** Sets the node's end of an attachment up, with all that leads to it. */
  void attach(Attachment attachment) {
    if (attachment.port().isPresent()) {
      BridgePort port = attachment.port().get();
      kernel.join(attachment, port, bridges.ensure(port));
    } else {
      route(attachment);
      kernel.attach(attachment);
    }
  }

  <T> CompletableFuture<T> beside(Supplier<T> task) {
    return CompletableFuture.supplyAsync(task, side);
  }

  CompletableFuture<Void> beside(Runnable task) {
    return CompletableFuture.runAsync(task, side);
  }

  /** The locks of an attachment, in the order in which they are taken. */
  KeyedLocks.Held hold(Deadline deadline, Workload workload) {
    return locks.hold(
        deadline, "container " + workload.key().containerId(), "device " + workload.device());
  }

  boolean settled(AttachmentKey key) {
    CompletableFuture<?> tail = unsettled.get(key);
    return tail == null || tail.isDone();
  }
}
