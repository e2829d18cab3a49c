package dev.manul.cni;

import dev.manul.cni.CniException.Code;
import dev.manul.ipam.AllocationInfo;
import dev.manul.ipam.AssignAddressRequest;
import dev.manul.ipam.AssignmentResult;
import dev.manul.ipam.AutoAssignRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.IpamException;
import dev.manul.ipam.ReleaseRequest;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Takes pods' addresses from the IPAM: all that a pod is to have, or none. */
final class Addresses {

  /** Two of each block can be wrong, and others may be as unlucky meanwhile. */
  private static final int BRIDGE_ATTEMPTS = 8;

  private final String node;
  private final Ipam ipam;
  private final Clock clock;

  Addresses(String node, Ipam ipam, Clock clock) {
    this.node = node;
    this.ipam = ipam;
    this.clock = clock;
  }

  /**
   * Takes addresses.
   *
   * @param before what the same container had, which it has again if it still holds it
   * @param expected is told once, or not at all, what will be taken, while that is being written
   */
  List<Address> take(
      Attachment attachment,
      AddressWishes wishes,
      Map<String, String> namespaceLabels,
      List<Address> before,
      Consumer<List<Address>> expected) {
    if (!wishes.withoutIpam().isEmpty()) {
      return wishes.withoutIpam();
    }
    if (!before.isEmpty() && stillHeld(attachment.handle(), before)) {
      return before;
    }
    try {
      return wishes.fixed().isEmpty()
          ? any(attachment, wishes, namespaceLabels, expected)
          : fixed(attachment, wishes.fixed());
    } catch (IpamException e) {
      throw told(attachment, e);
    }
  }

  /**
   * What a pod on a bridge has.
   *
   * @param gateways the bridge's address in the subnet of each
   */
  record OnBridge(List<Address> addresses, List<InterfaceAddress> gateways) {}

  /**
   * As {@link #take}, for a pod on a bridge: addresses of this node's own blocks alone, and none
   * that stands for all of its subnet.
   */
  OnBridge takeOnBridge(
      Attachment attachment,
      AddressWishes wishes,
      Map<String, String> namespaceLabels,
      List<Address> before) {
    if (!wishes.withoutIpam().isEmpty()) {
      throw new CniException(
          Code.INVALID_CONFIGURATION,
          "addresses without IPAM cannot be had on a bridge: they are in no subnet of it");
    }
    List<Address> taken = take(attachment, wishes, namespaceLabels, before, _ -> {});
    for (int attempt = 0; attempt < BRIDGE_ATTEMPTS; attempt++) {
      List<InterfaceAddress> gateways = gateways(taken); // the bridge has what no pod may have
      List<Address> ends =
          taken.stream()
              .filter(a -> gateways.stream().anyMatch(g -> Ipam.isEndOf(g.subnet(), a)))
              .toList();
      if (ends.isEmpty()) {
        return new OnBridge(taken, gateways);
      }
      if (!wishes.fixed().isEmpty()) {
        throw new CniException(
            Code.ADDRESS_NOT_FREE, ends.getFirst() + " stands for all of its subnet on a bridge");
      }
      List<Address> others = any(attachment, wishes, namespaceLabels, _ -> {});
      release(attachment, taken);
      taken = others;
    }
    throw new CniException(
        Code.TRY_AGAIN_LATER, "no address on the bridge for " + attachment.workload());
  }

  private List<InterfaceAddress> gateways(List<Address> addresses) {
    try {
      return addresses.stream().map(address -> ipam.ensureBridgeAddress(address, node)).toList();
    } catch (IpamException e) {
      throw new CniException(
          Code.ADDRESS_NOT_FREE, "no address for the bridge of this node", e.getMessage());
    }
  }

  private void release(Attachment attachment, List<Address> addresses) {
    ipam.release(
        addresses.stream()
            .map(
                address ->
                    new ReleaseRequest(
                        address, Optional.of(attachment.handle()), OptionalLong.empty()))
            .toList());
  }

  private boolean stillHeld(String handle, List<Address> addresses) {
    for (Address address : addresses) {
      Optional<AllocationInfo> info = ipam.lookup(address);
      if (info.isEmpty()
          || info.get().coolingSince().isPresent()
          || !info.get().handleId().equals(Optional.of(handle))) {
        return false;
      }
    }
    return true;
  }

  private List<Address> any(
      Attachment attachment,
      AddressWishes wishes,
      Map<String, String> namespaceLabels,
      Consumer<List<Address>> expected) {
    Set<AddressFamily> families = wishes.families();
    AssignmentResult result =
        ipam.autoAssign(
            AutoAssignRequest.of(node, IntendedUse.WORKLOAD)
                .withCounts(
                    families.contains(AddressFamily.IPV4) ? 1 : 0,
                    families.contains(AddressFamily.IPV6) ? 1 : 0)
                .withHandle(attachment.handle())
                .withAttributes(attributes(attachment))
                .withPools(wishes.pools())
                .withNamespaceLabels(namespaceLabels),
            expected);
    Set<AddressFamily> missing = EnumSet.copyOf(families);
    result.addresses().forEach(address -> missing.remove(address.family()));
    if (!missing.isEmpty()) {
      throw new CniException(
          Code.NO_ADDRESS,
          "no " + names(missing) + " address for " + attachment.workload(),
          String.join("; ", result.problems()));
    }
    return result.addresses();
  }

  private static String names(Set<AddressFamily> families) {
    List<String> names = new ArrayList<>();
    families.forEach(family -> names.add(family == AddressFamily.IPV4 ? "IPv4" : "IPv6"));
    return String.join(" and no ", names);
  }

  private List<Address> fixed(Attachment attachment, List<Address> wanted) {
    for (Address address : wanted) {
      ipam.assignAddress(
          new AssignAddressRequest(
              address,
              node,
              IntendedUse.WORKLOAD,
              Optional.of(attachment.handle()),
              attributes(attachment)));
    }
    return wanted.stream().sorted().toList();
  }

  private Map<String, String> attributes(Attachment attachment) {
    Map<String, String> attributes = new HashMap<>();
    attributes.put("node", node);
    attributes.put("timestamp", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    if (attachment.workload().isPod()) {
      attributes.put("namespace", attachment.workload().namespace());
      attributes.put("pod", attachment.workload().pod());
    }
    return attributes;
  }

  private static CniException told(Attachment attachment, IpamException e) {
    Code code =
        switch (e.reason()) {
          case NO_POOL, BAD_POOL -> Code.NO_POOL;
          case EXHAUSTED -> Code.NO_ADDRESS;
          case IN_USE, NOT_OWN_BLOCK -> Code.ADDRESS_NOT_FREE;
          case CONTENDED, LOCKED -> Code.TRY_AGAIN_LATER;
        };
    return new CniException(code, "no address for " + attachment.workload(), e.getMessage());
  }

  /**
   * Gives back what an attachment has.
   *
   * @param shared whether another link of the container has addresses of the same handle
   */
  void release(Attachment attachment, boolean shared) {
    if (!shared) {
      ipam.releaseByHandle(attachment.handle(), node);
    } else if (!attachment.addresses().isEmpty()) {
      release(attachment, attachment.addresses());
    }
  }
}
