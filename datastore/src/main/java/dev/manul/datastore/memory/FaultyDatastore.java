package dev.manul.datastore.memory;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.ForwardingDatastore;
import dev.manul.datastore.WriteResult;
import dev.manul.model.Resource;

/**
 * A datastore whose every write passes a hook, which may throw to play a crash: before a write,
 * nothing of it is done; after it, it is done but the caller never learns of it.
 *
 * <p>Several of these may stand before one datastore, one for each client. Closing one leaves the
 * datastore behind it open.
 */
public final class FaultyDatastore extends ForwardingDatastore {

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

    /** One that does something before each update of a resource of a class, and nothing else. */
    static Hook beforeUpdates(Class<? extends Resource> of, Runnable action) {
      return new Hook() {
        @Override
        public void before(Operation operation, Resource resource) {
          if (operation == Operation.UPDATE && of.isInstance(resource)) {
            action.run();
          }
        }

        @Override
        public void after(Operation operation, Resource resource, WriteResult<?> result) {}
      };
    }
  }

  private final Hook hook;

  public FaultyDatastore(Datastore behind, Hook hook) {
    super(behind);
    this.hook = hook;
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    hook.before(Operation.CREATE, resource);
    WriteResult<R> result = real.create(resource);
    hook.after(Operation.CREATE, resource, result);
    return result;
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    hook.before(Operation.UPDATE, resource);
    WriteResult<R> result = real.update(resource);
    hook.after(Operation.UPDATE, resource, result);
    return result;
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    hook.before(Operation.DELETE, resource);
    WriteResult<R> result = real.delete(resource);
    hook.after(Operation.DELETE, resource, result);
    return result;
  }
}
