package dev.manul.ipam;

import dev.manul.datastore.WriteResult.Conflict;
import dev.manul.datastore.WriteResult.Written;
import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPPool;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;

/** One request for a certain address. */
final class AddressAssignment {
  private final Parts parts;
  private final AssignAddressRequest request;
  private final Situation situation;
  private final NodeSubnets subnets;

  AddressAssignment(
      Parts parts, AssignAddressRequest request, Situation situation, NodeSubnets subnets) {
    this.parts = parts;
    this.request = request;
    this.situation = situation;
    this.subnets = subnets;
  }

  AssignmentResult run() {
    Address address = request.address();
    IPPool pool = pool();
    Prefix cidr = PoolSelection.blockOf(pool, address);
    IPAMBlock.Attribute owner =
        Parts.attribute(request.node(), request.handleId(), request.attributes());
    Attempts attempts = new Attempts(parts.pause(), "allocating " + address);
    HandleLedger.Raise raise = null;
    try {
      IPAMBlock block = block(pool, cidr, attempts);
      while (true) {
        IPAMBlock ready =
            BlockArithmetic.thawed(block, situation.cooldown(), parts.clock().instant());
        BlockArithmetic.Taken taken =
            BlockArithmetic.takeOrdinal(ready, BlockArithmetic.ordinal(cidr, address), owner);
        if (taken.ordinals().isEmpty()) {
          throw inUse(block);
        }
        if (raise != null || !BlockArithmetic.ownedBy(block, request.node())) {
          raise = parts.raised(raise, owner.handleId(), cidr, 1);
        }
        switch (parts.blocks().update(taken.block())) {
          case Written<IPAMBlock>(IPAMBlock stored) -> {
            raise = null;
            parts.own().seen(stored);
            return new AssignmentResult(
                List.of(
                    new AssignmentResult.Assignment(
                        address,
                        cidr,
                        pool.spec().cidr(),
                        stored.spec().sequenceNumber(),
                        !BlockArithmetic.ownedBy(stored, request.node()))),
                List.of());
          }
          case Conflict<IPAMBlock> lost -> attempts.lost();
        }
        block = block(pool, cidr, attempts);
      }
    } catch (IpamException e) {
      parts.withdraw(raise);
      throw e;
    }
  }

  private IPPool pool() {
    IPPool pool =
        PoolSelection.holding(situation.pools(), request.address())
            .orElseThrow(
                () ->
                    new IpamException(
                        IpamException.Reason.NO_POOL,
                        request.address() + " is in no configured pool"));
    if (pool.spec().disabled()) {
      throw new IpamException(
          IpamException.Reason.BAD_POOL,
          request.address()
              + " is in the pool "
              + pool.metadata().name()
              + ", which is disabled: set spec.disabled to false to take from it");
    }
    if (!pool.spec().allowedUses().contains(request.use().text())) {
      throw new IpamException(
          IpamException.Reason.NO_POOL,
          request.address()
              + " is in the pool "
              + pool.metadata().name()
              + ", which has no "
              + request.use().text()
              + " among its allowedUses");
    }
    return pool;
  }

  /** The block of the address, claimed for the node when there is none. */
  private IPAMBlock block(IPPool pool, Prefix cidr, Attempts attempts) {
    while (true) {
      Optional<IPAMBlock> block = parts.blocks().get(cidr);
      if (block.isEmpty()) {
        mayClaim(pool, cidr);
        block = parts.claims().claim(cidr, request.node());
        block.ifPresent(parts.own().of(request.node())::seen);
      }
      if (block.isPresent()) {
        if ((situation.settings().strictAffinity() || NodeSubnets.isFixed(pool))
            && !BlockArithmetic.ownedBy(block.get(), request.node())) {
          throw new IpamException(
              IpamException.Reason.NOT_OWN_BLOCK,
              request.address()
                  + " is in the block "
                  + cidr
                  + " of "
                  + BlockArithmetic.owner(block.get()).map(node -> "node " + node).orElse("nobody")
                  + ", and "
                  + (NodeSubnets.isFixed(pool)
                      ? "pool " + pool.metadata().name() + " gives each node its own (nodeSubnet)"
                      : "strict affinity is enabled"));
        }
        return block.get();
      }
      attempts.lost();
    }
  }

  /** A node that has a subnet of the pool, or may not have this one, claims none by an address. */
  private void mayClaim(IPPool pool, Prefix cidr) {
    if (!NodeSubnets.isFixed(pool)) {
      return;
    }
    List<IPAMBlock> own =
        parts.claims().affinities(request.node()).stream()
            .flatMap(affinity -> parts.blocks().get(affinity.spec().cidr()).stream())
            .filter(block -> BlockArithmetic.ownedBy(block, request.node()))
            .toList();
    if (!subnets.allows(pool, cidr) || subnets.refusal(pool, own).isPresent()) {
      throw new IpamException(
          IpamException.Reason.NOT_OWN_BLOCK,
          request.address()
              + " is in "
              + cidr
              + ", which is not the subnet of node "
              + request.node()
              + " in pool "
              + pool.metadata().name());
    }
  }

  private IpamException inUse(IPAMBlock block) {
    int ordinal = BlockArithmetic.ordinal(block.spec().cidr(), request.address());
    String handle =
        BlockArithmetic.attribute(block, ordinal)
            .map(IPAMBlock.Attribute::handleId)
            .filter(id -> !id.isEmpty())
            .map(id -> " by handle " + id)
            .orElse("");
    return new IpamException(
        IpamException.Reason.IN_USE, request.address() + " is in use already" + handle);
  }
}
