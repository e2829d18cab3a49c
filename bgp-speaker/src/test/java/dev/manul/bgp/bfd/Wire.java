package dev.manul.bgp.bfd;

import dev.manul.bgp.BfdSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;

/** Two sessions, a wire between them, and time that is moved by hand. */
final class Wire {
  static final long MILLI = 1_000_000;

  final End a;
  final End b;
  long now;
  long delay = MILLI / 10;

  /** How many of 100 packets get lost. */
  int loss;

  boolean cut;
  private final Random random;
  private final PriorityQueue<Flying> flying = new PriorityQueue<>();
  private long sent;

  Wire(long seed, BfdSettings first, BfdSettings second) {
    random = new Random(seed);
    a = new End(1001, first);
    b = new End(2002, second);
  }

  private record Flying(long at, long order, End to, BfdPacket packet)
      implements Comparable<Flying> {
    @Override
    public int compareTo(Flying other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  /** One end of the wire, and what its session did. */
  final class End implements BfdSession.Output {
    final List<BfdPacket> sent = new ArrayList<>();
    final List<Long> sentAt = new ArrayList<>();
    final List<String> changes = new ArrayList<>();
    final BfdSession session;
    boolean dead;
    long downAt = -1;

    End(int number, BfdSettings settings) {
      session = new BfdSession(number, settings, random::nextDouble, this, now);
    }

    @Override
    public void send(BfdPacket packet) {
      sent.add(packet);
      sentAt.add(now);
      if (!cut && random.nextInt(100) >= loss) {
        flying.add(new Flying(now + delay, Wire.this.sent++, this == a ? b : a, packet));
      }
    }

    @Override
    public void changed(BfdState from, BfdState to) {
      changes.add(from + ">" + to);
      if (to == BfdState.DOWN) {
        downAt = now;
      }
    }

    BfdPacket last() {
      return sent.getLast();
    }
  }

  /** Lets time pass, with all that happens in it. */
  void advance(long millis) {
    advance(millis, end -> {});
  }

  void advance(long millis, Consumer<End> afterEach) {
    long until = now + millis * MILLI;
    while (true) {
      long next = flying.isEmpty() ? Long.MAX_VALUE : flying.peek().at;
      for (End end : List.of(a, b)) {
        if (!end.dead) {
          next = Math.min(next, end.session.due());
        }
      }
      if (next > until) {
        now = until;
        return;
      }
      now = Math.max(now, next);
      step(afterEach);
    }
  }

  private void step(Consumer<End> afterEach) {
    if (!flying.isEmpty() && flying.peek().at <= now) {
      Flying packet = flying.poll();
      if (!packet.to.dead && !cut) {
        packet.to.session.receive(packet.packet, now);
        afterEach.accept(packet.to);
      }
      return;
    }
    for (End end : List.of(a, b)) {
      if (!end.dead && end.session.due() <= now) {
        end.session.tick(now);
        afterEach.accept(end);
      }
    }
  }
}
