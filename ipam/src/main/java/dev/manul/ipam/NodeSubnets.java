package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPPool;
import dev.manul.model.NodeSubnet;
import dev.manul.model.Prefix;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Which blocks of a pool may be a node's, where a pool says that each node has one subnet.
 *
 * @param podCidrs what Kubernetes has given the node; asked for only when a pool needs it
 */
record NodeSubnets(String node, Supplier<List<Prefix>> podCidrs) {

  /** Whether a pool's blocks are for good their nodes'. */
  static boolean isFixed(IPPool pool) {
    return pool.spec().nodeSubnet().isPresent();
  }

  private static boolean isOfKubernetes(IPPool pool) {
    return pool.spec().nodeSubnet().filter(NodeSubnet::isOfKubernetes).isPresent();
  }

  /** Where the node's blocks are looked for: all of the pool, or what Kubernetes gave the node. */
  List<Prefix> ranges(IPPool pool) {
    return isOfKubernetes(pool) ? given(pool).toList() : List.of(pool.spec().cidr());
  }

  /** Prefixes too small for a block are none. */
  private Stream<Prefix> given(IPPool pool) {
    return podCidrs.get().stream()
        .filter(prefix -> pool.spec().cidr().contains(prefix))
        .filter(prefix -> prefix.length() <= pool.spec().blockSize());
  }

  /** Whether a block may be the node's as far as its place goes. */
  boolean allows(IPPool pool, Prefix block) {
    if (!isFixed(pool)) {
      return true;
    }
    if (isOfKubernetes(pool)) {
      return given(pool).anyMatch(prefix -> prefix.contains(block));
    }
    NodeSubnet subnet = pool.spec().nodeSubnet().get();
    Address first = block.address();
    return subnet.min().filter(min -> min.compareTo(first) > 0).isEmpty()
        && subnet.max().filter(max -> max.compareTo(first) < 0).isEmpty();
  }

  /** Why a node that has these blocks may claim none of a pool; empty when it may. */
  Optional<String> refusal(IPPool pool, Collection<IPAMBlock> own) {
    if (!isFixed(pool)) {
      return Optional.empty();
    }
    Optional<Prefix> has =
        own.stream()
            .map(block -> block.spec().cidr())
            .filter(pool.spec().cidr()::contains)
            .findFirst();
    if (isOfKubernetes(pool)) {
      return given(pool).findAny().isPresent()
          ? Optional.empty()
          : Optional.of(
              "node %s has the podCIDRs %s, and pool %s (nodeSubnet.source PodCIDR) needs one of at"
                      .formatted(node, podCidrs.get(), pool.metadata().name())
                  + " least a /%d in %s".formatted(pool.spec().blockSize(), pool.spec().cidr()));
    }
    return has.map(
        subnet ->
            "the subnet %s of node %s is full, and pool %s (nodeSubnet) gives it no other"
                .formatted(subnet, node, pool.metadata().name()));
  }
}
