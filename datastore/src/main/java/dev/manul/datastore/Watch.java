package dev.manul.datastore;

/** A running watch. */
public interface Watch extends AutoCloseable {

  /** Ends the watch; no call to its sink begins after this returns. */
  @Override
  void close();
}
