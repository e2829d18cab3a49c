package dev.manul.agent;

import dev.manul.model.InterfaceAddress;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.netlink.LinkAddress;
import dev.manul.routes.Underlay;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** This host's interfaces out of what the route programmer sees of the kernel. */
final class HostInterfaces {

  private HostInterfaces() {}

  /**
   * All interfaces but pods', in no particular order. Pods' have no address that others could reach
   * this node by, and come and go all the time.
   */
  static List<HostInterface> of(Underlay underlay) {
    Map<Integer, List<InterfaceAddress>> addresses =
        underlay.addresses().stream()
            .collect(
                Collectors.groupingBy(
                    LinkAddress::linkIndex,
                    Collectors.mapping(LinkAddress::address, Collectors.toList())));
    return underlay.links().stream()
        .filter(link -> !link.name().startsWith(WorkloadEndpoint.DEVICE_PREFIX))
        .map(
            link ->
                new HostInterface(
                    link.index(),
                    link.name(),
                    link.kind(),
                    link.up(),
                    addresses.getOrDefault(link.index(), List.of())))
        .toList();
  }
}
