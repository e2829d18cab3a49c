package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Key;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;

/** Blocks as the datastore has them. A block that is marked deleted is read as absent. */
final class StoredBlocks {
  private final Datastore datastore;

  StoredBlocks(Datastore datastore) {
    this.datastore = datastore;
  }

  Optional<IPAMBlock> get(Prefix cidr) {
    return datastore
        .get(IPAMBlock.KIND, Key.of(IPAMBlock.nameOf(cidr)))
        .filter(block -> !block.spec().deleted());
  }

  List<IPAMBlock> all() {
    return datastore.list(IPAMBlock.KIND, Selection.ALL).items().stream()
        .filter(block -> !block.spec().deleted())
        .toList();
  }

  WriteResult<IPAMBlock> update(IPAMBlock block) {
    return datastore.update(block);
  }

  /** Stores a new block, after finishing the deletion of one that is marked deleted. */
  WriteResult<IPAMBlock> create(IPAMBlock block) {
    WriteResult<IPAMBlock> result = datastore.create(block);
    if (result instanceof WriteResult.Conflict<IPAMBlock>(Optional<IPAMBlock> current)
        && current.filter(c -> c.spec().deleted()).isPresent()
        && datastore.delete(current.get()) instanceof WriteResult.Written<IPAMBlock>) {
      return datastore.create(block);
    }
    return result;
  }

  /** Deletes the block if it is as it was read; true when it is gone by this call. */
  boolean delete(IPAMBlock block) {
    return datastore.delete(block) instanceof WriteResult.Written<IPAMBlock>;
  }
}
