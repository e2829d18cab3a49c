package dev.manul.cni.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.UnaryOperator;

/** A socket that answers every request with bytes of the test's choice, be they sense or not. */
final class StubAgent implements AutoCloseable {

  private final ServerSocketChannel server;
  private final UnaryOperator<byte[]> answer;
  private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();

  private StubAgent(ServerSocketChannel server, UnaryOperator<byte[]> answer) {
    this.server = server;
    this.answer = answer;
  }

  /**
   * Starts to answer.
   *
   * @param answer from a whole request frame to the raw bytes that go back before the connection is
   *     closed
   */
  static StubAgent at(Path socket, UnaryOperator<byte[]> answer) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    var stub = new StubAgent(server, answer);
    Thread.ofVirtual().start(stub::accept);
    return stub;
  }

  /** The frame of an answer. */
  static byte[] frame(int status, String output) {
    byte[] text = output.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Integer.BYTES + 1 + text.length)
        .putInt(1 + text.length)
        .put((byte) status)
        .put(text)
        .array();
  }

  /** An answer that never comes. */
  static byte[] silence() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new byte[0];
  }

  /** The next request, as it came, with its length. */
  byte[] received() throws InterruptedException {
    return frames.take();
  }

  boolean heardNothing() {
    return frames.isEmpty();
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel channel = server.accept();
        Thread.ofVirtual().start(() -> serve(channel));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      ByteBuffer size = ByteBuffer.allocate(Integer.BYTES);
      if (!fill(channel, size)) {
        return;
      }
      ByteBuffer body = ByteBuffer.allocate(size.getInt(0));
      if (!fill(channel, body)) {
        return;
      }
      var frame = new ByteArrayOutputStream();
      frame.writeBytes(size.array());
      frame.writeBytes(body.array());
      frames.add(frame.toByteArray());
      byte[] bytes = answer.apply(frame.toByteArray());
      ByteBuffer out = ByteBuffer.wrap(bytes);
      while (out.hasRemaining()) {
        channel.write(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
