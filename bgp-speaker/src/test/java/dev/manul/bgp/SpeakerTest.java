package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Speakers on loopback addresses. */
class SpeakerTest {

  @Test
  void twoSpeakersExchangeRoutesAndWithdrawThem() {
    try (TestSpeaker a = TestSpeaker.start("127.10.0.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.0.2", 64512)) {
      a.neighbors(a.towards("127.10.0.2", 64512)).originate("10.244.0.0/26");
      b.neighbors(b.towards("127.10.0.1", 64512)).originate("10.244.0.64/26");
      eventually()
          .untilAsserted(
              () -> {
                assertThat(a.routes()).isEqualTo(Map.of("10.244.0.64/26", "127.10.0.2"));
                assertThat(b.routes()).isEqualTo(Map.of("10.244.0.0/26", "127.10.0.1"));
                assertThat(a.convergences).isEqualTo(1);
              });
      b.originate();
      eventually().untilAsserted(() -> assertThat(a.routes()).isEmpty());
    }
  }
}
