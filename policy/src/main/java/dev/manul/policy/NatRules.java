package dev.manul.policy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Prefix;
import dev.manul.policy.kernel.Chain;
import dev.manul.policy.kernel.Hook;
import dev.manul.policy.kernel.IpSet;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.Table;
import dev.manul.policy.kernel.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What pools ask of the packet filter; pure. */
final class NatRules {

  static final String POSTROUTING = Chain.PREFIX + "POSTROUTING";
  static final String NAT_OUTGOING = Chain.PREFIX + "nat-outgoing";

  /** Every pool's addresses. */
  static final String ALL_POOLS = "all-pools";

  /** The addresses of pools with natOutgoing. */
  static final String MASQUERADED_POOLS = "masq-pools";

  /** Nodes' own addresses. */
  static final String ALL_NODES = "all-nodes";

  /** The ports are chosen at random, so that two pods' choices seldom meet in the kernel. */
  private static final String RANDOM = " --random-fully";

  private static final String MASQUERADE = "-j MASQUERADE" + RANDOM;

  private NatRules() {}

  /**
   * What the rules come from.
   *
   * @param nodes the nodes' own addresses, for {@link Exclusions#POOLS_AND_NODES}
   */
  record Input(Set<IPPool> pools, Set<Address> nodes) {
    Input {
      pools = Set.copyOf(pools);
      nodes = Set.copyOf(nodes);
    }
  }

  /**
   * What a family is to have.
   *
   * @param sets in such an order that members may be added from the first to the last, and removed
   *     from the last to the first, with every state on the way harmless
   * @param table nat
   */
  record Wanted(AddressFamily family, List<IpSet> sets, Table table) {
    Wanted {
      sets = List.copyOf(sets);
    }
  }

  /** The families that pods get addresses of; all, where there are no pools to tell. */
  static Set<AddressFamily> families(Input input) {
    Set<AddressFamily> families =
        input.pools().stream()
            .map(IPPool::spec)
            .filter(pool -> pool.cidr() != null)
            .map(pool -> pool.cidr().family())
            .collect(Collectors.toSet());
    return families.isEmpty() ? Set.of(AddressFamily.values()) : families;
  }

  /** The rules of a family. */
  static Wanted of(AddressFamily family, Input input, Masquerade masquerade) {
    List<IPPool.Spec> pools =
        input.pools().stream()
            .map(IPPool::spec)
            .filter(pool -> pool.cidr() != null && pool.cidr().family() == family)
            .filter(pool -> !pool.allowedUses().equals(List.of(IPPool.USE_LOAD_BALANCER)))
            .toList();
    List<IpSet> sets = new ArrayList<>();
    List<Chain> chains = new ArrayList<>();
    List<RuleText> postrouting = new ArrayList<>();
    if (pools.stream().anyMatch(IPPool.Spec::natOutgoing)) {
      boolean sparesNodes = masquerade.exclusions() == Exclusions.POOLS_AND_NODES;
      sets.add(IpSet.ofPrefixes(ALL_POOLS, family, prefixes(pools, _ -> true)));
      if (sparesNodes) {
        sets.add(IpSet.ofPrefixes(ALL_NODES, family, nodes(family, input.nodes())));
      }
      sets.add(
          IpSet.ofPrefixes(MASQUERADED_POOLS, family, prefixes(pools, IPPool.Spec::natOutgoing)));
      chains.add(new Chain(NAT_OUTGOING, natOutgoing(family, sparesNodes, masquerade)));
      postrouting.add(new RuleText("-j " + NAT_OUTGOING));
    }
    tunnelDevices(family, pools).forEach(device -> postrouting.add(fromNode(device)));
    return new Wanted(family, sets, nat(chains, postrouting));
  }

  private static List<Prefix> prefixes(List<IPPool.Spec> pools, Predicate<IPPool.Spec> which) {
    return pools.stream().filter(which).map(IPPool.Spec::cidr).toList();
  }

  private static List<Prefix> nodes(AddressFamily family, Collection<Address> nodes) {
    return nodes.stream().filter(a -> a.family() == family).map(Address::toPrefix).toList();
  }

  /** One rule; with a range of ports one before it for each protocol that has ports. */
  private static List<RuleText> natOutgoing(
      AddressFamily family, boolean sparesNodes, Masquerade masquerade) {
    String prefix = IpSet.prefix(family);
    String leaving =
        "-m set --match-set "
            + prefix
            + MASQUERADED_POOLS
            + " src"
            + to(prefix + ALL_POOLS)
            + (sparesNodes ? to(prefix + ALL_NODES) : "")
            + " ";
    Optional<Address> address = masquerade.address().filter(a -> a.family() == family);
    List<RuleText> rules = new ArrayList<>();
    masquerade
        .ports()
        .ifPresent(
            ports ->
                List.of("tcp", "udp")
                    .forEach(
                        protocol ->
                            rules.add(
                                new RuleText(
                                    "-p " + protocol + " " + leaving + target(address, ports)))));
    rules.add(
        new RuleText(
            leaving + address.map(a -> "-j SNAT --to-source " + a + RANDOM).orElse(MASQUERADE)));
    return rules;
  }

  private static String target(Optional<Address> address, Masquerade.Ports ports) {
    return address
            .map(
                a ->
                    "-j SNAT --to-source "
                        + (a.family() == AddressFamily.IPV6 ? "[" + a + "]" : a.toString())
                        + ":"
                        + ports)
            .orElse("-j MASQUERADE --to-ports " + ports)
        + RANDOM;
  }

  private static String to(String set) {
    return " -m set ! --match-set " + set + " dst";
  }

  private static List<String> tunnelDevices(AddressFamily family, List<IPPool.Spec> pools) {
    List<String> devices = new ArrayList<>();
    if (family == AddressFamily.IPV4
        && pools.stream().anyMatch(pool -> pool.ipipMode() != EncapsulationMode.NEVER)) {
      devices.add("tunl0");
    }
    if (pools.stream().anyMatch(pool -> pool.vxlanMode() != EncapsulationMode.NEVER)) {
      devices.add(family == AddressFamily.IPV6 ? "vxlan-v6.calico" : "vxlan.calico");
    }
    if (pools.stream().anyMatch(pool -> pool.udpMode().isPresent())) {
      devices.add(family == AddressFamily.IPV6 ? "manul-udp-v6" : "manul-udp");
    }
    return devices;
  }

  /**
   * The node's own packets into a tunnel carry the tunnel device's address, which is one of a pool,
   * so that the answers come back through the tunnel too. A socket that is bound to another
   * address, or a packet to a Service, whose source was chosen before kube-proxy put the pod's
   * address in, has to be helped.
   */
  private static RuleText fromNode(String device) {
    return new RuleText(
        "-o "
            + device
            + " -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL "
            + MASQUERADE);
  }

  private static Table nat(List<Chain> chains, List<RuleText> postrouting) {
    if (postrouting.isEmpty()) {
      return Table.empty(TableName.NAT.toString());
    }
    List<Chain> all = new ArrayList<>(chains);
    all.add(new Chain(POSTROUTING, postrouting));
    return new Table(
        TableName.NAT.toString(),
        all,
        List.of(new Hook("POSTROUTING", List.of(new RuleText("-j " + POSTROUTING)), List.of())));
  }
}
