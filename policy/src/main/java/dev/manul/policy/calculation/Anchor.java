package dev.manul.policy.calculation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Where selectors are looked for: all that one of them selects is here. */
interface Anchor {

  /** The selectors anchored here. */
  Watchers watchers();

  /** What may be selected by a selector that is anchored here; some may come twice. */
  void forEachCandidate(Consumer<Indexed> consumer);

  /** A list that takes no room while it is empty, as most are. */
  final class Watchers {
    private List<Watch> watches = List.of();

    void add(Watch watch) {
      if (watches.isEmpty()) {
        watches = new ArrayList<>(1);
      }
      watches.add(watch);
    }

    void remove(Watch watch) {
      int at = watches.indexOf(watch);
      Watch last = watches.removeLast();
      if (at < watches.size()) {
        watches.set(at, last);
      } else if (watches.isEmpty()) {
        watches = List.of();
      }
    }

    int size() {
      return watches.size();
    }

    Watch get(int i) {
      return watches.get(i);
    }
  }
}
