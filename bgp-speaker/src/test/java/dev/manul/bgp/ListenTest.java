package dev.manul.bgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.model.Ipv4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListenTest {
  private static final BestPathListener DEAF =
      new BestPathListener() {
        @Override
        public void changed(List<BestPathChange> batch) {}

        @Override
        public void converged() {}
      };

  @Test
  void theWildcardsOfBothFamiliesShareAPort() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<InetSocketAddress> both =
        List.of(
            new InetSocketAddress(InetAddress.getByAddress(new byte[4]), port),
            new InetSocketAddress(InetAddress.getByAddress(new byte[16]), port));
    try (Speaker speaker = Speaker.start(SpeakerOptions.fresh(), NextHopResolver.always(), DEAF)) {
      speaker.configure(
          new SpeakerConfiguration(
              64512, Ipv4Address.parse("10.0.0.1"), both, List.of(), List.of()));

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                assertThat(speaker.status().listening()).containsExactlyInAnyOrderElementsOf(both);
                assertThat(speaker.status().problems()).isEmpty();
              });
      for (String loopback : List.of("127.0.0.1", "::1")) {
        assertThat(connects(loopback, port)).as(loopback).isTrue();
      }
    }
  }

  private static boolean connects(String host, int port) throws Exception {
    try (Socket socket = new Socket(host, port)) {
      return socket.isConnected();
    } catch (SocketException e) {
      return false;
    }
  }
}
