package dev.manul.bgp.rib;

import java.util.Arrays;

/** All paths of one neighbour, in no order, so that its going costs by their number alone. */
final class PeerPaths {
  private static final Path[] NONE = {};

  private Path[] paths = NONE;
  private int size;

  int size() {
    return size;
  }

  /** The path in a place below {@link #size}; adding and removing change places. */
  Path get(int place) {
    return paths[place];
  }

  void add(Path path) {
    if (size == paths.length) {
      paths = Arrays.copyOf(paths, Math.max(16, size * 2));
    }
    path.place = size;
    paths[size++] = path;
  }

  void replace(Path old, Path path) {
    path.place = old.place;
    paths[path.place] = path;
  }

  /** The last one takes the place of the one that goes. */
  void remove(Path path) {
    Path last = paths[--size];
    paths[path.place] = last;
    last.place = path.place;
    paths[size] = null;
    if (size == 0) {
      paths = NONE;
    }
  }
}
