package dev.manul.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.BfdSettings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The procedures of RFC 5880 section 6.8, with time moved by hand. */
class BfdSessionTest {
  private static final BfdSettings FAST = new BfdSettings(50, 50, 3);

  private static Wire up(BfdSettings a, BfdSettings b) {
    Wire wire = new Wire(42, a, b);
    wire.advance(3_000);
    assertThat(wire.a.session.state()).isEqualTo(BfdState.UP);
    assertThat(wire.b.session.state()).isEqualTo(BfdState.UP);
    return wire;
  }

  @Test
  void twoEndsComeUpWithinOneSlowInterval() {
    Wire wire = new Wire(1, FAST, FAST);
    wire.advance(1_001);
    assertThat(wire.a.session.state()).isEqualTo(BfdState.UP);
    assertThat(wire.b.session.state()).isEqualTo(BfdState.UP);
    assertThat(wire.a.session.yours()).isEqualTo(2002);
    assertThat(wire.b.session.yours()).isEqualTo(1001);
  }

  @Test
  void nothingIsSentFasterThanOnceASecondBeforeItIsUp() {
    Wire wire = new Wire(2, FAST, FAST);
    wire.b.dead = true;
    wire.advance(10_000);
    assertThat(wire.a.sent).hasSizeBetween(10, 14).allMatch(p -> p.state() == BfdState.DOWN);
    assertThat(wire.a.sent).allMatch(p -> p.desiredMinTx() == BfdSession.SLOW);
    for (int i = 1; i < wire.a.sentAt.size(); i++) {
      assertThat(wire.a.sentAt.get(i) - wire.a.sentAt.get(i - 1))
          .isBetween(750 * Wire.MILLI, 1_000 * Wire.MILLI);
    }
  }

  /** Sending goes by the slower of what one end wants and the other can take, with jitter. */
  @ParameterizedTest
  @CsvSource({
    "50, 50, 3, 50, 50, 3, 50, 150",
    "50, 300, 3, 100, 50, 4, 50, 1200",
    "20, 20, 3, 500, 200, 5, 200, 2500",
    "100, 100, 1, 100, 100, 1, 100, 100",
  })
  void intervalsAndDetectionTimes(
      int aTx, int aRx, int aMulti, int bTx, int bRx, int bMulti, int interval, int detection) {
    Wire wire = up(new BfdSettings(aTx, aRx, aMulti), new BfdSettings(bTx, bRx, bMulti));
    wire.advance(5_000);
    assertThat(wire.a.session.transmitInterval()).isEqualTo(interval * 1000L);
    assertThat(wire.a.session.detectionTime()).isEqualTo(detection * 1000L);
    int from = wire.a.sent.size();
    wire.advance(20_000);
    double most = aMulti == 1 ? 0.9 : 1.0;
    for (int i = from; i < wire.a.sent.size(); i++) {
      assertThat(wire.a.sentAt.get(i) - wire.a.sentAt.get(i - 1))
          .isBetween(
              (long) (interval * 0.75 * Wire.MILLI), (long) (interval * most * Wire.MILLI) + 1);
    }
    assertThat(wire.a.changes).containsExactly("Down>Init", "Init>Up");
  }

  @Test
  void aSilentNeighborIsGivenUpAfterTheDetectionTimeAndNotBefore() {
    Wire wire = up(FAST, FAST);
    wire.advance(2_000);
    long heard = wire.b.sentAt.getLast() + wire.delay;
    wire.cut = true;
    long cut = wire.now;
    wire.advance(1_000);
    assertThat(wire.a.session.state()).isEqualTo(BfdState.DOWN);
    assertThat(wire.a.session.diagnostic()).isEqualTo(BfdDiagnostic.DETECTION_TIME_EXPIRED);
    assertThat(wire.a.downAt)
        .isEqualTo(heard + 150 * Wire.MILLI)
        .isLessThan(cut + 151 * Wire.MILLI);
    assertThat(wire.a.session.yours()).as("it may come back as another").isZero();
    assertThat(wire.b.session.state()).isEqualTo(BfdState.DOWN);
    wire.cut = false;
    wire.advance(2_500);
    assertThat(wire.a.session.state()).isEqualTo(BfdState.UP);
    assertThat(wire.a.session.diagnostic()).isEqualTo(BfdDiagnostic.NONE);
  }

  @Test
  void oneWayIsNoWay() {
    Wire wire = up(FAST, FAST);
    wire.b.dead = true; // it says nothing any more, and hears nothing
    wire.advance(400);
    wire.b.dead = false;
    wire.advance(20);
    assertThat(wire.a.changes).contains("Up>Down");
    assertThat(wire.b.changes)
        .as("b hears that a has lost it, or finds out itself")
        .contains("Up>Down");
  }

