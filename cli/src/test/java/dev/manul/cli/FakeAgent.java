package dev.manul.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Listens on an agent's socket and answers every request with the same bytes. */
final class FakeAgent implements AutoCloseable {
  private final ServerSocketChannel server;
  private final Thread thread;

  /**
   * @param close whether the connection ends after the answer
   */
  FakeAgent(Path directory, String answer, boolean close) throws IOException {
    Path run = Files.createDirectories(directory.resolve("run"));
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(run.resolve("agent.sock")));
    thread = Thread.startVirtualThread(() -> serve(answer, close));
  }

  static String ok(String body) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n\r\n"
        + body;
  }

  private void serve(String answer, boolean close) {
    try {
      while (true) {
        SocketChannel client = server.accept();
        ByteBuffer request = ByteBuffer.allocate(4096);
        while (!new String(request.array(), 0, request.position(), StandardCharsets.US_ASCII)
            .endsWith("\r\n\r\n")) {
          if (client.read(request) < 0) {
            break;
          }
        }
        ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          client.write(bytes);
        }
        if (close) {
          client.close();
        }
      }
    } catch (ClosedChannelException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    thread.interrupt();
  }
}
