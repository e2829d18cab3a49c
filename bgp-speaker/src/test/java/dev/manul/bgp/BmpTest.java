package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.bmp.BmpStation;
import dev.manul.bgp.bmp.Collector;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a station hears of a speaker on a loopback address. */
class BmpTest {

  /** The prefixes a peer has announced, as far as the station knows; from message {@code since}. */
  private static Set<String> known(Collector station, String peer, int since) {
    Set<String> known = new TreeSet<>();
    List<Collector.Message> all = List.copyOf(station.messages()); // more may come meanwhile
    for (Collector.Message message : all.subList(since, all.size())) {
      switch (message) {
        case Collector.Routes(Collector.Peer from, List<BgpMessage> updates)
            when from.address().text().equals(peer) ->
            updates.forEach(
                update -> {
                  if (update instanceof Update u) {
                    u.withdrawn().forEach(prefix -> known.remove(prefix.toString()));
                    u.announced().forEach(prefix -> known.add(prefix.toString()));
                  }
                });
        case Collector.PeerDown down when down.peer().address().text().equals(peer) ->
            known.clear();
        default -> {}
      }
    }
    return known;
  }

  private static void monitor(TestSpeaker speaker, Collector station, int statisticsSeconds) {
    speaker.speaker.monitor(
        List.of(new BmpStation(Address.parse("127.0.0.1"), station.port(), statisticsSeconds)));
  }

  @Test
  void aStationHearsOfSessionsAndRoutesAsTheyComeAndGo() throws IOException {
    try (Collector station = new Collector("127.0.0.1");
        TestSpeaker a = TestSpeaker.start("127.10.30.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.30.2", 65001)) {
      monitor(a, station, 1);
      a.neighbors();
      eventually().until(() -> station.all(Collector.Initiation.class).size() == 1);
      assertThat(station.all(Collector.Initiation.class).getFirst().texts())
          .containsEntry(1, "Manul")
          .containsEntry(2, "127.10.30.1");
      a.neighbors(a.towards("127.10.30.2", 65001));
      b.neighbors(b.towards("127.10.30.1", 64512)).originate("10.244.0.0/26");
      eventually().until(() -> known(station, "127.10.30.2", 0).contains("10.244.0.0/26"));
      Collector.PeerUp up = station.all(Collector.PeerUp.class).getFirst();
      assertThat(up.peer().asNumber()).isEqualTo(65001);
      assertThat(up.peer().id()).isEqualTo(b.address);
      assertThat(up.local()).isEqualTo(a.address);
      assertThat(up.sent().asNumber()).isEqualTo(64512);
      assertThat(up.received().asNumber()).isEqualTo(65001);
      assertThat(List.of(up.localPort(), up.remotePort())).contains(TestSpeaker.PORT);
      eventually()
          .untilAsserted(
              () ->
                  assertThat(station.all(Collector.Routes.class))
                      .anyMatch(r -> r.update().contains(new EndOfRib(Family.IPV4_UNICAST))));
      b.originate("10.244.0.64/26");
      eventually()
          .untilAsserted(
              () -> assertThat(known(station, "127.10.30.2", 0)).containsExactly("10.244.0.64/26"));
      eventually()
          .untilAsserted(
              () ->
                  assertThat(station.all(Collector.Statistics.class))
                      .anyMatch(s -> s.values().get(7) == 1 && s.values().get(8) == 1));

      b.speaker.closeWithCease();
      eventually().until(() -> station.all(Collector.PeerDown.class).size() == 1);
      Collector.PeerDown down = station.all(Collector.PeerDown.class).getFirst();
      assertThat(down.reason()).isEqualTo(3);
      assertThat(down.data().getFirst())
          .isInstanceOfSatisfying(Notification.class, n -> assertThat(n.code()).isEqualTo(6));
      a.speaker.close();
      eventually().until(() -> station.all(Collector.Termination.class).size() == 1);
    }
  }

  @Test
  void aStationThatComesLateOrAgainIsToldEverything() throws IOException {
    try (Collector station = new Collector("127.0.0.1");
        TestSpeaker a = TestSpeaker.start("127.10.31.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.31.2", 64512)) {
      List<String> prefixes =
          IntStream.range(0, 5000)
              .mapToObj(i -> "10." + i / 256 + "." + i % 256 + ".0/24")
              .toList();
      a.neighbors(a.towards("127.10.31.2", 64512));
      b.neighbors(b.towards("127.10.31.1", 64512))
          .originate(prefixes.stream().map(Prefix::parse).map(OriginatedRoute::of).toList());
      eventually().until(() -> a.neighbor("127.10.31.2").prefixesReceived() == 5000);
      monitor(a, station, 0);
      eventually().until(() -> known(station, "127.10.31.2", 0).size() == 5000);

      int heard = station.messages().size();
      station.cut();
      List<OriginatedRoute> fewer =
          new ArrayList<>(
              prefixes.subList(0, 4000).stream()
                  .map(Prefix::parse)
                  .map(OriginatedRoute::of)
                  .toList());
      b.originate(fewer);
      eventually()
          .until(
              () -> {
                List<Collector.Message> messages = station.messages();
                for (int i = heard; i < messages.size(); i++) {
                  if (messages.get(i) instanceof Collector.Initiation) {
                    return known(station, "127.10.31.2", i).size() == 4000;
                  }
                }
                return false;
              });
      a.neighbors();
      eventually().until(() -> !station.all(Collector.PeerDown.class).isEmpty());
      assertThat(station.all(Collector.PeerDown.class).getLast().reason())
          .as("ended by us with a NOTIFICATION")
          .isEqualTo(1);
    }
  }
}