  @Test
  void theNeighborTellsThatItHasLostUs() {
    Wire wire = up(FAST, FAST);
    BfdPacket down =
        new BfdPacket(
            BfdDiagnostic.DETECTION_TIME_EXPIRED,
            BfdState.DOWN,
            false,
            false,
            false,
            3,
            2002,
            1001,
            1_000_000,
            50_000);
    wire.a.session.receive(down, wire.now);
    assertThat(wire.a.session.state()).isEqualTo(BfdState.DOWN);
    assertThat(wire.a.session.diagnostic()).isEqualTo(BfdDiagnostic.NEIGHBOR_SIGNALED_DOWN);
    assertThat(wire.a.last().state()).as("told at once").isEqualTo(BfdState.DOWN);
  }

  @Test
  void aPollIsAnsweredAtOnceAndNeverBothBits() {
    Wire wire = up(FAST, FAST);
    wire.advance(1_000);
    BfdPacket usual = wire.b.last();
    BfdPacket poll =
        new BfdPacket(
            usual.diagnostic(),
            usual.state(),
            true,
            false,
            false,
            3,
            2002,
            1001,
            usual.desiredMinTx(),
            usual.requiredMinRx());
    int before = wire.a.sent.size();
    wire.a.session.receive(poll, wire.now);
    assertThat(wire.a.sent).hasSize(before + 1);
    assertThat(wire.a.last().finalBit()).isTrue();
    assertThat(wire.a.sent).noneMatch(p -> p.poll() && p.finalBit());
    assertThat(wire.b.sent).noneMatch(p -> p.poll() && p.finalBit());
  }

  @Test
  void slowerIntervalsWaitForTheNeighborsAnswer() {
    Wire wire = up(FAST, FAST);
    wire.advance(2_000);
    wire.a.session.configure(new BfdSettings(400, 50, 3), wire.now);
    assertThat(wire.a.session.transmitInterval()).as("b has not heard of it").isEqualTo(50_000);
    wire.advance(100, end -> {});
    assertThat(wire.a.sent).anyMatch(p -> p.poll() && p.desiredMinTx() == 400_000);
    wire.advance(1_000);
    assertThat(wire.a.session.transmitInterval()).isEqualTo(400_000);
    assertThat(wire.b.session.detectionTime()).isEqualTo(1_200_000);
    wire.advance(30_000);
    assertThat(wire.b.changes).as("nobody was given up meanwhile").hasSize(2);
    assertThat(wire.a.last().poll()).isFalse();
  }

  @Test
  void aNeighborThatReceivesNothingIsSentNothing() {
    Wire wire = up(FAST, FAST);
    wire.b.dead = true;
    wire.a.session.receive(
        new BfdPacket(
            BfdDiagnostic.NONE, BfdState.UP, false, false, false, 250, 2002, 1001, 1_000_000, 0),
        wire.now);
    int before = wire.a.sent.size();
    wire.advance(5_000);
    assertThat(wire.a.sent).hasSize(before);
    assertThat(wire.a.session.due()).isGreaterThan(wire.now);
  }

  @Test
  void demandModeOfTheNeighborStopsPeriodicPackets() {
    Wire wire = up(FAST, FAST);
    wire.advance(500);
    wire.b.dead = true;
    wire.a.session.receive(
        new BfdPacket(
            BfdDiagnostic.NONE, BfdState.UP, false, true, true, 250, 2002, 1001, 50_000, 50_000),
        wire.now);
    int before = wire.a.sent.size();
    wire.advance(5_000);
    assertThat(wire.a.sent).hasSize(before);
  }

  @Test
  void leavingIsToldAndTheOtherEndSaysWhy() {
    Wire wire = up(FAST, FAST);
    wire.a.session.leave(wire.now);
    wire.advance(10);
    assertThat(wire.b.session.state()).isEqualTo(BfdState.DOWN);
    assertThat(wire.b.session.remoteState()).isEqualTo(BfdState.ADMIN_DOWN);
    wire.advance(5_000);
    assertThat(wire.a.session.state()).isEqualTo(BfdState.ADMIN_DOWN);
    assertThat(wire.b.session.state()).isEqualTo(BfdState.DOWN);
  }

  /** With up to a tenth of all packets lost, five may be missing in a row before anybody falls. */
  @Test
  void lossIsSurvivedAndWhatFallsComesBack() {
    for (int seed = 0; seed < 40; seed++) {
      Wire wire = new Wire(seed, new BfdSettings(50, 50, 5), new BfdSettings(30, 70, 5));
      wire.loss = 10;
      wire.advance(20_000);
      for (Wire.End end : List.of(wire.a, wire.b)) {
        assertThat(end.session.state()).as("seed %s", seed).isEqualTo(BfdState.UP);
        assertThat(end.changes.size()).as("seed %s", seed).isLessThan(9);
      }
      wire.loss = 100;
      wire.advance(2_000);
      assertThat(wire.a.session.state()).isEqualTo(BfdState.DOWN);
      wire.loss = 0;
      wire.advance(3_000);
      assertThat(wire.a.session.state()).isEqualTo(BfdState.UP);
    }
  }
}
