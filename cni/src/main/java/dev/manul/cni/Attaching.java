package dev.manul.cni;

import dev.manul.cni.Attachment.Phase;
import dev.manul.cni.CniException.Code;
import dev.manul.cni.Work.Stage;
import dev.manul.model.Address;
import dev.manul.model.Key;
import dev.manul.model.Namespace;
import dev.manul.model.Pod;
import dev.manul.netlink.Link;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ADD: the link is made by the request's own thread, the addresses are taken beside it, and the
 * pod's end is set up by a thread that has entered its namespace meanwhile. With {@link
 * CniOptions.Division#sideBySide}, the rest goes on with the addresses as soon as they are as good
 * as certain, while they are being written: the endpoint is written beside, both ends are set up;
 * the answer waits for all of it. Where more are under way than {@link CniOptions.Division#spread},
 * all of it is done by the request's own thread: handing over would only keep the processors from
 * the others.
 */
final class Attaching {
  private static final Logger LOG = LoggerFactory.getLogger(Attaching.class);

  private final Work work;
  private final Detaching detaching;

  /** Hardware addresses need not be the same in a later run. */
  private final SplittableRandom random = new SplittableRandom();

  private final AtomicInteger underWay = new AtomicInteger();

  /** The number of the node's own namespace, as that of the process. */
  private final Object own;

  Attaching(Work work, Detaching detaching) {
    this.work = work;
    this.detaching = detaching;
    try {
      this.own = Files.getAttribute(Path.of("/proc/self/ns/net"), "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell the node's own namespace", e);
    }
  }

  /** What the datastore has given for an attachment. */
  private record Given(
      Optional<Pod> pod, AddressWishes wishes, List<Address> addresses, Optional<BridgePort> port) {

    /** Another hardware address than the one that the link is made with. */
    Optional<String> mac() {
      return wishes.mac().or(() -> port.map(_ -> Bridges.mac(addresses)));
    }
  }

  /**
   * Attaches a container. A second time for the same container gives the same again.
   *
   * @throws RuntimeException when it cannot be done; then nothing of it is left
   */
  Attachment add(Invocation invocation, Deadline deadline) {
    Workload workload = Workload.of(invocation);
    NetworkNamespace pod = namespace(invocation.netns());
    try (var _ = work.hold(deadline, workload)) {
      Optional<Attachment> before = work.store().get(workload.key());
      if (before.isPresent() && intact(before.get(), pod, invocation)) {
        LOG.atDebug().log("verb=ADD container={} result=unchanged", workload.key());
        work.route(before.get());
        return before.get();
      }
      List<Address> had = List.of();
      if (before.isPresent()) {
        had = clearAway(before.get(), workload);
      }
      Attachment begun =
          Attachment.begun(
                  workload,
                  invocation.configuration().name(),
                  invocation.netns(),
                  work.clock().instant())
              .withAddresses(had);
      return attach(new Attempt(begun, invocation.configuration(), pod, deadline));
    }
  }

  private Attachment attach(Attempt attempt) {
    try {
      return underWay.incrementAndGet() > work.options().division().spread()
          ? attempt.alone()
          : attempt.together();
    } finally {
      underWay.decrementAndGet();
    }
  }

  /** The namespace behind a file, which must not be the node's own. */
  private NetworkNamespace namespace(String netns) {
    Path file = Path.of(netns);
    try {
      if (Files.getAttribute(file, "unix:ino").equals(own)) {
        throw new CniException(
            Code.INVALID_ENVIRONMENT, "CNI_NETNS " + netns + " is the node's own namespace");
      }
    } catch (IOException e) {
      throw new CniException(
          Code.UNKNOWN_CONTAINER, "the container's namespace " + netns + " is not there");
    }
    return NetworkNamespace.ofPath(file);
  }

  /** Whether an earlier ADD's work is still all there, for the same container and namespace. */
  private boolean intact(Attachment before, NetworkNamespace pod, Invocation invocation) {
    if (before.phase() != Phase.DONE
        || !before.network().equals(invocation.configuration().name())
        || !before.netns().equals(invocation.netns())
        || !before.port().map(BridgePort::settings).equals(invocation.configuration().bridge())
        || !before.workload().equals(Workload.of(invocation))) {
      return false;
    }
    Optional<Link> link = work.kernel().link(before.device());
    return link.isPresent()
        && link.get().index() == before.deviceIndex()
        && before
            .port()
            .map(p -> work.bridges().differences(p, link.get()))
            .orElse(List.of())
            .isEmpty()
        && PodKernel.differences(pod, before).isEmpty();
  }

  /**
   * Removes what is left of an earlier ADD.
   *
   * @return the addresses it still holds
   */
  private List<Address> clearAway(Attachment before, Workload workload) {
    if (before.phase() == Phase.DONE && before.workload().equals(workload)) {
      detaching.removeLink(before);
      return before.addresses();
    }
    if (!detaching.undo(before)) {
      throw new CniException(
          Code.TRY_AGAIN_LATER,
          "addresses of an earlier attempt for " + workload.key() + " are not released yet");
    }
    return List.of();
  }

  /** One attempt, from the first change to the last or back. */
  private final class Attempt {
    private final Attachment begun;
    private final NetworkConfiguration network;
    private final NetworkNamespace pod;
    private final Deadline deadline;
    private final int mtu;
    private final String mac = mac();
    private final CompletableFuture<PodKernel.Wanted> wanted = new CompletableFuture<>();

    /** What will be given but for the rarest of races, or was. */
    private final CompletableFuture<Given> likely = new CompletableFuture<>();

    Attempt(
        Attachment begun, NetworkConfiguration network, NetworkNamespace pod, Deadline deadline) {
      this.begun = begun;
      this.network = network;
      this.pod = pod;
      this.deadline = deadline;
      this.mtu = network.mtu() > 0 ? network.mtu() : work.options().mtu().getAsInt();
    }

    /** One step after the other, on this thread. */
    Attachment alone() {
      try {
        record();
        Given given = take(_ -> {});
        deadline.check("taking addresses");
        work.stages().reached(Stage.ADDRESSES_TAKEN, begun.key());
        Link link = makeLink();
        Attachment made = with(link.index(), given);
        attachNodeEnd(made);
        PodKernel.configure(pod, wanted(made, link, given));
        putEndpoint(given);
        return finish(made);
      } catch (RuntimeException e) {
        boolean _ = detaching.undo(begun);
        throw e;
      }
    }

    /** What does not need the one before at the same time, on several threads. */
    Attachment together() {
      boolean early = work.options().division().sideBySide();
      CompletableFuture<Given> given =
          work.beside(() -> take(early ? likely::complete : _ -> {})).whenComplete(this::settleFor);
      CompletableFuture<Void> endpoint =
          early
              ? likely.thenAcceptAsync(this::putEndpoint, work.side())
              : given.thenAccept(this::putEndpoint); // by the same thread
      CompletableFuture<Void> podEnd =
          PodKernel.configureBeside(pod, () -> deadline.await("taking addresses", wanted));
      Optional<Attachment> done;
      boolean crashed = true;
      try {
        done = wire(given, endpoint, podEnd);
        crashed = false;
      } catch (RuntimeException e) {
        crashed = false;
        wanted.completeExceptionally(e);
        undo(CompletableFuture.allOf(given, endpoint, podEnd));
        throw first(e, given, podEnd);
      } finally {
        if (crashed) {
          wanted.cancel(false);
        }
      }
      return done.orElseGet(() -> withOthers(given.join()));
    }

    /** What was given is what is likely, where nothing was foretold. */
    private void settleFor(Given given, Throwable failure) {
      boolean _ = failure == null ? likely.complete(given) : likely.completeExceptionally(failure);
    }

    /**
     * Wires with the addresses that are likely to be given.
     *
     * @return empty when others were given
     */
    private Optional<Attachment> wire(
        CompletableFuture<Given> given,
        CompletableFuture<Void> endpoint,
        CompletableFuture<Void> podEnd) {
      record();
      Link link = makeLink();
      Given expected = deadline.await("taking addresses", likely);
      Attachment made = with(link.index(), expected);
      wanted.complete(wanted(made, link, expected));
      attachNodeEnd(made);
      Given got = deadline.await("taking addresses", given);
      work.stages().reached(Stage.ADDRESSES_TAKEN, begun.key());
      deadline.await("setting up the container's end", podEnd);
      deadline.await("writing the endpoint", endpoint);
      return got.addresses().equals(expected.addresses())
          ? Optional.of(finish(made))
          : Optional.empty();
    }

    /** Somebody else was given what was foretold: the link is made again, for what was given. */
    private Attachment withOthers(Given given) {
      LOG.atInfo().log(
          "verb=ADD container={} addresses={} not=\"as foretold\"", begun.key(), given.addresses());
      try {
        detaching.removeLink(begun);
      } catch (RuntimeException e) {
        boolean _ = detaching.undo(begun);
        throw e;
      }
      return new Attempt(begun.withAddresses(given.addresses()), network, pod, deadline).alone();
    }

    /** What the IPAM gives is found by its handle from now on, should we die before the end. */
    private void record() {
      work.store().put(begun);
      work.stages().reached(Stage.RECORDED, begun.key());
    }

    private Link makeLink() {
      Link link = work.kernel().create(begun.device(), pod, begun.key().ifname(), mac, mtu);
      work.stages().reached(Stage.LINK_MADE, begun.key());
      return link;
    }

    private Attachment with(int index, Given given) {
      return begun
          .withLink(index, given.mac().orElse(mac), mtu)
          .withAddresses(given.addresses())
          .withPort(given.port());
    }

    private PodKernel.Wanted wanted(Attachment made, Link link, Given given) {
      return new PodKernel.Wanted(made, link.parentIndex(), given.mac(), network.allowForwarding());
    }

    private void attachNodeEnd(Attachment made) {
      work.attach(made);
      work.stages().reached(Stage.NODE_END_SET_UP, begun.key());
    }

    private Attachment finish(Attachment made) {
      work.stages().reached(Stage.ENDPOINT_WRITTEN, begun.key());
      Attachment done = made.withPhase(Phase.DONE);
      work.store().put(done);
      return done;
    }

    /**
     * Takes addresses.
     *
     * @param expected is told once, or not at all, what will be given
     */
    private Given take(Consumer<Given> expected) {
      Workload workload = begun.workload();
      Optional<Pod> found = workload.isPod() ? pod(workload) : Optional.empty();
      Optional<Namespace> namespace =
          workload.isPod()
              ? work.datastore().get(Namespace.KIND, Key.of(workload.namespace()))
              : Optional.empty();
      AddressWishes wishes =
          AddressWishes.of(
              network,
              found.map(p -> p.metadata().annotations()).orElse(Map.of()),
              namespace.map(n -> n.metadata().annotations()).orElse(Map.of()));
      Map<String, String> labels = namespace.map(n -> n.metadata().labels()).orElse(Map.of());
      if (network.bridge().isEmpty()) {
        Function<List<Address>, Given> with =
            addresses -> new Given(found, wishes, addresses, Optional.empty());
        return with.apply(
            work.addresses()
                .take(
                    begun,
                    wishes,
                    labels,
                    begun.addresses(),
                    addresses -> expected.accept(with.apply(addresses))));
      }
      Addresses.OnBridge got =
          work.addresses().takeOnBridge(begun, wishes, labels, begun.addresses());
      var port = new BridgePort(network.bridge().get(), got.gateways());
      return new Given(found, wishes, got.addresses(), Optional.of(port));
    }

    /**
     * The pod as it was heard of; read where that may be an earlier one of its name. What is read
     * is taken with any uid, as a static pod goes by another one at its kubelet than in the API.
     */
    private Optional<Pod> pod(Workload workload) {
      Key key = new Key(workload.namespace(), workload.pod());
      return work.datastore()
          .get(Pod.KIND, key)
          .filter(known -> workload.mayBe(known.metadata().uid()))
          .or(() -> work.fresh().get(Pod.KIND, key));
    }

    private void putEndpoint(Given got) {
      Attachment planned = with(begun.deviceIndex(), got); // the endpoint does not tell the index
      work.endpoints().put(planned, got.pod(), got.wishes().spoofable());
    }

    /** Waits for what runs beside, as far as time allows, and takes everything back. */
    private void undo(CompletableFuture<?> tail) {
      try {
        Object _ = deadline.await("giving up", tail);
      } catch (RuntimeException _) {
        // why it is undone has been thrown already
      }
      if (!tail.isDone()) {
        CompletableFuture<?> _ = work.unsettled().put(begun.key(), tail);
      }
      boolean _ = detaching.undo(begun);
    }

    /** A cause that is better known beside than here. */
    private RuntimeException first(
        RuntimeException here, CompletableFuture<Given> given, CompletableFuture<Void> podEnd) {
      if (here instanceof NetlinkException && given.isCompletedExceptionally()) {
        return causeOf(given, here);
      }
      return here instanceof CniException c
              && c.code() == Code.TRY_AGAIN_LATER
              && podEnd.isCompletedExceptionally()
          ? causeOf(podEnd, here)
          : here;
    }

    private static RuntimeException causeOf(
        CompletableFuture<?> future, RuntimeException otherwise) {
      Throwable cause = future.exceptionNow();
      return cause instanceof RuntimeException e ? e : otherwise;
    }
  }

  private String mac() {
    synchronized (random) {
      return PodLink.randomMac(random);
    }
  }
}
