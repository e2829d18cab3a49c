package dev.manul.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** The rules of IPPool. */
final class PoolRules {
  private static final Prefix LINK_LOCAL_4 = Prefix.parse("169.254.0.0/16");
  private static final Prefix LINK_LOCAL_6 = Prefix.parse("fe80::/10");
  private static final List<String> USES =
      List.of(IPPool.USE_WORKLOAD, IPPool.USE_TUNNEL, IPPool.USE_LOAD_BALANCER);
  private static final List<String> ASSIGNMENT_MODES =
      List.of(IPPool.ASSIGN_AUTOMATIC, IPPool.ASSIGN_MANUAL);

  private static final List<String> SUBNET_SOURCES = List.of(NodeSubnet.POOL, NodeSubnet.POD_CIDR);

  private PoolRules() {}

  static void check(IPPool.Spec spec, FieldChecks checks) {
    if (checks.present("spec.cidr", spec.cidr())) {
      range(spec, checks);
    }
    encapsulation(spec, checks);
    checks.selector("spec.nodeSelector", spec.nodeSelector());
    checks.selector("spec.namespaceSelector", spec.namespaceSelector());
    checks.oneOf("spec.assignmentMode", spec.assignmentMode(), ASSIGNMENT_MODES);
    uses(spec, checks);
    spec.nodeSubnet().ifPresent(subnet -> nodeSubnet(spec, subnet, checks));
    if (mentionsGlobal(spec.namespaceSelector())) {
      checks.refuse("spec.namespaceSelector", "global() is not allowed: pods have a namespace");
    }
    if (!spec.namespaceSelector().isEmpty() && spec.allowedUses().contains(IPPool.USE_TUNNEL)) {
      checks.refuse(
          "spec.namespaceSelector",
          "cannot be combined with the use Tunnel; set spec.allowedUses to [Workload]");
    }
  }

  private static void range(IPPool.Spec spec, FieldChecks checks) {
    Prefix cidr = spec.cidr();
    Prefix linkLocal = cidr.family() == AddressFamily.IPV4 ? LINK_LOCAL_4 : LINK_LOCAL_6;
    if (cidr.overlaps(linkLocal)) {
      checks.refuse("spec.cidr", "got " + cidr + ", which overlaps the link-local " + linkLocal);
    }
    boolean ipv4 = cidr.family() == AddressFamily.IPV4;
    int least = ipv4 ? 20 : 116;
    int most = ipv4 ? 32 : 128;
    int size = spec.blockSize();
    if (size < least || size > most) {
      checks.range("spec.blockSize", size, least, most);
    } else if (size < cidr.length() && !spec.disabled()) {
      checks.refuse(
          "spec.blockSize",
          "got "
              + size
              + ", allowed are "
              + Math.max(least, cidr.length())
              + " to "
              + most
              + " for the pool "
              + cidr);
    }
  }

  private static void nodeSubnet(IPPool.Spec spec, NodeSubnet subnet, FieldChecks checks) {
    checks.oneOf("spec.nodeSubnet.source", subnet.source(), SUBNET_SOURCES);
    if (isForLoadBalancers(spec)) {
      checks.refuse("spec.nodeSubnet", "is not allowed with the use LoadBalancer");
    }
    bound("spec.nodeSubnet.min", spec, subnet, subnet.min(), checks);
    bound("spec.nodeSubnet.max", spec, subnet, subnet.max(), checks);
    if (subnet.min().isPresent()
        && subnet.max().isPresent()
        && subnet.min().get().compareTo(subnet.max().get()) > 0) {
      checks.refuse(
          "spec.nodeSubnet.min",
          "got " + subnet.min().get() + ", allowed is at most the max " + subnet.max().get());
    }
  }

  private static void bound(
      String field,
      IPPool.Spec spec,
      NodeSubnet subnet,
      Optional<Address> bound,
      FieldChecks checks) {
    if (bound.isEmpty() || spec.cidr() == null) {
      return;
    }
    Address address = bound.get();
    if (subnet.isOfKubernetes()) {
      checks.refuse(field, "is not allowed with the source PodCIDR, where Kubernetes chooses");
    } else if (!spec.cidr().contains(address)) {
      checks.refuse(field, "got " + address + ", allowed are addresses of " + spec.cidr());
    } else if (spec.blockSize() >= 0
        && spec.blockSize() <= address.family().bits()
        && !Prefix.of(address, spec.blockSize()).address().equals(address)) {
      checks.refuse(
          field,
          "got "
              + address
              + ", allowed is the first address of a subnet, such as "
              + Prefix.of(address, spec.blockSize()).address());
    }
  }

  private static void encapsulation(IPPool.Spec spec, FieldChecks checks) {
    boolean ipip = spec.ipipMode() != EncapsulationMode.NEVER;
    boolean vxlan = spec.vxlanMode() != EncapsulationMode.NEVER;
    if (ipip && vxlan) {
      checks.refuse(
          "spec.ipipMode",
          "got "
              + spec.ipipMode()
              + " with vxlanMode "
              + spec.vxlanMode()
              + ", but only one of them may be other than Never");
    }
    if (spec.udpMode().isPresent() && (ipip || vxlan)) {
      checks.refuse(
          "spec.udpMode",
          "got "
              + spec.udp()
              + " with ipipMode "
              + spec.ipipMode()
              + " and vxlanMode "
              + spec.vxlanMode()
              + ", but only one of them may be other than Never");
    }
    if (ipip && spec.cidr() != null && spec.cidr().family() == AddressFamily.IPV6) {
      checks.refuse(
          "spec.ipipMode", "got " + spec.ipipMode() + ", allowed is Never in an IPv6 pool");
    }
  }

