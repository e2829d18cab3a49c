package dev.manul.e2e.lab;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.model.AgentStatus;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Asks an agent for its status over its control socket. */
final class AgentSocket {

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  private static final String REQUEST =
      "GET /v1/status HTTP/1.0\r\nHost: agent\r\nConnection: close\r\n\r\n";

  private AgentSocket() {}

  /** What the agent says, or empty when none answers on {@code socket}. */
  static Optional<AgentStatus> status(Path socket) {
    if (!Files.exists(socket)) {
      return Optional.empty();
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      Channels.newOutputStream(channel).write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      int body = answer.indexOf("\r\n\r\n");
      if (body < 0 || !answer.startsWith("200", answer.indexOf(' ') + 1)) {
        return Optional.empty();
      }
      return Optional.of(
          JSON.readValue(answer.substring(answer.indexOf('{', body)), AgentStatus.class));
    } catch (IOException e) {
      // Starting, ending, or killed in the middle of its answer: ask again.
      return Optional.empty();
    }
  }
}
