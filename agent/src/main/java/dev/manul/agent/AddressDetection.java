package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Finds a node's own address among its interfaces (Calico's autodetection methods). Pure; the route
 * look-up of {@code can-reach} is handed in.
 */
final class AddressDetection {

  /** Interfaces of container networks, tunnels and bridges, which never carry a node's address. */
  private static final Pattern EXCLUDED =
      Pattern.compile(
          "docker.*|cbr.*|dummy.*|podman.*|virbr.*|lxcbr.*|veth.*|lo|br-.*|cali.*|tunl.*|flannel.*"
              + "|kube-ipvs.*|cni.*|vxlan\\.calico.*|vxlan-v6\\.calico.*|vxlan\\.manul.*"
              + "|wireguard\\.cali.*|wg-v6\\.cali.*|nodelocaldns.*|manul-udp.*");

  private AddressDetection() {}

  /**
   * The node's address, with its subnet's length, or empty when the method finds none.
   *
   * @param sourceTowards the local address the kernel would use towards a host, for {@code
   *     can-reach}
   * @param internalAddresses the node's InternalIPs, for {@code kubernetes-internal-ip}
   */
  static Optional<InterfaceAddress> detect(
      DetectionMethod method,
      AddressFamily family,
      List<HostInterface> interfaces,
      Function<String, Optional<Address>> sourceTowards,
      List<Address> internalAddresses) {
    return switch (method) {
      case DetectionMethod.FirstFound() -> firstFound(family, interfaces, name -> false);
      case DetectionMethod.SkipInterface(List<Pattern> names) ->
          firstFound(
              family,
              interfaces,
              name -> names.stream().anyMatch(pattern -> pattern.matcher(name).find()));
      case DetectionMethod.Interface(List<Pattern> names) ->
          names.stream()
              .flatMap(
                  pattern ->
                      candidates(
                          family,
                          interfaces,
                          link -> pattern.matcher(link.name()).find(),
                          any -> true)
                          .stream())
              .findFirst();
      case DetectionMethod.Cidr(var prefixes) ->
          candidates(
                  family,
                  interfaces,
                  link -> true,
                  address -> prefixes.stream().anyMatch(p -> p.contains(address.address())))
              .stream()
              .findFirst();
      case DetectionMethod.CanReach(String destination) ->
          sourceTowards
              .apply(destination)
              .filter(address -> address.family() == family)
              .map(address -> withSubnet(address, interfaces));
      case DetectionMethod.KubernetesInternalIp() ->
          internalAddresses.stream()
              .filter(address -> address.family() == family)
              .findFirst()
              .map(address -> withSubnet(address, interfaces));
    };
  }

  /**
   * {@code address} with the prefix length of the interface that has it; full length if none has.
   */
  static InterfaceAddress withSubnet(Address address, List<HostInterface> interfaces) {
    return interfaces.stream()
        .flatMap(link -> link.addresses().stream())
        .filter(candidate -> candidate.address().equals(address))
        .findFirst()
        .orElseGet(() -> new InterfaceAddress(address, address.family().bits()));
  }

  private static Optional<InterfaceAddress> firstFound(
      AddressFamily family, List<HostInterface> interfaces, Predicate<String> skipped) {
    // Calico walks from the highest index down. Bridges are left out by kind as well as by name: a
    // bridge named by its owner is the usual way to a wrong node address.
    return candidates(
            family,
            interfaces,
            link ->
                !EXCLUDED.matcher(link.name()).matches()
                    && !link.kind().equals("bridge")
                    && !skipped.test(link.name()),
            any -> true)
        .stream()
        .findFirst();
  }

  private static List<InterfaceAddress> candidates(
      AddressFamily family,
      List<HostInterface> interfaces,
      Predicate<HostInterface> wantedLink,
      Predicate<InterfaceAddress> wantedAddress) {
    return interfaces.stream()
        .filter(HostInterface::up)
        .filter(wantedLink)
        .sorted(Comparator.comparingInt(HostInterface::index).reversed())
        .flatMap(link -> link.addresses().stream())
        .filter(a -> a.address().family() == family && a.address().isGlobalUnicast())
        .filter(wantedAddress)
        .toList();
  }
}
