package dev.manul.bgp.rib;

import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * A set of prefix numbers. It takes room where its members are, so that a thousand small sets of
 * high numbers stay small.
 */
final class PrefixSet {
  private static final int PAGE_BITS = 12;
  private static final int PAGE_LONGS = 1 << (PAGE_BITS - 6);
  private static final long[][] NONE = {};

  private long[][] pages = NONE;

  void add(int id) {
    int page = id >>> PAGE_BITS;
    if (page >= pages.length) {
      pages = Arrays.copyOf(pages, page + 1);
    }
    if (pages[page] == null) {
      pages[page] = new long[PAGE_LONGS];
    }
    pages[page][word(id)] |= 1L << id;
  }

  void remove(int id) {
    int page = id >>> PAGE_BITS;
    if (page < pages.length && pages[page] != null) {
      pages[page][word(id)] &= ~(1L << id);
    }
  }

  private static int word(int id) {
    return (id >>> 6) & (PAGE_LONGS - 1);
  }

  void forEach(IntConsumer action) {
    for (int page = 0; page < pages.length; page++) {
      for (int word = 0; pages[page] != null && word < PAGE_LONGS; word++) {
        for (long left = pages[page][word]; left != 0; left &= left - 1) {
          action.accept((page << PAGE_BITS) + (word << 6) + Long.numberOfTrailingZeros(left));
        }
      }
    }
  }
}
