package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes wrong between two speakers is said in words, and costs nobody else anything. */
@Timeout(180)
class ClearReasonIT {
  private static final String MANUL =
      """
      asNumber: 64512
      routerId: 10.99.0.1
      listen: [{address: 127.0.99.1, port: 1790}]
      neighbors:
        - {address: 127.0.99.2, asNumber: 64513, passive: true, localAddress: 127.0.99.1}
        - {address: 127.0.99.3, asNumber: 64512, passive: true, localAddress: 127.0.99.1}
        - {address: 127.0.99.4, asNumber: 64513, passive: true, localAddress: 127.0.99.1}
      """;

  private Lab lab;

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  private HandPeer steady() throws IOException {
    lab = Lab.open("why");
    var _ = lab.startManulHere(MANUL);
    HandPeer peer = new HandPeer("127.0.99.4");
    peer.send(MalformedUpdateIT.OPEN);
    assertThat(peer.await(1)).startsWith("04fc00");
    peer.send(MalformedUpdateIT.KEEPALIVE);
    peer.await(4);
    lab.eventually("the other session is up", () -> lab.established("127.0.99.4"));
    return peer;
  }

  private void untouched(JsonNode before) {
    JsonNode after = lab.neighbor("127.0.99.4");
    assertThat(after.path("since")).isEqualTo(before.path("since"));
    assertThat(after.path("flaps").asInt()).isZero();
    assertThat(after.path("state").asText()).isEqualTo("ESTABLISHED");
  }

  private void refused(String from, String open, String notification, String reason)
      throws IOException {
    try (HandPeer other = steady()) {
      final JsonNode before = lab.neighbor("127.0.99.4");
      try (HandPeer peer = new HandPeer(from)) {
        peer.send(open);
        assertThat(peer.await(3)).startsWith(notification);
      }
      lab.eventually(
          "the reason is told",
          () -> lab.neighbor(from).path("lastError").asText().contains(reason));
      assertThat(lab.neighbor(from).path("state").asText()).isNotEqualTo("ESTABLISHED");
      untouched(before);
      assertThat(other.hasEnded()).isFalse();
    }
  }

  @Test
  void anotherAsNumberThanConfigured() throws IOException {
    refused(
        "127.0.99.2",
        MalformedUpdateIT.OPEN.replace("fc01", "fde7"),
        "0202",
        "peer AS 64999 is not 64513");
  }

  @Test
  void ourOwnRouterId() throws IOException {
    refused(
        "127.0.99.3",
        MalformedUpdateIT.OPEN.replace("fc01", "fc00").replace("0a090909", "0a630001"),
        "0203",
        "peer's BGP identifier 10.99.0.1 is also ours");
  }

  @Test
  void anotherVersion() throws IOException {
    refused(
        "127.0.99.2",
        MalformedUpdateIT.OPEN.replace("01 04fc", "01 03fc"),
        "02010004",
        "version 3");
  }

  @Test
  void openFloodOfAStranger() throws IOException {
    try (HandPeer other = steady()) {
      final JsonNode before = lab.neighbor("127.0.99.4");
      for (int i = 0; i < 1_000; i++) {
        try (HandPeer stranger = new HandPeer("127.0.99.9")) {
          stranger.sendIfOpen(MalformedUpdateIT.OPEN);
          assertThat(stranger.hasEnded()).as("connection %d is closed", i).isTrue();
        } catch (SocketException e) {
          assertThat(e).hasMessageContaining("reset"); // so fast was it closed
        }
      }
      untouched(before);
      other.update("", MalformedUpdateIT.ATTRIBUTES, "180a0101");
      lab.eventually(
          "the session works",
          () ->
              !lab.route("/v1/neighbors/127.0.99.4/adj-in", "10.1.1.0/24")
                  .path("prefix")
                  .isMissingNode());
      assertThat(lab.output("manul.log").lines().filter(line -> line.contains("127.0.99.9")))
          .as("it is logged once")
          .hasSize(1);
    }
  }

  @Test
  void anotherPassword() throws IOException {
    lab = Lab.open("password");
    BirdDaemon bird = new BirdDaemon(lab, lab.theirs, Installation.HERE, "/usr/sbin");
    bird.start(
        new PeerPlan(
            lab.theirs,
            64513,
            List.of(),
            PeerPlan.Neighbor.of("10.99.0.1", 64512).withPassword("battery")),
        false);
    var _ =
        lab.startManul(
            """
            asNumber: 64512
            routerId: 10.99.0.1
            listen: [{address: 10.99.0.1}]
            neighbors:
              - {address: 10.99.0.2, asNumber: 64513, localAddress: 10.99.0.1, password: staple}
            """);
    lab.eventually(
        "the reason is told",
        () -> lab.neighbor("10.99.0.2").path("lastError").asText().contains("another password"));
    assertThat(lab.established("10.99.0.2")).isFalse();
  }
}
