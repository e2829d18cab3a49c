package dev.manul.bgp;

import dev.manul.bgp.session.Neighbor;
import dev.manul.bgp.transport.SignatureCounters;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Finds out about wrong passwords. The kernel drops what is not signed as it ought to be and says
 * nothing to anybody, but it counts. So whoever waits for a session while the counters rise is told
 * what may be the reason. On the core thread.
 */
final class SignatureWatch {
  private final Supplier<SignatureCounters> source;

  /** Null when there is nothing to compare with. */
  private SignatureCounters before;

  SignatureWatch(Supplier<SignatureCounters> source) {
    this.source = source;
    this.before = source.get();
  }

  /** Compares the counters with those of the last time. */
  void check(Collection<Neighbor> neighbors) {
    List<Neighbor> waiting =
        neighbors.stream()
            .filter(n -> !n.established() && n.configuration().shutdown().isEmpty())
            .toList();
    if (waiting.isEmpty()) {
      before = null; // what is counted meanwhile explains nothing later
      return;
    }
    SignatureCounters now = source.get();
    SignatureCounters added = now.since(before == null ? now : before);
    before = now;
    Predicate<Neighbor> signs = n -> n.configuration().password().isPresent();
    if (added.wrong() > 0) {
      tell(waiting.stream().filter(signs).toList(), "segments signed with another password");
    } else if (added.missing() > 0) {
      tell(waiting.stream().filter(signs).toList(), "segments signed with no password");
    }
    if (added.unexpected() > 0) {
      tell(
          waiting.stream().filter(signs.negate()).toList(),
          "segments signed with a password, though none is configured here,");
    }
  }

  private static void tell(List<Neighbor> suspects, String what) {
    String whose = suspects.size() == 1 ? "the neighbor" : "it or another neighbor";
    String trouble = "wrong password: " + what + " come from " + whose;
    suspects.forEach(neighbor -> neighbor.noteSignatures(trouble));
  }
}
