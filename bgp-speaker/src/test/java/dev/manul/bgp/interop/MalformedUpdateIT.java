package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A neighbour that is nothing but a socket and octets written by hand, so that it can send what no
 * speaker would. It talks over the loopback device with a {@code manul-bgp} process.
 */
@Timeout(120)
class MalformedUpdateIT {
  /** AS 64513, hold time 180 s, identifier 10.9.9.9; IPv4 and IPv6 unicast, 4-octet numbers. */
  static final String OPEN =
      "003901 04fc0100b40a090909 1c 0206 010400010001 0206 010400020001 0202 0200 0206 41040000fc01";

  static final String KEEPALIVE = "001304";

  /** ORIGIN IGP, AS_PATH 64513, NEXT_HOP 127.0.99.2. */
  static final String ATTRIBUTES = "40010100 4002060201 0000fc01 4003047f006302";

  private Lab lab;

  @BeforeEach
  void open() throws IOException {
    lab = Lab.open("bad");
    lab.startManulHere(
        """
        asNumber: 64512
        routerId: 10.99.0.1
        listen: [{address: 127.0.99.1, port: 1790}]
        neighbors:
          - {address: 127.0.99.2, asNumber: 64513, passive: true, localAddress: 127.0.99.1}
        """);
  }

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  private HandPeer connect() throws IOException {
    HandPeer peer = new HandPeer("127.0.99.2");
    peer.send(OPEN);
    assertThat(peer.await(1)).startsWith("04fc00");
    peer.send(KEEPALIVE);
    peer.await(4);
    lab.eventually("the session is up", () -> lab.established("127.0.99.2"));
    return peer;
  }

  private boolean has(String prefix) {
    return !lab.route("/v1/neighbors/127.0.99.2/adj-in", prefix).path("prefix").isMissingNode();
  }

  @Test
  void aMalformedUpdateCostsItsRoutesAndNotTheSession() throws IOException {
    try (HandPeer peer = connect()) {
      peer.update("", ATTRIBUTES, "180a0101");
      peer.update("", ATTRIBUTES, "180a0102");
      lab.eventually("both routes are there", () -> has("10.1.1.0/24") && has("10.1.2.0/24"));
      final JsonNode before = lab.neighbor("127.0.99.2");

      // ORIGIN 7: the route announced anew counts as withdrawn, and so does one never seen.
      peer.update("", ATTRIBUTES.replace("40010100", "40010107"), "180a0101180a0103");
      lab.eventually("the route is gone", () -> !has("10.1.1.0/24"));
      // COMMUNITIES of 3 octets.
      peer.update("", ATTRIBUTES + "c00803010203", "180a0104");
      // ATOMIC_AGGREGATE with a value is discarded, the route stays.
      peer.update("", ATTRIBUTES + "40060101", "180a0105");
      // NEXT_HOP missing.
      peer.update("", "40010100 4002060201 0000fc01", "180a0106");
      // The last attribute runs beyond the end of the attributes.
      peer.update("", ATTRIBUTES + "c008ff", "180a0107");
      peer.update("", ATTRIBUTES, "180a0108");
      lab.eventually("the last good route is there", () -> has("10.1.8.0/24"));

      assertThat(has("10.1.2.0/24")).isTrue();
      assertThat(has("10.1.5.0/24")).isTrue();
      for (int lost : new int[] {1, 3, 4, 6, 7}) {
        assertThat(has("10.1." + lost + ".0/24")).as("10.1.%d.0/24", lost).isFalse();
      }
      JsonNode after = lab.neighbor("127.0.99.2");
      assertThat(after.path("state").asText()).isEqualTo("ESTABLISHED");
      assertThat(after.path("since").asText()).isEqualTo(before.path("since").asText());
      assertThat(after.path("flaps").asInt()).isZero();
      assertThat(after.path("malformed").asInt()).isGreaterThanOrEqualTo(5);
    }
  }

  @Test
  void prefixesThatCannotBeFoundEndTheSession() throws IOException {
    try (HandPeer peer = connect()) {
      peer.update("", ATTRIBUTES, "180a0101");
      lab.eventually("the route is there", () -> has("10.1.1.0/24"));
      peer.update("", ATTRIBUTES, "210a010101");
      assertThat(peer.await(3)).as("invalid network field").startsWith("030a");
      lab.eventually("the session is down", () -> !lab.established("127.0.99.2"));
    }
    try (HandPeer again = connect()) {
      again.update("", ATTRIBUTES, "180a0109");
      lab.eventually("a new session works", () -> has("10.1.9.0/24"));
    }
  }
}
