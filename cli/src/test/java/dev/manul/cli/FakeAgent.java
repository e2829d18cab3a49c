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
import java.util.List;

/** Listens on an agent's socket and answers each request with certain bytes. */
final class FakeAgent implements AutoCloseable {
  private final ServerSocketChannel server;
  private final Thread thread;

  /**
   * @param answer to every request
   * @param close whether the connection ends after the answer
   */
  FakeAgent(Path directory, String answer, boolean close) throws IOException {
    this(directory, List.of(answer), close);
  }

  /**
   * @param answers to one request after the other; the last of them to all that come later
   */
  FakeAgent(Path directory, List<String> answers, boolean close) throws IOException {
    Path run = Files.createDirectories(directory.resolve("run"));
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(run.resolve("agent.sock")));
    thread = Thread.startVirtualThread(() -> serve(answers, close));
  }

  static String ok(String body) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n\r\n"
        + body;
  }

  static String refused(String error) {
    String body = "{\"error\":\"" + error + "\"}";
    return ok(body).replaceFirst("200 OK", "400 Bad Request");
  }

  private void serve(List<String> answers, boolean close) {
    try {
      for (int i = 0; ; i++) {
        String answer = answers.get(Math.min(i, answers.size() - 1));
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
