package dev.manul.bgp.rib;

import java.util.Arrays;

/** References indexed by small numbers, in pages that exist only where something is set. */
final class PagedTable<T> {
  private static final int PAGE_BITS = 8;
  private static final int PAGE_SIZE = 1 << PAGE_BITS;

  private Object[][] pages = new Object[4][];
  private int size;

  @SuppressWarnings("unchecked") // only T are put in
  T get(int id) {
    int page = id >>> PAGE_BITS;
    return page < pages.length && pages[page] != null
        ? (T) pages[page][id & (PAGE_SIZE - 1)]
        : null;
  }

  /** Sets or, with null, clears an entry. */
  void set(int id, T value) {
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
      pages[page] = new Object[PAGE_SIZE];
    }
    Object old = pages[page][id & (PAGE_SIZE - 1)];
    pages[page][id & (PAGE_SIZE - 1)] = value;
    size += (value == null ? 0 : 1) - (old == null ? 0 : 1);
    if (size == 0) {
      pages = new Object[4][];
    }
  }

  /** How many entries are set. */
  int size() {
    return size;
  }
}
