package dev.manul.ipam;

import dev.manul.datastore.WriteResult.Conflict;
import dev.manul.datastore.WriteResult.Written;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Prefix;
import java.util.Optional;

/** Gives an allocation to another owner, in one write of its block. */
final class Handover {
  private final Parts parts;

  Handover(Parts parts) {
    this.parts = parts;
  }

  /**
   * Hands an allocation over.
   *
   * @param seen the allocation as it was found; one that has changed since stays as it is
   * @return whether it is the new owner's now
   */
  boolean give(AllocationInfo seen, AssignAddressRequest to) {
    Prefix cidr = seen.block();
    IPAMBlock.Attribute owner = Parts.attribute(to.node(), to.handleId(), to.attributes());
    Attempts attempts = new Attempts(parts.pause(), "handing over " + seen.address());
    int ordinal = BlockArithmetic.ordinal(cidr, seen.address());
    HandleLedger.Raise raise = null;
    try {
      while (true) {
        Optional<IPAMBlock> block = parts.blocks().get(cidr);
        if (block.flatMap(b -> BlockArithmetic.info(b, ordinal)).filter(seen::isSame).isEmpty()) {
          return false;
        }
        if (raise != null || !BlockArithmetic.ownedBy(block.get(), to.node())) {
          raise = parts.raised(raise, owner.handleId(), cidr, 1);
        }
        switch (parts.blocks().update(BlockArithmetic.handedOver(block.get(), ordinal, owner))) {
          case Written<IPAMBlock>(IPAMBlock stored) -> {
            raise = null;
            parts.own().seen(stored);
            seen.handleId().ifPresent(handle -> parts.handles().settle(handle, cidr));
            return true;
          }
          case Conflict<IPAMBlock> lost -> attempts.lost();
        }
      }
    } finally {
      parts.withdraw(raise);
    }
  }
}
