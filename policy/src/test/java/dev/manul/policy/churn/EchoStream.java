package dev.manul.policy.churn;

import dev.manul.netlink.NetworkNamespace;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** One TCP connection from a pod to another, over which something is sent and comes back always. */
final class EchoStream implements AutoCloseable {

  private static final int PIECE = 1024;
  private static final long PAUSE_NANOS = 2_000_000;
  private static final int PATIENCE_MILLIS = 60_000;

  private final ServerSocket server;
  private final Socket client;
  private final Thread sending;
  private final Thread echoing;
  private volatile boolean closing;
  private final AtomicLong echoed = new AtomicLong();
  private volatile long longestNanos;
  private volatile IOException broken;

  /** Connects. */
  EchoStream(NetworkNamespace from, NetworkNamespace to, String address, int port) {
    var there = new InetSocketAddress(address, port);
    server = to.call(() -> new ServerSocket(port, 1, InetAddress.getByName(address)));
    echoing = Thread.ofPlatform().name("echo").daemon().start(this::echo);
    client =
        from.call(
            () -> {
              var socket = new Socket();
              socket.setTcpNoDelay(true);
              socket.connect(there, PATIENCE_MILLIS);
              socket.setSoTimeout(PATIENCE_MILLIS);
              return socket;
            });
    sending = Thread.ofPlatform().name("echo-client").daemon().start(this::send);
  }

  private void echo() {
    try (Socket accepted = server.accept()) {
      accepted.setTcpNoDelay(true);
      InputStream in = accepted.getInputStream();
      OutputStream out = accepted.getOutputStream();
      byte[] buffer = new byte[PIECE];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  private void send() {
    byte[] piece = new byte[PIECE];
    byte[] back = new byte[PIECE];
    try {
      OutputStream out = client.getOutputStream();
      var in = new DataInputStream(client.getInputStream());
      for (int i = 0; !closing; i++) {
        Arrays.fill(piece, (byte) i);
        long start = System.nanoTime();
        out.write(piece);
        in.readFully(back);
        longestNanos = Math.max(longestNanos, System.nanoTime() - start);
        if (!Arrays.equals(piece, back)) {
          throw new IOException("other bytes came back");
        }
        var _ = echoed.addAndGet(PIECE);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  private void failed(IOException e) {
    if (!closing) {
      broken = e;
    }
  }

  /** How many bytes have come back, if the connection still is what it was. */
  long echoed() throws IOException {
    if (broken != null) {
      throw new IOException("after " + echoed + " bytes", broken);
    }
    return echoed.get();
  }

  /** The longest that one piece has taken to come back. */
  Duration longest() {
    return Duration.ofNanos(longestNanos);
  }

  @Override
  public void close() throws IOException {
    closing = true;
    client.close();
    server.close();
    try {
      sending.join();
      echoing.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
