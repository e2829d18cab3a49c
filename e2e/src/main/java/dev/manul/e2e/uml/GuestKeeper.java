package dev.manul.e2e.uml;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The host's process that owns a guest: starts its kernel, and passes frames between the clients of
 * a Unix socket and the guest's serial line.
 *
 * <p>One thread reads the line, one accepts clients, one reads each client. The socket appears only
 * when the guest's server has reported; it goes, and the keeper with it, when the guest ends.
 */
public final class GuestKeeper {

  static final String SOCKET = "guest.sock";
  private static final int GUEST_GONE = 125;
  private static final long SHUTDOWN_SECONDS = 10;

  private final Process guest;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final ReentrantLock line = new ReentrantLock();
  private final AtomicInteger lastChannel = new AtomicInteger();
  private final Map<Integer, Client> clients = new ConcurrentHashMap<>();

  private GuestKeeper(Process guest) {
    this.guest = guest;
    this.in = new DataInputStream(new BufferedInputStream(guest.getInputStream()));
    this.out = new DataOutputStream(new BufferedOutputStream(guest.getOutputStream()));
  }

  /** One connection, which is one command in the guest. */
  private record Client(SocketChannel channel, DataOutputStream out) {
    void send(Frame frame) throws IOException {
      synchronized (out) {
        frame.writeTo(out);
      }
    }
  }

  /**
   * Starts a guest and keeps it until it ends.
   *
   * @param directory where its socket and logs go
   */
  public static void keep(Path directory, GuestOptions options) throws IOException {
    Path socket = directory.resolve(SOCKET);
    Files.deleteIfExists(socket);
    var keeper = new GuestKeeper(options.command(directory).start());
    Optional<Frame> first = Frame.readFrom(keeper.in);
    if (first.isEmpty() || first.get().type() != Frame.Type.READY) {
      throw new IOException("the guest ended before it was ready");
    }
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofPlatform().daemon().name("accept").start(() -> keeper.accept(server));
      keeper.readLine();
    } finally {
      Files.deleteIfExists(socket);
      keeper.end();
    }
  }

  private void readLine() {
    try {
      for (Optional<Frame> next = Frame.readFrom(in); next.isPresent(); next = Frame.readFrom(in)) {
        deliver(next.get());
      }
    } catch (IOException e) {
      // The line is gone with the guest, which the clients are told of by end().
    }
  }

  private void deliver(Frame frame) {
    Client client = clients.get(frame.channel());
    if (client == null) {
      return;
    }
    try {
      client.send(frame);
      if (frame.type() == Frame.Type.EXIT) {
        clients.remove(frame.channel());
        client.channel().close();
      }
    } catch (IOException e) {
      drop(frame.channel());
    }
  }

  private void accept(ServerSocketChannel server) {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        int id = lastChannel.incrementAndGet();
        var client =
            new Client(
                channel,
                new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel))));
        clients.put(id, client);
        Thread.ofPlatform().daemon().name("client-" + id).start(() -> readClient(id, client));
      }
    } catch (IOException e) {
      // Closed: the guest has ended.
    }
  }

  private void readClient(int id, Client client) {
    try {
      var from =
          new DataInputStream(new BufferedInputStream(Channels.newInputStream(client.channel())));
      for (Optional<Frame> next = Frame.readFrom(from);
          next.isPresent();
          next = Frame.readFrom(from)) {
        toGuest(next.get().onChannel(id));
      }
    } catch (IOException e) {
      // As with an orderly end: whoever asked has gone.
    }
    drop(id);
  }

  /** Forgets a client; a command of its that still runs is ended. */
  private void drop(int id) {
    Client client = clients.remove(id);
    if (client == null) {
      return;
    }
    try {
      client.channel().close();
      toGuest(new Frame(id, Frame.Type.KILL));
    } catch (IOException e) {
      // The guest has ended meanwhile.
    }
  }

  private void toGuest(Frame frame) throws IOException {
    line.lock();
    try {
      frame.writeTo(out);
    } finally {
      line.unlock();
    }
  }

  private void end() {
    clients.forEach(
        (id, client) -> {
          try {
            client.send(
                new Frame(
                    id,
                    Frame.Type.ERRORS,
                    "the guest has ended\n".getBytes(StandardCharsets.UTF_8)));
            client.send(Frame.exit(id, GUEST_GONE));
            client.channel().close();
          } catch (IOException e) {
            // That client has gone as well.
          }
        });
    try {
      if (!guest.waitFor(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
        guest.destroyForcibly();
      }
    } catch (InterruptedException e) {
      guest.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
