package dev.manul.bgp.bfd;

import dev.manul.model.Address;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All BFD sessions of a speaker. The thread {@code bgp-bfd} owns them; it does nothing else, so
 * that a busy speaker neither sends late nor takes a punctual neighbour for a silent one. All
 * methods may be called from any thread, and none waits but {@link #close}.
 */
public final class BfdService implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BfdService.class);

  /** How long a neighbour is told that a session is not wanted any more. */
  private static final long LEAVE_MILLIS = 3_500;

  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop loop;
  private final Executor executor;
  private final Events events;
  private final SecureRandom random = new SecureRandom();
  private final BfdSockets sockets;
  private final Map<Address, WatchedPeer> watched = new ConcurrentHashMap<>();

  /** Sessions that say good-bye. On the loop. */
  private final Map<Address, WatchedPeer> leaving = new HashMap<>();

  /** All sessions by our number for them. On the loop. */
  private final Map<Integer, WatchedPeer> byDiscriminator = new HashMap<>();

  /** What the service has to say, on the executor it was given. */
  @FunctionalInterface
  public interface Events {
    /**
     * A neighbour that was there is gone, or says that the path is.
     *
     * @param watch the number given to {@link BfdService#watch}
     */
    void down(Address peer, long watch, BfdDiagnostic why);
  }

  /** Starts the thread. */
  public BfdService(Executor executor, Events events) {
    this.executor = executor;
    this.events = events;
    group =
        new MultiThreadIoEventLoopGroup(
            1, Thread.ofPlatform().daemon().name("bgp-bfd").factory(), EpollIoHandler.newFactory());
    loop = group.next();
    sockets = new BfdSockets(loop, this::received, random);
  }

  /**
   * Watches a neighbour from now on, or goes on with other settings. A session that is up already
   * counts only once the neighbour has been heard again after this call: otherwise one that has
   * been started anew would be given up because of the silence of its former self.
   *
   * @param watch a number to tell this call from former ones by
   */
  public void watch(BfdPeer peer, long watch) {
    loop.execute(
        () -> {
          WatchedPeer known = watched.get(peer.remote());
          if (known != null && known.peer().sameSession(peer)) {
            known.watch(peer.settings(), watch);
            return;
          }
          if (known != null) {
            end(known);
          }
          end(leaving.remove(peer.remote()));
          WatchedPeer fresh = new WatchedPeer(this, peer, discriminator(), watch);
          watched.put(peer.remote(), fresh);
          byDiscriminator.put(fresh.session().mine(), fresh);
          fresh.start(sockets);
        });
  }

  /** Ends a session, telling the neighbour that it is no failure. */
  public void forget(Address peer) {
    loop.execute(
        () -> {
          WatchedPeer known = watched.remove(peer);
          if (known != null) {
            known.leave();
            leaving.put(peer, known);
            var _ =
                loop.schedule(
                    () -> {
                      if (leaving.remove(peer, known)) {
                        end(known);
                      }
                    },
                    LEAVE_MILLIS,
                    TimeUnit.MILLISECONDS);
          }
        });
  }

  /** A snapshot; empty when there is no such session. */
  public Optional<BfdStatus> status(Address peer) {
    return Optional.ofNullable(watched.get(peer)).map(WatchedPeer::status);
  }

  private void end(WatchedPeer peer) {
    if (peer != null) {
      byDiscriminator.remove(peer.session().mine());
      peer.end(sockets);
    }
  }

  private int discriminator() {
    int candidate = random.nextInt();
    while (candidate == 0 || byDiscriminator.containsKey(candidate)) {
      candidate = random.nextInt();
    }
    return candidate;
  }

  /** Finds the session a packet is for (RFC 5880 section 6.8.6). On the loop. */
  private void received(InetSocketAddress from, int port, BfdPacket packet) {
    Address source = Address.ofBytes(from.getAddress().getAddress());
    WatchedPeer peer =
        packet.yours() == 0 ? watched.get(source) : byDiscriminator.get(packet.yours());
    if (peer == null || !peer.peer().remote().equals(source) || peer.port() != port) {
      log.debug("packet of no session from={} port={} yours={}", source, port, packet.yours());
      return;
    }
    peer.received(packet);
  }

  EventLoop loop() {
    return loop;
  }

  double random() {
    return random.nextDouble();
  }

  void tellDown(Address peer, long watch, BfdDiagnostic why) {
    executor.execute(() -> events.down(peer, watch, why));
  }

  /** Tells every neighbour that the sessions are not wanted any more. */
  public void leave() {
    loop.execute(() -> watched.values().forEach(WatchedPeer::leave));
  }

  /** Does that, ends the thread and waits for its end. Nothing else may be called after it. */
  @Override
  public void close() {
    leave();
    // Waited for, since a loop that is shut down closes its sockets before it does its last work.
    var _ =
        loop.submit(
                () -> {
                  watched.values().forEach(this::end);
                  leaving.values().forEach(this::end);
                  watched.clear();
                  leaving.clear();
                  sockets.close();
                })
            .awaitUninterruptibly(1, TimeUnit.SECONDS);
    var _ =
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
