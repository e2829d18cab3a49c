package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.WriteResult.Conflict;
import dev.manul.datastore.WriteResult.Written;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Keeps the counts of handles, so that a handle never counts fewer addresses of a block than it has
 * there for nodes that do not own the block. Addresses of a node's own blocks need no handle: who
 * looks for them looks into those blocks.
 *
 * <p>A writer that takes addresses reads the block, raises the handle and writes the block, in this
 * order. Whoever lowers a count to what a block really holds reads the handle, sees the block
 * changed by a write of its own, and only then writes the handle as it was read. If a raise came in
 * between, the handle has changed and is not written; if it came before, the raiser had read the
 * block before that too, and its write of the block fails. So no raise is lost whose addresses come
 * to be.
 */
final class HandleLedger {
  private final Datastore datastore;
  private final StoredBlocks blocks;
  private final Attempts.Pause pause;

  HandleLedger(Datastore datastore, StoredBlocks blocks, Attempts.Pause pause) {
    this.datastore = datastore;
    this.blocks = blocks;
    this.pause = pause;
  }

  /**
   * A count that was raised for addresses about to be taken.
   *
   * @param stored the handle as this raise left it
   */
  record Raise(IPAMHandle stored, Prefix block, int count) {}

  Optional<IPAMHandle> get(String handleId) {
    return datastore
        .get(IPAMHandle.KIND, Key.of(Handles.name(handleId)))
        .filter(handle -> !handle.spec().deleted());
  }

  /** Raises a count; the caller has read the block and writes it next. */
  Raise raise(String handleId, Prefix block, int count) {
    Attempts attempts = new Attempts(pause, "counting addresses of handle " + handleId);
    // Most handles are new: try to create before reading.
    WriteResult<IPAMHandle> result =
        datastore.create(
            new IPAMHandle(
                Metadata.named(Handles.name(handleId)),
                new IPAMHandle.Spec(handleId, Map.of(block.toString(), count), false)));
    while (true) {
      switch (result) {
        case Written<IPAMHandle>(IPAMHandle stored) -> {
          return new Raise(stored, block, count);
        }
        case Conflict<IPAMHandle>(Optional<IPAMHandle> stored) -> {
          attempts.lost();
          Optional<IPAMHandle> current =
              attempts.waited()
                  ? datastore.get(IPAMHandle.KIND, Key.of(Handles.name(handleId)))
                  : stored;
          result =
              current.isPresent() && !current.get().spec().deleted()
                  ? datastore.update(
                      with(current.get(), block, counted(current.get(), block) + count))
                  : recreate(current, handleId, block, count);
        }
      }
    }
  }

  private WriteResult<IPAMHandle> recreate(
      Optional<IPAMHandle> marked, String handleId, Prefix block, int count) {
    marked.ifPresent(datastore::delete);
    return datastore.create(
        new IPAMHandle(
            Metadata.named(Handles.name(handleId)),
            new IPAMHandle.Spec(handleId, Map.of(block.toString(), count), false)));
  }

  /**
   * Raises a count for the next try, after the block was read again; takes back what was raised for
   * the try that failed. The handle must change after the block was read, and to some datastores a
   * write that changes nothing is none; so it is lowered and raised.
   */
  Raise again(Raise failed, Prefix block, int count) {
    IPAMHandle lowered = with(failed.stored(), failed.block(), remaining(failed));
    if (datastore.update(lowered) instanceof Written<IPAMHandle>(IPAMHandle low)
        && datastore.update(with(low, block, counted(low, block) + count))
            instanceof Written<IPAMHandle>(IPAMHandle stored)) {
      return new Raise(stored, block, count);
    }
    settle(failed.stored().spec().handleID(), failed.block());
    return raise(failed.stored().spec().handleID(), block, count);
  }

  /** Takes back a raise whose addresses were not taken. */
  void withdraw(Raise raise) {
    // Nobody else has written the handle since: the difference is exactly this raise.
    if (!write(with(raise.stored(), raise.block(), remaining(raise)))) {
      settle(raise.stored().spec().handleID(), raise.block());
    }
  }

  private static int remaining(Raise raise) {
    return counted(raise.stored(), raise.block()) - raise.count();
  }

