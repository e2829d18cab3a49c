package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code bgpdump} reads in the MRT dump of a {@code manul-bgp} that has BIRD's routes. */
@Timeout(180)
class MrtIT {
  private static final String MANUL =
      """
      asNumber: 64512
      routerId: 10.99.0.1
      listen: [{address: 10.99.0.1}]
      originate: [{prefix: 10.244.0.0/26, communities: ["64512:1"]}]
      neighbors:
        - {address: 10.99.0.2, asNumber: 4200000513, localAddress: 10.99.0.1}
      """;

  private static final String BIRD =
      """
      router id 10.99.0.2;
      log stderr all;
      protocol device {}
      protocol static s4 { ipv4;
        route 172.20.0.0/24 blackhole { bgp_community.add((64513,7)); };
        route 172.20.128.0/17 blackhole { bgp_large_community.add((64513,1,2)); };
        route 0.0.0.0/0 blackhole { bgp_path.prepend(65010); };
      }
      protocol static s6 { ipv6; route 2001:db8:20::/48 blackhole; }
      protocol bgp manul {
        local 10.99.0.2 as 4200000513;
        neighbor 10.99.0.1 as 64512;
        connect delay time 1; connect retry time 1;
        ipv4 {
          import all;
          export filter {
            if source != RTS_STATIC then reject;
            if net = 172.20.0.0/24 then bgp_med = 5;
            accept;
          };
          next hop self;
        };
        ipv6 { import all; export where source = RTS_STATIC; next hop address 2001:db8:99::2; };
      }
      """;

  private Lab lab;

  @BeforeEach
  void open() throws IOException {
    lab = Lab.open("mrt");
  }

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  @Test
  void bgpdumpReadsAllRoutesWithTheirAttributes() throws IOException {
    lab.startBird(BIRD);
    lab.startManul(MANUL);
    lab.eventually(
        "all routes are there",
        () -> lab.neighbor("10.99.0.2").path("prefixesReceived").asInt() == 4);
    Path dump = lab.path("rib.mrt");
    Files.write(dump, download());

    List<String> lines =
        Lab.ask(List.of("bgpdump", "-m", dump.toString()))
            .lines()
            .filter(line -> line.startsWith("TABLE_DUMP2|"))
            // the time and the type before the peer are of no interest
            .map(line -> line.substring(line.indexOf("|B|") + 3))
            .toList();
    assertThat(lines)
        .containsExactlyInAnyOrder(
            "0.0.0.0|64512|10.244.0.0/26||IGP|0.0.0.0|100|0|64512:1|NAG||",
            "10.99.0.2|4200000513|0.0.0.0/0|4200000513 65010|IGP|10.99.0.2|0|0||NAG||",
            "10.99.0.2|4200000513|172.20.0.0/24|4200000513|IGP|10.99.0.2|0|5|64513:7|NAG||",
            "10.99.0.2|4200000513|172.20.128.0/17|4200000513|IGP|10.99.0.2|0|0||NAG||",
            "10.99.0.2|4200000513|2001:db8:20::/48|4200000513|IGP|2001:db8:99::2|0|0||NAG||");
  }

  /** The body, out of its chunks. */
  private byte[] download() throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(lab.path("manul.sock")));
      channel.write(
          ByteBuffer.wrap(
              "GET /v1/bgp/mrt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII)));
      byte[] all = Channels.newInputStream(channel).readAllBytes();
      String text = new String(all, StandardCharsets.ISO_8859_1);
      assertThat(text).startsWith("HTTP/1.1 200");
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      int at = text.indexOf("\r\n\r\n") + 4;
      while (true) {
        int end = text.indexOf("\r\n", at);
        int length = Integer.parseInt(text.substring(at, end), 16);
        if (length == 0) {
          return body.toByteArray();
        }
        body.write(all, end + 2, length);
        at = end + 2 + length + 2;
      }
    }
  }
}
