package dev.manul.cni;

import dev.manul.datastore.Datastore;
import dev.manul.ipam.Ipam;
import java.time.Clock;

/** Serves the requests of the CNI plugin on a Unix socket. */
public final class CniServer implements AutoCloseable {

  private CniServer() {}

  /**
   * Undoes what an earlier process left unfinished, then listens.
   *
   * @throws java.io.UncheckedIOException when the socket or the state cannot be used
   */
  public static CniServer start(
      CniOptions options, Datastore datastore, Ipam ipam, WorkloadRoutes routes, Clock clock) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** How it is going; at once. */
  public CniStatus status() {
    return new CniStatus(0, 0, 0, 0, 0, 0, 0, 0, "");
  }

  /** Stops listening, and waits for the requests in hand. */
  @Override
  public void close() {}
}
