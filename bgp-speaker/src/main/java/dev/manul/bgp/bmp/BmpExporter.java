package dev.manul.bgp.bmp;

import dev.manul.bgp.NeighborDetail;
import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.RibPage;
import dev.manul.bgp.session.Event;
import dev.manul.bgp.session.Link;
import dev.manul.bgp.session.Neighbor;
import dev.manul.bgp.session.Scheduler;
import dev.manul.bgp.session.SessionMonitor;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.model.Address;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Keeps stations informed. On the core thread, but for {@link #close}. */
public final class BmpExporter implements SessionMonitor, AutoCloseable {
  // RFC 7854 section 4.8 and RFC 8671 section 6.2.
  private static final int REJECTED_PREFIXES = 0;
  private static final int TREATED_AS_WITHDRAWN = 11;
  private static final int ADJ_RIB_IN = 7;
  private static final int LOC_RIB = 8;
  private static final int ADJ_RIB_OUT = 15;

  private final Executor core;
  private final Scheduler scheduler;
  private final Source source;
  private final Map<Address, BmpPeer> peers = new TreeMap<>();
  private final Map<BmpStation, StationSession> stations = new HashMap<>();
  private MultiThreadIoEventLoopGroup group;

  /** What there is to tell. On the core thread. */
  public interface Source {
    /** What this speaker calls itself. */
    String name();

    /** How many prefixes have a best path. */
    int prefixes();

    NeighborStatus status(Address peer);

    /** A piece of what a neighbour has announced, before policy. */
    RibPage announced(Address peer, int from, int count);
  }

  public BmpExporter(Executor core, Scheduler scheduler, Source source) {
    this.core = core;
    this.scheduler = scheduler;
    this.source = source;
  }

  /** Sets all stations; connections to those that stay are not touched. */
  public void stations(Collection<BmpStation> wanted) {
    for (BmpStation station : List.copyOf(stations.keySet())) {
      if (!wanted.contains(station)) {
        stations.remove(station).end();
      }
    }
    for (BmpStation station : Set.copyOf(wanted)) {
      if (!stations.containsKey(station)) {
        StationSession session = new StationSession(this, station);
        stations.put(station, session);
        session.connect();
      }
    }
  }

  private void tell(Consumer<ByteBuf> writer) {
    stations.values().forEach(station -> station.send(writer));
  }

  @Override
  public void up(Neighbor neighbor, Link link, Open sent, Open received) {
    BmpPeer peer =
        new BmpPeer(
            link.remoteAddress(),
            link.remotePort(),
            link.localAddress(),
            link.localPort(),
            sent,
            received,
            scheduler.now());
    peers.put(peer.address(), peer);
    tell(out -> BmpMessages.peerUp(peer, out));
  }

  @Override
  public void received(Neighbor neighbor, BgpMessage message) {
    BmpPeer peer = peers.get(neighbor.configuration().address());
    boolean routes = message instanceof Update || message instanceof EndOfRib;
    if (routes && peer != null && !stations.isEmpty()) {
      Instant at = scheduler.now();
      tell(out -> BmpMessages.routes(peer, at, message, out));
    }
  }

  @Override
  public void down(Neighbor neighbor, Event cause, Optional<Notification> heard) {
    BmpPeer peer = peers.remove(neighbor.configuration().address());
    if (peer != null) {
      Instant at = scheduler.now();
      tell(out -> BmpMessages.peerDown(peer, at, cause, heard, out));
    }
  }

  /** The counters of one peer. */
  void statistics(BmpPeer peer, StationSession station) {
    NeighborStatus status = source.status(peer.address());
    long withdrawn =
        status.detail().faults().stream()
            .filter(f -> f.kind() == NeighborDetail.FaultKind.TREATED_AS_WITHDRAWN)
            .mapToLong(NeighborDetail.FaultCount::count)
            .sum();
    Map<Integer, Long> counters = new TreeMap<>();
    counters.put(REJECTED_PREFIXES, (long) status.prefixesReceived() - status.prefixesAccepted());
    counters.put(TREATED_AS_WITHDRAWN, withdrawn);
    Map<Integer, Long> gauges = new TreeMap<>();
    gauges.put(ADJ_RIB_IN, (long) status.prefixesReceived());
    gauges.put(LOC_RIB, (long) source.prefixes());
    gauges.put(ADJ_RIB_OUT, (long) status.prefixesAdvertised());
    Instant at = scheduler.now();
    station.send(out -> BmpMessages.statistics(peer, at, counters, gauges, out));
  }

  Map<Address, BmpPeer> peers() {
    return peers;
  }

  Source source() {
    return source;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Executor core() {
    return core;
  }

  /** There is no thread before there is a station. */
  EventLoop loop() {
    if (group == null) {
      group =
          new MultiThreadIoEventLoopGroup(
              1,
              Thread.ofPlatform().daemon().name("bgp-bmp").factory(),
              EpollIoHandler.newFactory());
    }
    return group.next();
  }

  /** Ends the thread and waits for it; when the core thread has ended and stations are gone. */
  @Override
  public void close() {
    if (group != null) {
      // A loop that is shut down closes its sockets before it does its last work.
      var _ = group.next().submit(() -> {}).awaitUninterruptibly(1, TimeUnit.SECONDS);
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
  }
}
