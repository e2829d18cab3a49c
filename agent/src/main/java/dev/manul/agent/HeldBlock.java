package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IntSequence;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Of a block of addresses, what routes depend on. Most of what is written to a block changes
 * nothing of it.
 *
 * @param cidr the block
 * @param node whose it is; "" when it is no node's
 * @param lent its addresses in use on other nodes than that, each as a /32 or /128
 */
record HeldBlock(Prefix cidr, String node, Map<Prefix, String> lent) {

  private static final String HOST = "host:";

  HeldBlock {
    lent = Map.copyOf(lent);
  }

  /** What counts of a block; empty when nothing does. */
  static Optional<HeldBlock> of(IPAMBlock block) {
    IPAMBlock.Spec spec = block.spec();
    if (spec.cidr() == null || spec.deleted()) {
      return Optional.empty();
    }
    String node =
        spec.affinity()
            .filter(affinity -> affinity.startsWith(HOST))
            .map(affinity -> affinity.substring(HOST.length()))
            .orElse("");
    Map<Prefix, String> lent = new HashMap<>();
    IntSequence allocations = spec.allocations();
    for (int ordinal = 0; ordinal < allocations.size(); ordinal++) {
      int attribute = allocations.get(ordinal);
      if (attribute >= 0 && attribute < spec.attributes().size()) {
        String user = user(spec.attributes().get(attribute));
        if (!user.isEmpty() && !user.equals(node)) {
          lent.put(spec.cidr().address().plus(ordinal).toPrefix(), user);
        }
      }
    }
    return node.isEmpty() && lent.isEmpty()
        ? Optional.empty()
        : Optional.of(new HeldBlock(spec.cidr(), node, lent));
  }

  /** The node that uses an address; "" when none does, as with one that rests after its release. */
  private static String user(IPAMBlock.Attribute attribute) {
    return attribute.releasedAt().isEmpty() ? attribute.secondary().getOrDefault("node", "") : "";
  }

  /**
   * What is to be reached by other nodes, each with its node's address. Blocks of nodes without an
   * address of their family are reached by nobody.
   *
   * @param self the node from which it is reached
   */
  static Map<Prefix, Address> remote(List<HeldBlock> blocks, Map<String, Node> nodes, String self) {
    Map<Prefix, Address> remote = new HashMap<>();
    for (HeldBlock block : blocks) {
      AddressFamily family = block.cidr().family();
      if (!block.node().equals(self)) {
        address(nodes, block.node(), family)
            .ifPresent(address -> remote.put(block.cidr(), address));
      }
      block
          .lent()
          .forEach(
              (prefix, user) -> {
                if (!user.equals(self)) {
                  address(nodes, user, family).ifPresent(address -> remote.put(prefix, address));
                }
              });
    }
    return Map.copyOf(remote);
  }

  private static Optional<Address> address(
      Map<String, Node> nodes, String name, AddressFamily family) {
    return Optional.ofNullable(nodes.get(name)).flatMap(node -> Peering.address(node, family));
  }
}
