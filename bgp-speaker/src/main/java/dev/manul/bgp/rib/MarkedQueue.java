package dev.manul.bgp.rib;

import java.util.BitSet;

/** A first-in, first-out queue of small numbers that holds each at most once. */
final class MarkedQueue {
  private BitSet marked = new BitSet(0);
  private int[] ring = new int[16];
  private int head;
  private int size;

  /** Adds a number; false when it is waiting already. */
  boolean add(int id) {
    if (marked.get(id)) {
      return false;
    }
    marked.set(id);
    if (size == ring.length) {
      int[] bigger = new int[size * 2];
      for (int i = 0; i < size; i++) {
        bigger[i] = ring[(head + i) & (size - 1)];
      }
      ring = bigger;
      head = 0;
    }
    ring[(head + size) & (ring.length - 1)] = id;
    size++;
    return true;
  }

  /** Takes the oldest number; the queue must not be empty. */
  int take() {
    int id = ring[head];
    head = (head + 1) & (ring.length - 1);
    size--;
    marked.clear(id);
    if (size == 0 && ring.length > 4096) {
      ring = new int[16];
      head = 0;
      marked = new BitSet(0);
    }
    return id;
  }

  /** The number that is taken after so many others. */
  int get(int place) {
    return ring[(head + place) & (ring.length - 1)];
  }

  boolean contains(int id) {
    return marked.get(id);
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }
}
