package dev.manul.datastore;

/** One candidate's part in the election for an office that one process of the cluster holds. */
public interface Campaign extends AutoCloseable {

  /** Learns of the outcome; called one at a time from one thread of the datastore. */
  interface Listener {

    /** The candidate holds the office from now on. */
    void elected();

    /**
     * The candidate holds it no longer, or cannot know: called before another one may be elected,
     * so that whatever the office is for must end here. It stays a candidate.
     */
    void deposed();
  }

  /** Whether the candidate holds the office now. */
  boolean leads();

  /**
   * Withdraws: a candidate in office is deposed before this returns, and the office is free for
   * others at once where the datastore can be reached.
   */
  @Override
  void close();
}
