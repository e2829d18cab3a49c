package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.Optional;

/**
 * A datastore before another: what is not overridden goes to the one behind. Closing it leaves the
 * one behind it open.
 */
public abstract class ForwardingDatastore implements Datastore {

  /** The one behind. */
  protected final Datastore real;

  protected ForwardingDatastore(Datastore real) {
    this.real = real;
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    return real.get(kind, key);
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    return real.list(kind, selection);
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    return real.create(resource);
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    return real.update(resource);
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    return real.delete(resource);
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    return real.watch(kind, selection, sink);
  }

  @Override
  public Campaign campaign(String office, String candidate, Campaign.Listener listener) {
    return real.campaign(office, candidate, listener);
  }

  @Override
  public void close() {}
}
