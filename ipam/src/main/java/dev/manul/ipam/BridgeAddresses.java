package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The addresses of a node's blocks that belong to the bridge of its pods. On a bridge a block is a
 * subnet: the node has an address in it, by which its pods leave, and the first address (in IPv4
 * the last as well) is no host's (RFC 1122 section 3.2.1.3, RFC 4291 section 2.6.1).
 */
final class BridgeAddresses {

  /** The value of an allocation's {@code type} attribute. */
  static final String ATTRIBUTE = "bridgeAddress";

  /** The network's, the gateway's, the broadcast address, and one for a pod. */
  private static final int LEAST_IPV4 = 4;

  private static final int LEAST_IPV6 = 3;

  private final Parts parts;
  private final NodeSubnets subnets;

  BridgeAddresses(Parts parts, NodeSubnets subnets) {
    this.parts = parts;
    this.subnets = subnets;
  }

  /** The handle of all of a node's. */
  static String handleId(String node) {
    return Handles.cleanId("bridge-addr-" + node);
  }

  /** Whether no host on a bridge can have this address of a block. */
  static boolean isEnd(Address address, Prefix block) {
    return address.equals(block.address())
        || (address.family() == AddressFamily.IPV4 && address.equals(block.lastAddress()));
  }

  /**
   * The bridge's address in a block, taken at the first time: the lowest that is free. The ends of
   * the block are taken too as soon as they are free.
   *
   * @throws IpamException when the block is not the node's, too small, or full
   */
  Address ensure(Prefix cidr, String node, Situation situation) {
    int size = cidr.size().min(java.math.BigInteger.valueOf(Integer.MAX_VALUE)).intValue();
    if (size < (cidr.family() == AddressFamily.IPV4 ? LEAST_IPV4 : LEAST_IPV6)) {
      throw new IpamException(
          IpamException.Reason.BAD_POOL,
          "block "
              + cidr
              + " has no room for a bridge: blockSize must be at most /30, in IPv6 /126");
    }
    IPAMBlock block =
        parts
            .own()
            .of(node)
            .block(cidr)
            .or(() -> parts.blocks().get(cidr))
            .filter(b -> BlockArithmetic.ownedBy(b, node))
            .orElseThrow(
                () ->
                    new IpamException(
                        IpamException.Reason.NOT_OWN_BLOCK,
                        "block "
                            + cidr
                            + " is not of node "
                            + node
                            + ", and on a bridge there is place for a node's own blocks only"));
    for (Address end : ends(cidr)) {
      if (!BlockArithmetic.allocated(block, BlockArithmetic.ordinal(cidr, end))) {
        boolean _ = take(end, node, situation);
      }
    }
    Optional<Address> held = held(block, node);
    if (held.isPresent()) {
      return held.get();
    }
    for (long i = 1; i < size; i++) {
      Address candidate = cidr.address().plus(i);
      if (!isEnd(candidate, cidr) && take(candidate, node, situation)) {
        return candidate;
      }
    }
    throw new IpamException(
        IpamException.Reason.EXHAUSTED, "block " + cidr + " has no address left for the bridge");
  }

  private static List<Address> ends(Prefix cidr) {
    List<Address> ends = new ArrayList<>(List.of(cidr.address()));
    if (cidr.family() == AddressFamily.IPV4) {
      ends.add(cidr.lastAddress());
    }
    return ends;
  }

  /** The lowest address that the bridge has in a block. */
  private static Optional<Address> held(IPAMBlock block, String node) {
    return BlockArithmetic.allocations(block).stream()
        .filter(a -> a.handleId().filter(id -> Handles.same(id, handleId(node))).isPresent())
        .map(AllocationInfo::address)
        .filter(address -> !isEnd(address, block.spec().cidr()))
        .min(Address::compareTo);
  }

  /** Takes an address; false when somebody has it. */
  private boolean take(Address address, String node, Situation situation) {
    var request =
        new AssignAddressRequest(
            address,
            node,
            IntendedUse.WORKLOAD,
            Optional.of(handleId(node)),
            Map.of("node", node, "type", ATTRIBUTE));
    try {
      return new AddressAssignment(parts, request, situation, subnets).run().complete();
    } catch (IpamException e) {
      if (e.reason() == IpamException.Reason.IN_USE) {
        return false;
      }
      throw e;
    }
  }
}
