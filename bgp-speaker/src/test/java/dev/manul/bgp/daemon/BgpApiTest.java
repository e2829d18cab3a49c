package dev.manul.bgp.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.bgp.BestPathChange;
import dev.manul.bgp.BestPathListener;
import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.NextHopResolver;
import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.Speaker;
import dev.manul.bgp.SpeakerConfiguration;
import dev.manul.bgp.SpeakerOptions;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers under {@code /v1/bgp} of a speaker that has heard of another. */
class BgpApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PORT = 11790;

  private final Speaker speaker = start();
  private final Speaker other = start();
  private final BgpApi api = new BgpApi(speaker);

  private static Speaker start() {
    return Speaker.start(
        SpeakerOptions.fresh(),
        NextHopResolver.always(),
        new BestPathListener() {
          @Override
          public void changed(List<BestPathChange> batch) {}

          @Override
          public void converged() {}
        });
  }

  private static void configure(
      Speaker speaker, String own, long as, String peer, long peerAs, Stream<String> prefixes) {
    speaker.configure(
        new SpeakerConfiguration(
            as,
            Ipv4Address.parse(own),
            List.of(new InetSocketAddress(own, PORT)),
            prefixes.map(Prefix::parse).map(OriginatedRoute::of).toList(),
            List.of(
                NeighborConfiguration.builder(Address.parse(peer), peerAs)
                    .port(PORT)
                    .localAddress(Address.parse(own))
                    .description("the other")
                    .build())));
  }

  @BeforeEach
  void exchange() {
    configure(
        speaker,
        "127.10.40.1",
        64512,
        "127.10.40.2",
        65001,
        Stream.of("10.0.0.0/8", "2001:db8::/32"));
    configure(
        other,
        "127.10.40.2",
        65001,
        "127.10.40.1",
        64512,
        Stream.concat(
            Stream.of("10.0.0.0/8", "10.1.0.0/16"),
            IntStream.range(0, 3000).mapToObj(i -> "172." + i / 256 + "." + i % 256 + ".0/24")));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> get("/v1/bgp/neighbors/127.10.40.2").path("prefixesReceived").asInt() > 3000);
  }

  @AfterEach
  void close() {
    speaker.close();
    other.close();
  }

  private JsonNode get(String path, String... query) {
    Map<String, List<String>> values = new HashMap<>();
    for (int i = 0; i < query.length; i += 2) {
      values.put(query[i], List.of(query[i + 1]));
    }
    return JSON.valueToTree(api.answer(path, values).orElseThrow().body());
  }

  @Test
  void theSpeakerAndItsNeighborsInShort() {
    JsonNode summary = get("/v1/bgp");
    assertThat(summary.path("asNumber").asLong()).isEqualTo(64512);
    assertThat(summary.path("established").asInt()).isEqualTo(1);
    assertThat(summary.path("listening").path(0).asText()).isEqualTo("127.10.40.1:11790");
    JsonNode neighbor = get("/v1/bgp/neighbors").path("neighbors").path(0);
    assertThat(neighbor.path("address").asText()).isEqualTo("127.10.40.2");
    assertThat(neighbor.path("state").asText()).isEqualTo("Established");
    assertThat(neighbor.path("description").asText()).isEqualTo("the other");
    assertThat(neighbor.path("prefixesAdvertised").asInt()).isPositive();
  }

  @Test
  void aNeighborAtLength() {
    JsonNode neighbor = get("/v1/bgp/neighbors/127.10.40.2");
    assertThat(neighbor.path("remoteId").asText()).isEqualTo("127.10.40.2");
    assertThat(neighbor.path("capabilitiesReceived").toString())
        .contains("multiprotocol ipv4-unicast", "four-octet-as 65001", "graceful-restart time 120");
    assertThat(neighbor.at("/features/fourOctetAs").asBoolean()).isTrue();
    assertThat(api.answer("/v1/bgp/neighbors/192.0.2.1", Map.of()).orElseThrow().status())
        .isEqualTo(404);
    assertThat(api.answer("/v1/bgp/neighbors/127.10.40.2/else", Map.of())).isEmpty();
  }

  @Test
  void pagesHaveEveryRouteOnce() {
    Set<String> seen = new HashSet<>();
    String after = "0";
    int pages = 0;
    do {
      JsonNode page = get("/v1/bgp/neighbors/127.10.40.2/rib-in", "limit", "500", "after", after);
      page.path("routes")
          .forEach(route -> assertThat(seen.add(route.path("prefix").asText())).isTrue());
      after = page.path("next").asText();
      pages++;
    } while (!after.isEmpty());
    assertThat(seen).hasSize(3002);
    assertThat(pages).isGreaterThan(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prefix=10.1.0.0/16 | 10.1.0.0/16",
        "prefix=10.1.2.3 | ''",
        "prefix=10.1.2.3 match=covering | 10.1.0.0/16 10.0.0.0/8 10.0.0.0/8",
        "prefix=10.1.2.3 match=covering best=true | 10.1.0.0/16 10.0.0.0/8",
        "prefix=10.0.0.0/8 match=longer | 10.0.0.0/8 10.0.0.0/8 10.1.0.0/16",
        "family=ipv6 | 2001:db8::/32",
      })
  void routesAreFound(String query, String prefixes) {
    JsonNode routes = get("/v1/bgp/routes", query.strip().split("[ =]", -1)).path("routes");
    assertThat(String.join(" ", routes.findValuesAsText("prefix"))).isEqualTo(prefixes);
  }

  @Test
  void whatIsToldIsAsThePeerHearsIt() {
    JsonNode told = get("/v1/bgp/neighbors/127.10.40.2/rib-out").path("routes");
    assertThat(told.findValuesAsText("prefix")).contains("10.0.0.0/8").hasSizeLessThan(10);
    assertThat(told.path(0).path("asPath").asText()).isEqualTo("64512");
  }

  @ParameterizedTest
  @CsvSource({
    "limit=0, limit",
    "limit=many, limit",
    "family=ipx, family",
    "match=near, match",
    "prefix=10.0.0.1/8, 10.0.0.0/8",
    "prefx=10.0.0.0/8, prefx",
  })
  void wrongParametersAreNamed(String query, String named) {
    assertThatThrownBy(() -> get("/v1/bgp/routes", query.split("=", -1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }

  @Test
  void whyAPathIsTheBestAndWhoIsTold() {
    JsonNode why = get("/v1/bgp/why", "prefix", "10.0.0.0/8");
    assertThat(why.path("paths")).hasSize(2);
    assertThat(why.at("/paths/0/best").asBoolean()).isTrue();
    assertThat(why.at("/paths/0").has("peer")).as("our own").isFalse();
    assertThat(why.at("/paths/1/reason").asText()).contains("own");
    assertThat(why.at("/exports/0/peer").asText()).isEqualTo("127.10.40.2");
    assertThat(why.at("/exports/0/announced").asBoolean()).isTrue();
    JsonNode learned = get("/v1/bgp/why", "prefix", "10.1.2.3");
    assertThat(learned.path("prefix").asText()).isEqualTo("10.1.0.0/16");
    assertThat(learned.at("/exports/0/announced").asBoolean()).isFalse();
    assertThat(get("/v1/bgp/why", "prefix", "192.0.2.0/24").path("paths")).isEmpty();
  }
}