  /**
   * Lowers a count after addresses were given back.
   *
   * @param before the handle as read before the block was written; empty when there was none
   * @param left how many addresses of the handle the block holds as written
   * @return the handle now, when it is known
   */
  Optional<IPAMHandle> lowered(
      Optional<IPAMHandle> before, String handleId, Prefix block, int left) {
    if (before.isEmpty() || counted(before.get(), block) <= left) {
      return before;
    }
    IPAMHandle after = with(before.get(), block, left);
    if (after.spec().block().isEmpty()) {
      if (datastore.delete(after) instanceof Written<IPAMHandle>) {
        return Optional.empty();
      }
    } else if (datastore.update(after) instanceof Written<IPAMHandle>(IPAMHandle stored)) {
      return Optional.of(stored);
    }
    settle(handleId, block);
    return get(handleId);
  }

  /**
   * Makes a handle count what a block holds if it counts more than that, or less than what it has
   * to count; true when it had to be changed.
   */
  boolean settle(String handleId, Prefix cidr) {
    return settle(handleId, cidr, false);
  }

  /**
   * Makes a handle count all that a block holds, before the block is taken from its node; true when
   * it had to be changed.
   */
  boolean countAll(String handleId, Prefix cidr) {
    return settle(handleId, cidr, true);
  }

  private boolean settle(String handleId, Prefix cidr, boolean exactly) {
    Attempts attempts = new Attempts(pause, "correcting the count of handle " + handleId);
    while (true) {
      Optional<IPAMHandle> handle = get(handleId);
      Optional<IPAMBlock> block = blocks.get(cidr);
      int held = block.map(b -> BlockArithmetic.handleCount(b, handleId)).orElse(0);
      int needed =
          exactly ? held : block.map(b -> BlockArithmetic.awayCount(b, handleId)).orElse(0);
      int counted = handle.map(h -> counted(h, cidr)).orElse(0);
      if (counted >= needed
          && counted <= held
          && handle.filter(h -> h.spec().block().isEmpty()).isEmpty()) {
        return false;
      }
      boolean fenced =
          block.isEmpty()
              || blocks.update(BlockArithmetic.touched(block.get())) instanceof Written<IPAMBlock>;
      if (fenced) {
        IPAMHandle correct =
            handle.isPresent() ? with(handle.get(), cidr, held) : fresh(handleId, cidr, held);
        if (write(correct)) {
          return true;
        }
      }
      attempts.lost();
    }
  }

  /** Deletes a handle that counts nothing; true when it is gone by this call. */
  boolean deleteEmpty(String handleId) {
    return get(handleId).filter(h -> h.spec().block().isEmpty()).filter(this::write).isPresent();
  }

  private static IPAMHandle fresh(String handleId, Prefix cidr, int count) {
    return new IPAMHandle(
        Metadata.named(Handles.name(handleId)),
        new IPAMHandle.Spec(handleId, Map.of(cidr.toString(), count), false));
  }

  /** Creates, updates or, when it counts nothing, deletes a handle; false when a race was lost. */
  private boolean write(IPAMHandle handle) {
    WriteResult<IPAMHandle> result;
    if (handle.metadata().resourceVersion().isEmpty()) {
      result = datastore.create(handle);
      if (result instanceof Conflict<IPAMHandle>(Optional<IPAMHandle> current)) {
        current.filter(c -> c.spec().deleted()).ifPresent(datastore::delete);
      }
    } else if (handle.spec().block().isEmpty()) {
      result = datastore.delete(handle);
    } else {
      result = datastore.update(handle);
    }
    return result instanceof Written<IPAMHandle>;
  }

  /** How many addresses of a block the handle counts. */
  static int counted(IPAMHandle handle, Prefix block) {
    return handle.spec().block().getOrDefault(block.toString(), 0);
  }

  private static IPAMHandle with(IPAMHandle handle, Prefix block, int count) {
    Map<String, Integer> counts = new TreeMap<>(handle.spec().block());
    if (count > 0) {
      counts.put(block.toString(), count);
    } else {
      counts.remove(block.toString());
    }
    return handle.withSpec(new IPAMHandle.Spec(handle.spec().handleID(), counts, false));
  }
}
