package dev.manul.bgp;

import java.util.List;

/**
 * Hears of learned best paths. Called on the core thread: must return quickly and must not call
 * {@link Speaker}'s inspection methods.
 */
public interface BestPathListener {

  /** Changes since the last call, at most one a prefix. */
  void changed(List<BestPathChange> batch);

  /** False spares the work of describing changes, of which none is then told. */
  default boolean wantsChanges() {
    return true;
  }

  /**
   * Called once: every configured neighbour has sent End-of-RIB for its families, or {@link
   * SpeakerOptions#convergenceLimit()} has passed. All changes up to that moment have been told.
   */
  void converged();
}
