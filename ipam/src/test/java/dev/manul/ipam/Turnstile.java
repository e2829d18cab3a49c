package dev.manul.ipam;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Runs clients of a datastore one operation at a time, in an order that a seed decides, and lets
 * some of them die before or after a write, or lose a race that nobody won.
 */
final class Turnstile {
  private final Datastore behind;
  private final RandomGenerator random;
  private final double crashes;
  private final double conflicts;
  private final Semaphore handedBack = new Semaphore(0);
  private final List<Client> clients = new ArrayList<>();
  private Throwable failure;
  private long steps;

  /** What a client that dies sees; nothing may catch it but the client's end. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Crash() {
      super("crash", null, false, false);
    }
  }

  /**
   * @param crashes how likely a write is a client's last, 0 to 1
   * @param conflicts how likely a write fails without a reason, 0 to 1
   */
  Turnstile(Datastore behind, RandomGenerator random, double crashes, double conflicts) {
    this.behind = behind;
    this.random = random;
    this.crashes = crashes;
    this.conflicts = conflicts;
  }

  /** Adds a client; it starts with {@link #run}. */
  void add(Consumer<Client> script) {
    clients.add(new Client(script));
  }

  long steps() {
    return steps;
  }

  /**
   * Runs all clients to their ends.
   *
   * @param afterStep called after each operation of any client
   */
  void run(Runnable afterStep) throws Throwable {
    // On a virtual thread like the clients: handing over costs no switch of kernel threads.
    Thread.ofVirtual().start(() -> take(afterStep)).join();
    if (failure != null) {
      throw failure;
    }
  }

  private void take(Runnable afterStep) {
    try {
      for (Client client : clients) {
        client.start();
        handedBack.acquire();
      }
      List<Client> running = new ArrayList<>(clients);
      while (failure == null) {
        running.removeIf(client -> client.ended);
        if (running.isEmpty()) {
          return;
        }
        running.get(random.nextInt(running.size())).turn.release();
        handedBack.acquire();
        steps++;
        afterStep.run();
      }
    } catch (Throwable t) {
      failure = t;
    }
  }

  /** One client. It may open several lives one after the other: each is a view of the datastore. */
  final class Client {
    private final Semaphore turn = new Semaphore(0);
    private final Consumer<Client> script;
    private volatile boolean ended;

    Client(Consumer<Client> script) {
      this.script = script;
    }

    private void start() {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  pass();
                  script.accept(this);
                } catch (Throwable t) {
                  failure = t;
                } finally {
                  ended = true;
                  handedBack.release();
                }
              });
    }

    /** Waits until it is this client's turn. */
    void pass() {
      handedBack.release();
      turn.acquireUninterruptibly();
    }

    /** A new life, which ends with the first crash. */
    Datastore life() {
      return new Life(this);
    }
  }

  private final class Life implements Datastore {
    private final Client client;
    private boolean dead;

    Life(Client client) {
      this.client = client;
    }

    private <T> T read(Supplier<T> operation) {
      if (dead) {
        throw new Crash();
      }
      client.pass();
      return operation.get();
    }

    private <R extends Resource> WriteResult<R> write(
        R resource, Supplier<WriteResult<R>> operation) {
      if (dead) {
        throw new Crash();
      }
      client.pass();
      double fate = random.nextDouble();
      if (fate < crashes / 2) {
        dead = true;
        throw new Crash();
      }
      if (fate > 1 - conflicts) {
        return new WriteResult.Conflict<>(current(resource));
      }
      WriteResult<R> result = operation.get();
      if (fate < crashes) {
        dead = true;
        throw new Crash();
      }
      return result;
    }

    @SuppressWarnings("unchecked") // the kind of a resource is the kind of its record
    private <R extends Resource> Optional<R> current(R resource) {
      return behind.get((Kind<R>) resource.kind(), resource.key());
    }

    @Override
    public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
      return read(() -> behind.get(kind, key));
    }

    @Override
    public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
      return read(() -> behind.list(kind, selection));
    }

    @Override
    public <R extends Resource> WriteResult<R> create(R resource) {
      return write(resource, () -> behind.create(resource));
    }

    @Override
    public <R extends Resource> WriteResult<R> update(R resource) {
      return write(resource, () -> behind.update(resource));
    }

    @Override
    public <R extends Resource> WriteResult<R> delete(R resource) {
      return write(resource, () -> behind.delete(resource));
    }

    @Override
    public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
      throw new UnsupportedOperationException("addresses are given without watching");
    }

    @Override
    public Campaign campaign(String office, String candidate, Campaign.Listener listener) {
      return behind.campaign(office, candidate, listener);
    }

    @Override
    public void close() {}
  }
}
