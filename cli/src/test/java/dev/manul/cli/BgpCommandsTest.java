package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about BGP, of an agent that gives one answer. */
class BgpCommandsTest {
  private static final String NEIGHBORS =
      """
      {"neighbors":[
       {"address":"10.0.0.2","asNumber":64512,"localAsNumber":64512,"description":"node b",
        "state":"Established","since":"2026-03-01T11:58:01Z","lastError":"hold timer expired",
        "prefixesReceived":3,"prefixesAccepted":2,"prefixesAdvertised":1,"flaps":4,"bfd":"Up"},
       {"address":"2001:db8::9","asNumber":65001,"localAsNumber":64512,"description":"",
        "state":"Active","since":"2026-02-20T10:00:00Z","lastError":"connection refused",
        "prefixesReceived":0,"prefixesAccepted":0,"prefixesAdvertised":0,"flaps":0}]}
      """;

  private static final String ROUTES =
      """
      {"routes":[
       {"prefix":"10.244.1.0/26","peer":"10.0.0.2","nextHop":"10.0.0.2","best":true,"stale":false,
        "reason":"best","origin":"IGP","asPath":"","localPreference":100,
        "communities":["64512:1","65535:65281"]},
       {"prefix":"192.0.2.0/24","peer":"10.0.0.9","nextHop":"10.0.0.9","best":false,"stale":true,
        "reason":"longer AS_PATH","origin":"INCOMPLETE","asPath":"65001 65002",
        "multiExitDiscriminator":5}]}
      """;

  @TempDir Path directory;