  private static void uses(IPPool.Spec spec, FieldChecks checks) {
    for (String use : spec.allowedUses()) {
      checks.oneOf("spec.allowedUses", use, USES);
    }
    if (new HashSet<>(spec.allowedUses()).size() != spec.allowedUses().size()) {
      checks.refuse("spec.allowedUses", "got " + spec.allowedUses() + ", a use may be named once");
    }
    if (!isForLoadBalancers(spec)) {
      return;
    }
    if (spec.allowedUses().size() > 1) {
      checks.refuse(
          "spec.allowedUses", "got " + spec.allowedUses() + ", LoadBalancer must stand alone");
    }
    if (!spec.nodeSelector().replace(" ", "").equals("all()")) {
      checks.refuse(
          "spec.nodeSelector",
          "got \"" + spec.nodeSelector() + "\", allowed is all() for the use LoadBalancer");
    }
    if (spec.ipipMode() != EncapsulationMode.NEVER
        || spec.vxlanMode() != EncapsulationMode.NEVER
        || spec.udpMode().isPresent()) {
      checks.refuse(
          "spec.ipipMode", "encapsulation must be Never in a pool for the use LoadBalancer");
    }
    if (spec.disableBGPExport()) {
      checks.refuse("spec.disableBGPExport", "got true, allowed is false for the use LoadBalancer");
    }
  }

  private static boolean isForLoadBalancers(IPPool.Spec spec) {
    return spec.allowedUses().contains(IPPool.USE_LOAD_BALANCER);
  }

  private static boolean mentionsGlobal(String selector) {
    try {
      return RuleValues.mentionsGlobal(Selector.parse(selector));
    } catch (IllegalArgumentException e) {
      return false; // reported as such
    }
  }

  static void checkChange(IPPool.Spec stored, IPPool.Spec changed, FieldChecks checks) {
    unchanged("spec.cidr", stored.cidr(), changed.cidr(), checks);
    unchanged("spec.blockSize", stored.blockSize(), changed.blockSize(), checks);
    if (isForLoadBalancers(stored) != isForLoadBalancers(changed)) {
      checks.refuse(
          "spec.allowedUses",
          "got "
              + changed.allowedUses()
              + ", stored is "
              + stored.allowedUses()
              + "; a pool cannot be changed to or from LoadBalancer");
    }
  }

  private static void unchanged(String field, Object stored, Object changed, FieldChecks checks) {
    if (stored != null && !stored.equals(changed)) {
      checks.refuse(
          field, "got " + changed + ", allowed is the stored " + stored + "; it cannot be changed");
    }
  }

  /**
   * A pool beside other pools, which it must not overlap, and beside blocks: a new one must fit
   * those that an earlier pool of its range has left behind, since pods may have their addresses.
   */
  static void checkAgainst(IPPool pool, Iterable<? extends Resource> others, FieldChecks checks) {
    if (pool.spec().cidr() == null) {
      return;
    }
    boolean isNew = true;
    List<Prefix> unfit = new ArrayList<>();
    for (Resource other : others) {
      if (other instanceof IPPool beside) {
        isNew &= !beside.key().equals(pool.key());
        checkOverlap(pool, beside, checks);
      } else if (other instanceof IPAMBlock block && !fits(pool.spec(), block.spec())) {
        unfit.add(block.spec().cidr());
      }
    }
    if (isNew && !unfit.isEmpty()) {
      Prefix block = unfit.getFirst();
      checks.refuse(
          "spec.blockSize",
          "got "
              + pool.spec().blockSize()
              + ", allowed is "
              + block.length()
              + ", the size of block "
              + block
              + ", which still has addresses in use");
    }
  }

  private static boolean fits(IPPool.Spec pool, IPAMBlock.Spec block) {
    return block.cidr() == null
        || block.deleted()
        || !pool.cidr().contains(block.cidr())
        || block.cidr().length() == pool.blockSize();
  }

  /** While a pool is being split it is beside its parts for a moment. */
  private static boolean isPart(IPPool part, IPPool whole) {
    return whole.metadata().annotations().containsKey(IPPool.BEING_SPLIT)
        && whole.spec().disabled()
        && whole.spec().cidr().contains(part.spec().cidr())
        && whole.spec().blockSize() == part.spec().blockSize();
  }

  private static void checkOverlap(IPPool pool, IPPool beside, FieldChecks checks) {
    if (!beside.key().equals(pool.key())
        && beside.spec().cidr() != null
        && beside.spec().cidr().overlaps(pool.spec().cidr())
        && !isPart(pool, beside)
        && !isPart(beside, pool)) {
      checks.refuse(
          "spec.cidr",
          "got "
              + pool.spec().cidr()
              + ", which overlaps "
              + beside.spec().cidr()
              + " of the IPPool "
              + beside.metadata().name());
    }
  }
}
