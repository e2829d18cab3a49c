package dev.manul.ipam;

import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** Takes back what nodes or pools had that are gone. */
final class HostRemoval {
  private final Parts parts;
  private final Releases releases;

  HostRemoval(Parts parts, Releases releases) {
    this.parts = parts;
    this.releases = releases;
  }

  /** Releases every block of a node, and left-over affinities. */
  Set<Prefix> releaseHostAffinities(String node) {
    Set<Prefix> cidrs = new TreeSet<>();
    parts.claims().affinities().stream()
        .filter(affinity -> affinity.spec().node().equals(node))
        .forEach(affinity -> cidrs.add(affinity.spec().cidr()));
    ownBlocks(node, parts.blocks().all()).forEach(cidrs::add);
    cidrs.removeIf(cidr -> !release(cidr, node));
    return cidrs;
  }

  /** Releases every block within a prefix from its node. */
  Set<Prefix> releasePoolAffinities(Prefix pool) {
    Set<Prefix> released = new TreeSet<>();
    for (BlockAffinity affinity : parts.claims().affinities()) {
      if (pool.contains(affinity.spec().cidr())
          && release(affinity.spec().cidr(), affinity.spec().node())) {
        released.add(affinity.spec().cidr());
      }
    }
    for (IPAMBlock block : parts.blocks().all()) {
      if (pool.contains(block.spec().cidr())
          && BlockArithmetic.owner(block)
              .filter(node -> release(block.spec().cidr(), node))
              .isPresent()) {
        released.add(block.spec().cidr());
      }
    }
    return released;
  }

  private boolean release(Prefix cidr, String node) {
    AffinityRelease result = parts.claims().release(cidr, node, false);
    parts.own().of(node).forget(cidr);
    return result == AffinityRelease.BLOCK_DELETED || result == AffinityRelease.BLOCK_KEPT;
  }

  void remove(String node, boolean workloads, Situation situation) {
    for (TunnelType type : TunnelType.values()) {
      releases.releaseByHandle(type.handleId(node), node, situation);
    }
    releases.releaseByHandle(BridgeAddresses.handleId(node), node, situation);
    if (workloads) {
      List<ReleaseRequest> requests = new ArrayList<>();
      for (IPAMBlock block : parts.blocks().all()) {
        BlockArithmetic.allocations(block).stream()
            .filter(a -> a.coolingSince().isEmpty())
            .filter(a -> a.node().filter(node::equals).isPresent())
            .map(
                a ->
                    new ReleaseRequest(
                        a.address(), a.handleId(), OptionalLong.of(a.sequenceNumber())))
            .forEach(requests::add);
      }
      releases.release(requests, situation);
    }
    releaseHostAffinities(node);
  }

  static Set<Prefix> ownBlocks(String node, List<IPAMBlock> blocks) {
    Set<Prefix> own = new TreeSet<>();
    for (IPAMBlock block : blocks) {
      if (BlockArithmetic.ownedBy(block, node)) {
        own.add(block.spec().cidr());
      }
    }
    return own;
  }
}
