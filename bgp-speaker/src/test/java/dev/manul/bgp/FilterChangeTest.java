package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.filter.Community;
import dev.manul.bgp.filter.Match;
import dev.manul.bgp.filter.Operation;
import dev.manul.bgp.filter.PrefixMatch;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.filter.Rule;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Filters change while sessions are up: only what differs is told, and no session ends. */
class FilterChangeTest {
  private static final String FIRST = "10.244.0.0/26";
  private static final String SECOND = "10.245.0.0/26";

  /** Passes what is not in 10.245.0.0/16, and marks it. */
  private static final RouteFilter PARTLY =
      new RouteFilter(
          "partly",
          List.of(
              Rule.of(
                  "no",
                  Match.ANY.withPrefix(
                      new PrefixMatch(
                          Prefix.parse("10.245.0.0/16"), PrefixMatch.Operator.IN, 16, 32)),
                  Rule.Action.REJECT),
              new Rule(
                  "mark",
                  Match.ANY,
                  Rule.Action.ACCEPT,
                  List.of(new Operation.AddCommunity(Community.parse("64512:7"))))),
          Rule.Action.REJECT);

  @Test
  void whatANeighborHasAnnouncedIsFilteredAnew() {
    try (TestSpeaker a = TestSpeaker.start("127.18.0.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.18.0.2", 64512)) {
      a.neighbors(a.towards("127.18.0.2", 64512));
      b.neighbors(b.towards("127.18.0.1", 64512)).originate(FIRST, SECOND);
      eventually().until(() -> a.routes().size() == 2 && a.neighbor("127.18.0.2").endOfRib());
      long messages = a.neighbor("127.18.0.2").messagesIn();
      long updates = a.neighbor("127.18.0.2").updatesIn();
      assertThat(updates)
          .as("besides an OPEN and a KEEPALIVE there came UPDATEs, the last of them End-of-RIB")
          .isBetween(2L, messages - 2)
          .isEqualTo(b.neighbor("127.18.0.1").updatesOut());

      a.neighbors(a.towards("127.18.0.2", 64512).importFilter(PARTLY));
      eventually().until(() -> a.routes().keySet().equals(Set.of(FIRST)));
      eventually().until(() -> communities(a, FIRST).equals(List.of(64512 << 16 | 7)));
      assertThat(a.neighbor("127.18.0.2").prefixesReceived()).isEqualTo(2);
      assertThat(a.neighbor("127.18.0.2").prefixesAccepted()).isEqualTo(1);

      a.neighbors(a.towards("127.18.0.2", 64512).importFilter(RouteFilter.REJECT));
      eventually().until(() -> a.routes().isEmpty());
      a.neighbors(a.towards("127.18.0.2", 64512));
      eventually().until(() -> a.routes().size() == 2);
      eventually().until(() -> communities(a, FIRST).isEmpty());
      assertThat(a.neighbor("127.18.0.2").flaps()).isZero();
      assertThat(a.neighbor("127.18.0.2").messagesIn()).isEqualTo(messages);
    }
  }

  private static List<Integer> communities(TestSpeaker speaker, String prefix) {
    BestPath best = speaker.best.get(Prefix.parse(prefix));
    return best == null ? List.of() : best.attributes().communities();
  }

  @Test
  void aNeighborIsToldWhatDiffersAndItsGroupNothing() {
    try (TestSpeaker a = TestSpeaker.start("127.18.1.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.18.1.2", 64512);
        TestSpeaker c = TestSpeaker.start("127.18.1.3", 64512)) {
      a.neighbors(a.towards("127.18.1.2", 64512), a.towards("127.18.1.3", 64512))
          .originate(FIRST, SECOND);
      b.neighbors(b.towards("127.18.1.1", 64512));
      c.neighbors(c.towards("127.18.1.1", 64512));
      eventually().until(() -> b.routes().size() == 2 && c.routes().size() == 2);
      c.changes.clear();
      b.changes.clear();

      a.neighbors(
          a.towards("127.18.1.2", 64512).exportFilter(PARTLY), a.towards("127.18.1.3", 64512));
      eventually().until(() -> b.routes().keySet().equals(Set.of(FIRST)));
      eventually().until(() -> communities(b, FIRST).equals(List.of(64512 << 16 | 7)));
      assertThat(b.changes).as("one has gone, the other is marked").hasSize(2);
      assertThat(a.speaker.adjRibOut(b.address)).hasSize(1);
      assertThat(a.neighbor("127.18.1.2").prefixesAdvertised()).isEqualTo(1);

      // What is new comes to both, each as its filter has it.
      a.originate(FIRST, SECOND, "10.244.0.64/26", "10.245.0.64/26");
      eventually().until(() -> b.routes().size() == 2 && c.routes().size() == 4);
      assertThat(c.changes).hasSize(2);

      // Both get another filter, and in the end the same again.
      a.neighbors(
          a.towards("127.18.1.2", 64512).exportFilter(PARTLY),
          a.towards("127.18.1.3", 64512).exportFilter(PARTLY));
      eventually().until(() -> c.routes().size() == 2);
      a.neighbors(
          a.towards("127.18.1.2", 64512), a.towards("127.18.1.3", 64512).exportFilter(PARTLY));
      eventually().until(() -> b.routes().size() == 4);
      a.originate(SECOND);
      eventually().until(() -> b.routes().keySet().equals(Set.of(SECOND)) && c.routes().isEmpty());
      assertThat(a.neighbor("127.18.1.2").flaps() + a.neighbor("127.18.1.3").flaps()).isZero();
      assertThat(a.neighbor("127.18.1.2").prefixesAdvertised()).isEqualTo(1);
      assertThat(a.neighbor("127.18.1.3").prefixesAdvertised()).isZero();
    }
  }
}
