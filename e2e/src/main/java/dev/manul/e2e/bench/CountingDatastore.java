package dev.manul.e2e.bench;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.ForwardingDatastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Counts what is asked of a datastore. Closing it leaves the datastore open. */
final class CountingDatastore extends ForwardingDatastore {

  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong conflicts = new AtomicLong();

  CountingDatastore(Datastore real) {
    super(real);
  }

  /**
   * Counts up to a moment.
   *
   * @param reads lookups and lists
   * @param writes tried writes, refused ones among them
   * @param conflicts the refused ones
   */
  record Counts(long reads, long writes, long conflicts) {
    Counts since(Counts before) {
      return new Counts(reads - before.reads, writes - before.writes, conflicts - before.conflicts);
    }
  }

  Counts counts() {
    return new Counts(reads.get(), writes.get(), conflicts.get());
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    reads.incrementAndGet();
    return real.get(kind, key);
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    reads.incrementAndGet();
    return real.list(kind, selection);
  }

  private <R extends Resource> WriteResult<R> counted(Supplier<WriteResult<R>> write) {
    writes.incrementAndGet();
    WriteResult<R> result = write.get();
    if (result instanceof WriteResult.Conflict<R>) {
      conflicts.incrementAndGet();
    }
    return result;
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    return counted(() -> real.create(resource));
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    return counted(() -> real.update(resource));
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    return counted(() -> real.delete(resource));
  }
}
