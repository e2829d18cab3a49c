package dev.manul.ipam;

import java.util.Optional;

/** Tells what of a mirror's changes the collector should wake up for. */
record Attentive<V>(Surroundings.Listener listener, boolean heedsLoss)
    implements Mirror.Listener<V> {

  @Override
  public void changed(Optional<V> before, Optional<V> after) {
    if (heedsLoss && before.isPresent() && !before.equals(after)) {
      listener.news(true);
    }
  }

  @Override
  public void completeness() {
    listener.news(false);
  }
}
