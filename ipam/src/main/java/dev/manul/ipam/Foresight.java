package dev.manul.ipam;

import dev.manul.model.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tells a request's caller which addresses it is about to get, while they are still being written.
 *
 * <p>It tells at most once, and only where it may be relied on but for the rarest of races: the
 * addresses are the next of the node's own blocks, which others that borrow take from further
 * behind, and enough are left that these do not get there. Nothing is anybody's before it is
 * written all the same: the caller has to compare what it gets in the end.
 *
 * <p>Only the thread that holds the node's lock calls it.
 */
final class Foresight {

  /** So many addresses are to be free besides in a block from which one is foretold. */
  static final int LEFT_FREE = 8;

  private final Consumer<List<Address>> caller;
  private boolean told;

  /**
   * @param caller is called by whichever thread writes, and must not wait
   */
  Foresight(Consumer<List<Address>> caller) {
    this.caller = caller;
  }

  /** A block with what one of the request's works wants of it is about to be written. */
  void aboutToWrite(List<AutoAssignment> works) {
    if (told) {
      return;
    }
    List<Address> expected = new ArrayList<>();
    for (AutoAssignment work : works) {
      Optional<List<Address>> part = work.expected();
      if (part.isEmpty()) {
        return;
      }
      expected.addAll(part.get());
    }
    told = true;
    caller.accept(List.copyOf(expected));
  }
}
