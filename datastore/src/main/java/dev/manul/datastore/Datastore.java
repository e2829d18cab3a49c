package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.Optional;

/**
 * Where resources are kept: the port behind which the file directory and the Kubernetes API look
 * the same.
 *
 * <p>Every write is a compare-and-set on the resource version. A lost race is a value ({@link
 * WriteResult.Conflict}), for the caller to handle; a datastore that cannot be reached or written
 * is a {@link DatastoreException}. Implementations are safe for use by many threads. Resources
 * given to {@code create} and {@code update} have passed validation or are refused with an {@link
 * InvalidResourceException}.
 */
public interface Datastore extends AutoCloseable {

  /** The stored resource, or empty when there is none. */
  <R extends Resource> Optional<R> get(Kind<R> kind, Key key);

  /** All resources of a kind that {@code selection} admits, in the order of their keys. */
  <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection);

  /** Stores a new resource; a conflict when one of that key exists. */
  <R extends Resource> WriteResult<R> create(R resource);

  /**
   * Replaces a resource; a conflict when the stored version is not the one in {@code resource}'s
   * metadata, or when it is gone. A resource without a version replaces whatever is stored.
   */
  <R extends Resource> WriteResult<R> update(R resource);

  /**
   * Deletes a resource under the same condition as {@link #update}; the result carries what was
   * deleted.
   */
  <R extends Resource> WriteResult<R> delete(R resource);

  /**
   * Tells {@code sink} all resources there are, then {@link Sink#synced}, then every change,
   * without a gap, until the watch is closed. Calls come one at a time from one thread of the
   * datastore and must return quickly. Changes to one resource may be merged: only its newest state
   * is told.
   */
  <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink);

  /**
   * Stands for an office until the campaign is closed. At most one candidate of all processes that
   * share the datastore holds an office at a time; when it dies or loses the datastore, another is
   * elected after at most some 15 seconds.
   *
   * @param office the office's name, a DNS label such as {@code manul-garbage-collection}
   * @param candidate names this process among all candidates, such as the node's name
   */
  Campaign campaign(String office, String candidate, Campaign.Listener listener);

  @Override
  void close();
}
