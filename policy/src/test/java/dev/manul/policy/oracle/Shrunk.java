package dev.manul.policy.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a list that shows a fault shorter for as long as it still shows it. */
public final class Shrunk {

  private Shrunk() {}

  /** Leaves out all that can be left out, in ever smaller pieces. */
  public static <T> List<T> list(List<T> from, Predicate<List<T>> showsFault) {
    List<T> list = new ArrayList<>(from);
    for (int piece = Math.max(1, list.size() / 2); piece > 0; piece /= 2) {
      int at = 0;
      while (at < list.size()) {
        List<T> without = new ArrayList<>(list);
        without.subList(at, Math.min(list.size(), at + piece)).clear();
        if (showsFault.test(without)) {
          list = without;
        } else {
          at += piece;
        }
      }
    }
    return list;
  }
}
