package dev.manul.bgp.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.SpeakerStatus.Stranger;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class StrangersTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void oneIsCountedAndManyAreNotAllRemembered() {
    AtomicReference<Instant> now = new AtomicReference<>(START);
    Strangers strangers = new Strangers(now::get);
    Address insistent = Address.parse("192.0.2.1");
    for (int i = 0; i < 1000; i++) {
      strangers.refused(insistent);
    }
    assertThat(strangers.list()).containsExactly(new Stranger(insistent, 1000, START));

    now.set(START.plusSeconds(1));
    for (int i = 0; i < 500; i++) {
      strangers.refused(new Ipv4Address(0x0a000000 + i));
    }
    List<Stranger> list = strangers.list();
    assertThat(list).hasSize(64);
    assertThat(list.getFirst())
        .isEqualTo(new Stranger(new Ipv4Address(0x0a000000 + 499), 1, now.get()));
    assertThat(list).extracting(Stranger::address).doesNotContain(insistent);
  }
}
