package dev.manul.e2e.lab;

import dev.manul.e2e.LabException;
import dev.manul.netlink.NetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** A TCP connection from one pod to another, over which octets are sent now and then. */
public final class Transfer implements AutoCloseable {

  private static final int PIECE = 64 << 10;
  private static final int CONNECT_MILLIS = 60_000;

  private final Socket sender;
  private final ServerSocket server;
  private final AtomicLong received = new AtomicLong();
  private final AtomicReference<String> problem = new AtomicReference<>("");
  private long sent;

  private Transfer(Socket sender, ServerSocket server) {
    this.sender = sender;
    this.server = server;
  }

  /** Connects, or throws {@link LabException} after a minute. */
  public static Transfer open(Pod from, Pod to) {
    String pair = from.name() + " > " + to.name();
    ServerSocket server =
        NetworkNamespace.named(to.networkNamespace())
            .call(() -> new ServerSocket(0, 1, InetAddress.getByName(to.address())));
    Transfer transfer = new Transfer(new Socket(), server);
    Thread.ofVirtual().name("transfer to " + to.name()).start(transfer::receive);
    try {
      InetSocketAddress end = new InetSocketAddress(to.address(), server.getLocalPort());
      NetworkNamespace.named(from.networkNamespace())
          .run(() -> connect(transfer.sender, end, pair));
      return transfer;
    } catch (RuntimeException e) {
      transfer.close();
      throw e;
    }
  }

  private static void connect(Socket socket, InetSocketAddress end, String pair) {
    try {
      socket.connect(end, CONNECT_MILLIS);
    } catch (IOException e) {
      throw new LabException("%s: no connection: %s", pair, e.getMessage());
    }
  }

  private void receive() {
    byte[] piece = new byte[PIECE];
    try (Socket socket = server.accept();
        InputStream in = socket.getInputStream()) {
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        received.addAndGet(read);
      }
    } catch (IOException e) {
      problem.set(e.getMessage());
    }
  }

  /**
   * Sends so many octets and waits until all of them have arrived.
   *
   * @return how long that took
   * @throws LabException when they have not after {@code limit}
   */
  public Duration send(int octets, Duration limit) {
    sent += octets;
    Thread.ofVirtual().name("transfer").start(() -> write(octets));
    return Waiting.until(
        "transfer of %d octets".formatted(octets),
        limit,
        Progress.NONE,
        () ->
            received.get() == sent
                ? List.of()
                : List.of("%d of %d %s".formatted(received.get(), sent, problem.get())));
  }

  private void write(int octets) {
    byte[] piece = new byte[PIECE];
    try {
      OutputStream out = sender.getOutputStream();
      for (int left = octets; left > 0; left -= piece.length) {
        out.write(piece, 0, Math.min(left, piece.length));
      }
    } catch (IOException e) {
      problem.set(e.getMessage());
    }
  }

  @Override
  public void close() {
    try {
      sender.close();
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
