package dev.manul.bgp;

import dev.manul.model.Address;
import java.util.List;

/** A BGP speaker. All methods may be called from any thread. */
@SuppressWarnings("DoNotCallSuggester")
public final class Speaker implements AutoCloseable {

  private Speaker() {}

  /** Starts a speaker that has no configuration yet: it neither listens nor connects. */
  public static Speaker start(
      SpeakerOptions options, NextHopResolver resolver, BestPathListener listener) {
    throw new UnsupportedOperationException();
  }

  /**
   * Sets the whole configuration. Returns at once; only the latest of several that wait counts. A
   * session whose configuration has not changed is never disturbed.
   */
  public void configure(SpeakerConfiguration configuration) {
    throw new UnsupportedOperationException();
  }

  /** A snapshot, at most a fraction of a second old; cheap. */
  public SpeakerStatus status() {
    throw new UnsupportedOperationException();
  }

  /** Says that the resolver may answer differently from now on. */
  public void nextHopsChanged() {
    throw new UnsupportedOperationException();
  }

  /** Every path known, best first within a prefix. Waits for the core thread. */
  public List<RibEntry> localRib() {
    throw new UnsupportedOperationException();
  }

  /** What a neighbour has announced. Empty for an unknown neighbour. */
  public List<RibEntry> adjRibIn(Address peer) {
    throw new UnsupportedOperationException();
  }

  /** What has been announced to a neighbour. Empty for an unknown neighbour. */
  public List<RibEntry> adjRibOut(Address peer) {
    throw new UnsupportedOperationException();
  }

  /**
   * Ends the speaker and drops its connections without a NOTIFICATION, so that neighbours which
   * know graceful restart go on forwarding. Waits until the connections are closed.
   */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  /** Ends the speaker with Cease, administrative shutdown (RFC 4486), to every neighbour. */
  public void closeWithCease() {
    throw new UnsupportedOperationException();
  }
}
