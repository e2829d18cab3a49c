package dev.manul.bgp.bmp;

import dev.manul.bgp.RibEntry;
import dev.manul.bgp.RibPage;
import dev.manul.bgp.session.Scheduler.Timer;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A station, and what it has been told: first who is there and all that they have announced, piece
 * by piece as it reads, and meanwhile and afterwards whatever happens. On the core thread.
 */
final class StationSession implements StationLink.Events {
  private static final Logger log = LoggerFactory.getLogger(StationSession.class);
  private static final int STRIDE = 1024;
  private static final long FIRST_RETRY_MILLIS = 1_000;
  private static final long LAST_RETRY_MILLIS = 30_000;

  private final BmpExporter exporter;
  private final BmpStation station;

  /** Null while there is no connection and none is tried. */
  private StationLink link;

  private boolean connected;
  private boolean ended;
  private long retryMillis = FIRST_RETRY_MILLIS;
  private Timer timer;

  /** Whose routes it has not been told yet; the first of them up to {@code position}. */
  private final Deque<Address> untold = new ArrayDeque<>();

  private int position;

  StationSession(BmpExporter exporter, BmpStation station) {
    this.exporter = exporter;
    this.station = station;
  }

  void connect() {
    if (!ended) {
      link = new StationLink(station, exporter.loop(), exporter.core(), this);
    }
  }

  /** Says good-bye and ends. */
  void end() {
    ended = true;
    send(BmpMessages::termination);
    if (timer != null) {
      timer.cancel();
    }
    if (link != null) {
      link.close();
    }
  }

  void send(Consumer<ByteBuf> writer) {
    if (connected) {
      link.send(writer);
    }
  }

  @Override
  public void connected() {
    if (ended) {
      return;
    }
    log.info("station connected station=\"{}\"", station);
    connected = true;
    retryMillis = FIRST_RETRY_MILLIS;
    String name = exporter.source().name();
    send(out -> BmpMessages.initiation(name, out));
    exporter.peers().values().forEach(peer -> send(out -> BmpMessages.peerUp(peer, out)));
    untold.clear();
    untold.addAll(exporter.peers().keySet());
    position = 0;
    tellMore();
    startStatistics();
  }

  private void startStatistics() {
    if (station.statisticsSeconds() > 0) {
      timer =
          exporter
              .scheduler()
              .schedule(
                  station.statisticsSeconds() * 1000L,
                  () -> {
                    exporter.peers().values().forEach(peer -> exporter.statistics(peer, this));
                    startStatistics();
                  });
    }
  }

  @Override
  public void writable() {
    tellMore();
  }

  /** One piece at a time, so that the core thread gets to its other work in between. */
  private void tellMore() {
    if (!connected || untold.isEmpty() || !link.writable()) {
      return;
    }
    BmpPeer peer = exporter.peers().get(untold.getFirst());
    RibPage page =
        peer == null
            ? new RibPage(List.of(), RibPage.END)
            : exporter.source().announced(peer.address(), position, STRIDE);
    if (peer != null) {
      tell(peer, page.entries());
    }
    position = page.next();
    if (page.next() == RibPage.END) {
      if (peer != null) {
        tellEnd(peer);
      }
      untold.removeFirst();
      position = 0;
    }
    exporter.core().execute(this::tellMore);
  }

  private void tell(BmpPeer peer, List<RibEntry> entries) {
    Map<AddressFamily, Map<PathAttributes, List<Prefix>>> grouped = new LinkedHashMap<>();
    for (RibEntry entry : entries) {
      grouped
          .computeIfAbsent(entry.prefix().family(), f -> new LinkedHashMap<>())
          .computeIfAbsent(entry.attributes(), a -> new ArrayList<>())
          .add(entry.prefix());
    }
    Instant at = exporter.scheduler().now();
    grouped
        .values()
        .forEach(
            routes ->
                send(
                    out ->
                        routes.forEach(
                            (attributes, prefixes) ->
                                BmpMessages.routes(
                                    peer, at, new Update(List.of(), attributes, prefixes), out))));
  }

  /** What a neighbour that was there before the station has announced is complete. */
  private void tellEnd(BmpPeer peer) {
    Instant at = exporter.scheduler().now();
    for (Family family : exporter.source().status(peer.address()).families()) {
      send(out -> BmpMessages.routes(peer, at, new EndOfRib(family), out));
    }
  }

  @Override
  public void ended(String reason) {
    if (connected || retryMillis == FIRST_RETRY_MILLIS) {
      log.warn("station away station=\"{}\" reason=\"{}\"; trying again", station, reason);
    }
    connected = false;
    link = null;
    untold.clear();
    if (timer != null) {
      timer.cancel();
    }
    if (!ended) {
      timer = exporter.scheduler().schedule(retryMillis, this::connect);
      retryMillis = Math.min(LAST_RETRY_MILLIS, retryMillis * 2);
    }
  }
}
