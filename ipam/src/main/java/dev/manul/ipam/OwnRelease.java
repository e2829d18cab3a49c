package dev.manul.ipam;

import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Prefix;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A release within one of a node's own blocks as remembered. What is remembered may be out of date:
 * a release that finds nothing to do in it, or has to be refused, is left unfinished, for its
 * caller to try on the stored block.
 */
final class OwnRelease implements OwnBlockWork {
  private final HandleLedger ledger;
  private final Prefix cidr;
  private final Function<IPAMBlock, BlockArithmetic.Released> operation;
  private final Map<String, Optional<IPAMHandle>> handles = new HashMap<>();
  private BlockArithmetic.Released outcome;
  private ReleaseResult result;

  OwnRelease(
      HandleLedger ledger, Prefix cidr, Function<IPAMBlock, BlockArithmetic.Released> operation) {
    this.ledger = ledger;
    this.cidr = cidr;
    this.operation = operation;
  }

  Prefix cidr() {
    return cidr;
  }

  Function<IPAMBlock, BlockArithmetic.Released> operation() {
    return operation;
  }

  /** What came of it; empty when it was left unfinished. */
  Optional<ReleaseResult> result() {
    return Optional.ofNullable(result);
  }

  @Override
  public boolean finished() {
    return result != null;
  }

  @Override
  public Optional<IPAMBlock> apply(IPAMBlock block) {
    if (!block.spec().cidr().equals(cidr)) {
      return Optional.empty();
    }
    outcome = operation.apply(block);
    return outcome.result().released().isEmpty() ? Optional.empty() : Optional.of(outcome.block());
  }

  @Override
  public void aboutToWrite() {
    // Read before the block is written: see HandleLedger.
    for (String handle : outcome.handles()) {
      handles.computeIfAbsent(handle, ledger::get);
    }
  }

  @Override
  public void written(IPAMBlock stored) {
    result = outcome.result();
    for (String handle : outcome.handles()) {
      int left = BlockArithmetic.handleCount(stored, handle);
      ledger.lowered(handles.get(handle), handle, cidr, left);
    }
  }

  @Override
  public boolean obtainMore() {
    return false;
  }
}
