package dev.manul.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.netlink.Event;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class InboxTest {

  private final Inbox inbox = new Inbox();

  @Test
  void latestCounts() throws InterruptedException {
    inbox.view(NodeView.empty("a"));
    inbox.view(NodeView.empty("b"));
    inbox.learned(List.of(Sketch.change("10.244.0.0/26", "10.1.5.10")));
    inbox.learned(
        List.of(Sketch.change("10.244.0.0/26"), Sketch.change("10.244.1.0/26", "10.1.5.10")));

    Inbox.Batch batch = inbox.take(0);

    assertThat(batch.view()).contains(NodeView.empty("b"));
    assertThat(batch.learned())
        .containsExactly(
            Sketch.change("10.244.0.0/26"), Sketch.change("10.244.1.0/26", "10.1.5.10"));
    assertThat(batch.inSync()).isFalse();
    assertThat(inbox.take(0).learned()).isEmpty();
  }

  @Test
  void tooManyNewsBecomeAnOverrun() throws InterruptedException {
    Event event = new Event.RouteRemoved(Sketch.foreign().getFirst());
    for (int i = 0; i < 66; i++) {
      inbox.events(Collections.nCopies(1_000, event));
    }

    Inbox.Batch batch = inbox.take(0);

    assertThat(batch.overrun()).isTrue();
    assertThat(batch.events()).isEmpty();
    assertThat(inbox.take(0).overrun()).isFalse();
  }

  @Test
  void staysClosed() throws InterruptedException {
    inbox.close();

    assertThat(inbox.take(Long.MAX_VALUE).closed()).isTrue();
    assertThat(inbox.take(0).closed()).isTrue();
  }
}