  private Ran ask(String answer, String... command) throws IOException {
    Files.deleteIfExists(directory.resolve("run/agent.sock")); // of the agent before
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(answer), false)) {
      return Ran.of(directory, command);
    }
  }

  @Test
  void peersAreATable() throws IOException {
    Ran ran = ask(NEIGHBORS, "bgp", "peers");
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .isEqualTo(
            """
            PEER          AS      STATE         SINCE      RECEIVED   ACCEPTED   ADVERTISED   INFO
            10.0.0.2      64512   Established   00:01:59   3          2          1
            2001:db8::9   65001   Active        1w2d       0          0          0            connection refused
            """);
    assertThat(ask(NEIGHBORS, "bgp", "peers", "-o", "wide").out()).contains("BFD", "Up", "node b");
    assertThat(ask(NEIGHBORS, "bgp", "peers", "-o", "json").out().strip())
        .isEqualTo(NEIGHBORS.strip());
  }

  @Test
  void routesAreATable() throws IOException {
    assertThat(ask(ROUTES, "bgp", "routes").out())
        .isEqualTo(
            """
               NETWORK         NEXT HOP   FROM       MED   LOCPREF   AS PATH
            *> 10.244.1.0/26   10.0.0.2   10.0.0.2   -     100       i
            S  192.0.2.0/24    10.0.0.9   10.0.0.9   5     -         65001 65002 ?
            """);
    assertThat(ask(ROUTES, "bgp", "rib", "in", "10.0.0.2", "-o", "wide").out())
        .contains("64512:1 no-export", "longer AS_PATH");
    assertThat(ask("{\"routes\":[]}", "bgp", "rib", "out", "10.0.0.2").out())
        .isEqualTo("No routes.\n");
  }

  @Test
  void anAddressIsRoutedByTheLongestPrefixOnly() throws IOException {
    String found =
        """
        {"routes":[{"prefix":"10.1.0.0/16","origin":"IGP","asPath":"","best":true},
         {"prefix":"10.0.0.0/8","origin":"IGP","asPath":"","best":true}]}
        """;
    assertThat(ask(found, "bgp", "routes", "--prefix", "10.1.2.3").out())
        .contains("10.1.0.0/16")
        .doesNotContain("10.0.0.0/8");
  }

  @Test
  void aNeighborIsShownAtLength() throws IOException {
    String neighbor =
        """
        {"address":"10.0.0.2","asNumber":64512,"localAsNumber":64512,"description":"node b",
         "state":"Established","since":"2026-03-01T11:58:01Z","lastError":"BFD down: path down",
         "lastErrorAt":"2026-03-01T11:57:00Z","localAddress":"10.0.0.1","remoteId":"10.0.0.2",
         "holdTime":90,"keepaliveTime":30,"families":["ipv4-unicast"],
         "capabilitiesSent":["route-refresh","four-octet-as 64512"],
         "capabilitiesReceived":["route-refresh","role PEER"],
         "features":{"fourOctetAs":true,"routeRefresh":true,"enhancedRouteRefresh":false},
         "gracefulRestart":true,"restarting":false,"endOfRib":true,"prefixesReceived":3,
         "prefixesAccepted":2,"prefixesAdvertised":1,"flaps":4,"messagesIn":7,"messagesOut":8,
         "updatesIn":5,"updatesOut":6,
         "malformed":1,"faults":[{"kind":"treated-as-withdrawn","attribute":2,"count":1}],
         "lastMalformed":{"at":"2026-03-01T11:59:00Z","kind":"treated-as-withdrawn",
          "reason":"AS_PATH is malformed","message":"ffff"},
         "bfd":{"state":"Up","since":"2026-03-01T11:59:50Z","diagnostic":"no diagnostic",
          "multihop":false,"transmitMicros":100000,"detectionMicros":300000,"flaps":1}}
        """;
    assertThat(ask(neighbor, "bgp", "neighbor", "10.0.0.2").out())
        .isEqualTo(
            """
            Peer 10.0.0.2, AS 64512 (node b)
              state               Established since 00:01:59 (2026-03-01T11:58:01Z)
              last error          BFD down: path down, 00:03:00 ago
              local               10.0.0.1 AS 64512
              remote id           10.0.0.2
              timers              hold 90 s, keepalive 30 s
              families            ipv4-unicast
              routes              3 received, 2 accepted, 1 advertised; all received
              messages            7 in, 8 out
              UPDATEs             5 in, 6 out
              flaps               4
              agreed on           fourOctetAs, routeRefresh
              capabilities
                both  route-refresh
                we    four-octet-as 64512
                they  role PEER
              BFD
                state             Up since 00:00:10 (2026-03-01T11:59:50Z)
                timers            sends every 100 ms, gives up after 300 ms
                hops              one
                flaps             1
              malformed messages
                1                 treated-as-withdrawn, attribute type 2
                last              AS_PATH is malformed, 00:01:00
                octets            ffff
            """);
  }

  @Test
  void whyIsSaidOfPathsAndPeers() throws IOException {
    String why =
        """
        {"prefix":"192.0.2.0/24","paths":[
          {"peer":"10.0.0.2","nextHop":"10.0.0.2","best":true,"used":true,"stale":false,
           "verdict":"best","reason":"best","origin":"IGP","asPath":"65001","localPreference":100},
          {"peer":"10.0.0.3","nextHop":"10.0.0.3","best":false,"used":false,"stale":false,
           "verdict":"as-path-length","reason":"longer AS_PATH","value":"2","bestValue":"1",
           "origin":"IGP","asPath":"65001 65002"}],
         "exports":[
          {"peer":"10.0.0.2","announced":false,"pending":false,"verdict":"split-horizon",
           "reason":"it was learned from this neighbour"},
          {"peer":"10.0.0.4","announced":true,"pending":false,"verdict":"exported",
           "reason":"announced","filter":"out/2"}]}
        """;
    Ran ran = ask(why, "bgp", "why", "192.0.2.1");
    assertThat(ran.out())
        .isEqualTo(
            """
            192.0.2.0/24

            Paths
              > from 10.0.0.2 via 10.0.0.2: best
                  AS path 65001, origin IGP, local preference 100
                from 10.0.0.3 via 10.0.0.3: longer AS_PATH (2, the best has 1)
                  AS path 65001 65002, origin IGP

            Told to
              - 10.0.0.2: it was learned from this neighbour
              + 10.0.0.4: announced, by out/2
            """);
    assertThat(ran.code()).isZero();
    Ran nothing = ask("{\"prefix\":\"10.0.0.0/8\",\"paths\":[]}", "bgp", "why", "10.0.0.0/8");
    assertThat(nothing.out()).isEqualTo("Nothing is known of 10.0.0.0/8.\n");
    assertThat(nothing.code()).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void aPeerThatIsNotThereIsOneLine() throws IOException {
    String absent =
        "HTTP/1.1 404 Not Found\r\nContent-Length: 41\r\n\r\n"
            + "{\"error\":\"there is no neighbor 10.0.0.9\"}";
    try (FakeAgent _ = new FakeAgent(directory, absent, false)) {
      Ran ran = Ran.of(directory, "bgp", "neighbor", "10.0.0.9");
      assertThat(ran.errLines()).singleElement().asString().contains("no neighbor 10.0.0.9");
      assertThat(ran.code()).isEqualTo(ExitCode.FAILED);
    }
  }

  @Test
  void aDumpIsPutTogetherFromItsChunks() throws IOException {
    String chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n";
    Path file = directory.resolve("rib.mrt");
    try (FakeAgent _ = new FakeAgent(directory, chunked, false)) {
      Ran ran = Ran.of(directory, "bgp", "mrt-dump", file.toString());
      assertThat(ran.err()).isEmpty();
      assertThat(Files.readString(file)).isEqualTo("firstsecond");
      assertThat(Ran.of(directory, "bgp", "mrt-dump", "-").out()).isEqualTo("firstsecond");
    }
  }

  @Test
  void anotherSocketIsAskedWhenItIsNamed() throws IOException {
    Ran ran = ask(NEIGHBORS, "bgp", "peers", "--socket", directory.resolve("none.sock").toString());
    assertThat(ran.code()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(ran.err()).contains("none.sock");
  }
}
