package dev.manul.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.netlink.Event;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class InboxTest {

  private final Inbox inbox = new Inbox();

  @Test
  void latestCounts() throws InterruptedException {
    inbox.view(NodeView.empty("a"));
    inbox.view(NodeView.empty("b"));
    inbox.learned(List.of(Sketch.change("10.244.0.0/26", "10.1.5.10")));
    inbox.learned(
        List.of(Sketch.change("10.244.0.0/26"), Sketch.change("10.244.1.0/26", "10.1.5.10")));

    Inbox.Batch batch = inbox.take(0, 0);

    assertThat(batch.view()).contains(NodeView.empty("b"));
    assertThat(batch.learned())
        .containsExactly(
            Sketch.change("10.244.0.0/26"), Sketch.change("10.244.1.0/26", "10.1.5.10"));
    assertThat(batch.inSync()).isFalse();
    assertThat(inbox.take(0, 0).learned()).isEmpty();
  }

  @Test
  void tooManyNewsBecomeAnOverrun() throws InterruptedException {
    Event event = new Event.RouteRemoved(Sketch.foreign().getFirst());
    for (int i = 0; i < 66; i++) {
      inbox.events(Collections.nCopies(1_000, event));
    }

    Inbox.Batch batch = inbox.take(0, 0);

    assertThat(batch.overrun()).isTrue();
    assertThat(batch.events()).isEmpty();
    assertThat(inbox.take(0, 0).overrun()).isFalse();
  }

  @Test
  void staysClosed() throws InterruptedException {
    inbox.close();

    assertThat(inbox.take(Long.MAX_VALUE, 0).closed()).isTrue();
    assertThat(inbox.take(0, 0).closed()).isTrue();
  }

  @Test
  void newsOfPodsDevicesGather() throws InterruptedException {
    long began = System.nanoTime();
    inbox.events(
        List.of(new Event.LinkChanged(Sketch.link(7, "cali0123456789a", "veth", 1500, true))));

    Inbox.Batch batch = inbox.take(Long.MAX_VALUE, 30_000_000);

    assertThat(batch.events()).hasSize(1);
    assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(30_000_000);
  }

  @Test
  @Timeout(60)
  void whatIsUrgentTakesTheRestAlong() throws InterruptedException {
    inbox.events(
        List.of(new Event.LinkChanged(Sketch.link(7, "cali0123456789a", "veth", 1500, true))));
    inbox.events(List.of(new Event.LinkChanged(Sketch.link(2, "eth0", "", 1500, true))));

    assertThat(inbox.take(Long.MAX_VALUE, Long.MAX_VALUE).events()).hasSize(2);
  }
}
