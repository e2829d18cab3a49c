package dev.manul.datastore.memory;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.Optional;

/**
 * A datastore whose every write passes a hook, which may throw to play a crash: before a write,
 * nothing of it is done; after it, it is done but the caller never learns of it.
 *
 * <p>Several of these may stand before one datastore, one for each client. Closing one leaves the
 * datastore behind it open.
 */
public final class FaultyDatastore implements Datastore {

  /** What a write does. */
  public enum Operation {
    CREATE,
    UPDATE,
    DELETE
  }

  /** Called around every write, on the writer's thread. */
  public interface Hook {

    /** The write is about to be done. */
    void before(Operation operation, Resource resource);

    /** The write was done, or was found in conflict. */
    void after(Operation operation, Resource resource, WriteResult<?> result);
  }

  private final Datastore behind;
  private final Hook hook;

  public FaultyDatastore(Datastore behind, Hook hook) {
    this.behind = behind;
    this.hook = hook;
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    return behind.get(kind, key);
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    return behind.list(kind, selection);
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    hook.before(Operation.CREATE, resource);
    WriteResult<R> result = behind.create(resource);
    hook.after(Operation.CREATE, resource, result);
    return result;
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    hook.before(Operation.UPDATE, resource);
    WriteResult<R> result = behind.update(resource);
    hook.after(Operation.UPDATE, resource, result);
    return result;
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    hook.before(Operation.DELETE, resource);
    WriteResult<R> result = behind.delete(resource);
    hook.after(Operation.DELETE, resource, result);
    return result;
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    return behind.watch(kind, selection, sink);
  }

  @Override
  public Campaign campaign(String office, String candidate, Campaign.Listener listener) {
    return behind.campaign(office, candidate, listener);
  }

  @Override
  public void close() {}
}
