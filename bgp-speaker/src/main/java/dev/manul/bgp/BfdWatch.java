package dev.manul.bgp;

import dev.manul.bgp.bfd.BfdDiagnostic;
import dev.manul.bgp.bfd.BfdPeer;
import dev.manul.bgp.bfd.BfdService;
import dev.manul.bgp.bfd.BfdStatus;
import dev.manul.bgp.session.Neighbor;
import dev.manul.model.Address;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Which neighbours are watched with BFD. On the core thread, but for {@link #status}. There is no
 * thread for it before somebody asks for BFD.
 */
final class BfdWatch {
  private final Executor core;
  private final Function<Address, Neighbor> neighbors;
  private final Map<Address, Watch> watches = new HashMap<>();
  private volatile BfdService service;
  private long watchesMade;

  /**
   * A neighbour that is watched.
   *
   * @param number of the session it is watched for
   */
  private record Watch(BfdPeer peer, long number) {}

  /**
   * @param neighbors finds a neighbour; null when there is none of that address
   */
  BfdWatch(Executor core, Function<Address, Neighbor> neighbors) {
    this.core = core;
    this.neighbors = neighbors;
  }

  /** A session is up, or goes on with another configuration. */
  void begin(NeighborConfiguration neighbor, Address local) {
    if (neighbor.bfd().isEmpty()) {
      end(neighbor.address());
    } else {
      watch(new BfdPeer(neighbor.address(), local, neighbor.bfd().get()));
    }
  }

  private void watch(BfdPeer peer) {
    if (service == null) {
      service = new BfdService(core, this::down);
    }
    watches.put(peer.remote(), new Watch(peer, ++watchesMade));
    service.watch(peer, watchesMade);
  }

  void end(Address peer) {
    if (watches.remove(peer) != null) {
      service.forget(peer);
    }
  }

  /** What a former session was watched for does not concern the one there is now. */
  private void down(Address peer, long number, BfdDiagnostic why) {
    Watch known = watches.get(peer);
    Neighbor neighbor = neighbors.apply(peer);
    if (known != null && known.number == number && neighbor != null) {
      neighbor.bfdDown(why.toString());
    }
  }

  /** Any thread. */
  Optional<BfdStatus> status(Address peer) {
    BfdService running = service;
    return running == null ? Optional.empty() : running.status(peer);
  }

  /** Tells all neighbours that silence will be no failure. */
  void leave() {
    if (service != null) {
      service.leave();
    }
  }

  /** Ends the thread and waits for it; once, after the core thread has ended. */
  void close() {
    if (service != null) {
      service.close();
    }
  }
}
