package dev.manul.bgp.rib;

import java.util.Arrays;

/** References indexed by small numbers, in pages that exist only where something is set. */
final class PagedTable {
  private static final int PAGE_BITS = 8;
  private static final int PAGE_SIZE = 1 << PAGE_BITS;

  private AttributeSet[][] pages = new AttributeSet[4][];
  private int size;

  AttributeSet get(int id) {
    int page = id >>> PAGE_BITS;
    return page < pages.length && pages[page] != null ? pages[page][id & (PAGE_SIZE - 1)] : null;
  }

  /** Sets or, with null, clears an entry. */
  void set(int id, AttributeSet value) {
    int page = id >>> PAGE_BITS;
    if (page >= pages.length) {
      if (value == null) {
        return;
      }
      pages = Arrays.copyOf(pages, Math.max(page + 1, pages.length * 2));
    }
    if (pages[page] == null) {
      if (value == null) {
        return;
      }
      pages[page] = new AttributeSet[PAGE_SIZE];
    }
    AttributeSet old = pages[page][id & (PAGE_SIZE - 1)];
    pages[page][id & (PAGE_SIZE - 1)] = value;
    size += (value == null ? 0 : 1) - (old == null ? 0 : 1);
  }

  /** How many entries are set. */
  int size() {
    return size;
  }
}
