package dev.manul.bgp.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.bgp.daemon.JsonServer.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonServerTest {
  @TempDir Path directory;

  private static JsonServer server() {
    return new JsonServer(
        path ->
            switch (path) {
              case "/v1/status" -> Answer.ok(Map.of("state", "fine"));
              case "/v1/things/2001:db8::1/b c" -> Answer.ok(List.of("b", "c"));
              case "/unready" -> Optional.of(new Answer(503, List.of("not yet")));
              case "/bad" -> throw new IllegalArgumentException("no such thing");
              case "/broken" -> throw new IllegalStateException("secret");
              default -> Optional.empty();
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/status                 | 200 | {\"state\":\"fine\"}",
        "/v1/status?x=y             | 200 | {\"state\":\"fine\"}",
        "/v1/things/2001:db8::1/b%20c | 200 | [\"b\",\"c\"]",
        "/v1/things                 | 404 | {\"error\":\"nothing is at /v1/things\"}",
        "/unready                   | 503 | [\"not yet\"]",
        "/bad                       | 400 | {\"error\":\"no such thing\"}",
        "/broken                    | 500 | {\"error\":\"internal error; see the log\"}"
      })
  void answersOverTcp(String path, int status, String body) throws Exception {
    try (JsonServer server = server();
        HttpClient client = HttpClient.newHttpClient()) {
      URI root = root(server);
      HttpResponse<String> response = client.send(request(root, path), BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(status);
      assertThat(response.body()).isEqualTo(body + "\n");
      assertThat(response.headers().firstValue("content-type")).contains("application/json");
    }
  }

  @Test
  void refusesOtherMethods() throws Exception {
    try (JsonServer server = server();
        HttpClient client = HttpClient.newHttpClient()) {
      URI root = root(server);
      HttpRequest delete =
          HttpRequest.newBuilder(request(root, "/v1/status").uri()).DELETE().build();
      HttpResponse<String> response = client.send(delete, BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(405);
      assertThat(response.headers().firstValue("allow")).contains("GET, HEAD");
    }
  }

  private static URI root(JsonServer server) throws IOException {
    InetSocketAddress bound =
        server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return URI.create("http://127.0.0.1:" + bound.getPort());
  }

  private static HttpRequest request(URI root, String path) {
    return HttpRequest.newBuilder(root.resolve(path)).build();
  }

  @Test
  void answersPipelinedRequestsInOrderOnAUnixSocket() throws Exception {
    Path path = directory.resolve("control.sock");
    try (JsonServer server = server();
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.listen(path);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
      client.connect(UnixDomainSocketAddress.of(path));
      String requests =
          String.join(
              "\r\n",
              "GET /v1/things/2001:db8::1/b%20c HTTP/1.1",
              "Host: x",
              "",
              "GET /v1/status HTTP/1.1",
              "Connection: close",
              "",
              "");
      client.write(ByteBuffer.wrap(requests.getBytes(StandardCharsets.US_ASCII)));
      String all =
          new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(all).containsSubsequence("200 OK", "[\"b\",\"c\"]", "200 OK", "\"fine\"");
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void garbageIsAnsweredWithAnError() throws Exception {
    Path path = directory.resolve("control.sock");
    try (JsonServer server = server();
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.listen(path);
      client.connect(UnixDomainSocketAddress.of(path));
      client.write(ByteBuffer.wrap("\0\1\2 hello\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      String all =
          new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(all).contains("400 Bad Request");
    }
  }

  @Test
  void replacesTheSocketOfADeadProcessOnly() throws Exception {
    Path path = directory.resolve("control.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
    try (JsonServer server = server()) {
      server.listen(path);
      assertThatThrownBy(() -> server.listen(path))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another process listens there");
      Path file = Files.writeString(directory.resolve("notes.txt"), "keep me");
      assertThatThrownBy(() -> server.listen(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no socket");
      assertThat(file).hasContent("keep me");
      assertThatThrownBy(() -> server.listen(directory.resolve("x".repeat(120))))
          .hasMessageContaining("107");
    }
  }
}
