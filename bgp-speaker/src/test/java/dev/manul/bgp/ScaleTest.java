package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.Family;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A full table through a speaker in the middle. */
class ScaleTest {
  private static final Logger log = LoggerFactory.getLogger(ScaleTest.class);
  private static final int PREFIXES = 100_000;

  @Test
  void aHundredThousandPrefixesPassThroughAReflectorAndAreWithdrawn() {
    List<OriginatedRoute> routes = new ArrayList<>(PREFIXES);
    for (int i = 0; i < PREFIXES; i++) {
      routes.add(OriginatedRoute.of(Prefix.of(new Ipv4Address(0x0a000000 + (i << 6)), 26)));
    }
    try (TestSpeaker source = TestSpeaker.start("127.12.0.1", 64512);
        TestSpeaker middle = TestSpeaker.start("127.12.0.2", 64512);
        TestSpeaker sink = TestSpeaker.start("127.12.0.3", 64512)) {
      Set<Family> families = Set.of(Family.IPV4_UNICAST);
      source.neighbors(source.towards("127.12.0.2", 64512).families(families));
      middle.neighbors(
          middle.towards("127.12.0.1", 64512).families(families).routeReflectorClient(true),
          middle.towards("127.12.0.3", 64512).families(families).routeReflectorClient(true));
      sink.neighbors(sink.towards("127.12.0.2", 64512).families(families));
      eventually().until(() -> source.established("127.12.0.2") && sink.established("127.12.0.2"));

      long start = System.nanoTime();
      source.originate(routes);
      eventually().atMost(Duration.ofSeconds(60)).until(() -> sink.best.size() == PREFIXES);
      long announced = System.nanoTime();
      assertThat(middle.neighbor("127.12.0.3").prefixesAdvertised()).isEqualTo(PREFIXES);
      source.originate(List.of());
      eventually().atMost(Duration.ofSeconds(60)).until(() -> sink.best.isEmpty());
      long withdrawn = System.nanoTime();
      log.info(
          "prefixes={} announcedMillis={} withdrawnMillis={} messages={}",
          PREFIXES,
          (announced - start) / 1_000_000,
          (withdrawn - announced) / 1_000_000,
          sink.neighbor("127.12.0.2").messagesIn());
      assertThat(middle.speaker.status().paths()).isZero();
    }
  }
}
