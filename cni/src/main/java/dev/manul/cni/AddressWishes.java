package dev.manul.cni;

import dev.manul.cni.CniException.Code;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Which addresses a pod is to have, by its annotations, its namespace's and the network's
 * configuration, in this order.
 *
 * @param families of which an address each is taken from pools; empty when addresses are named
 * @param pools names or prefixes of pools, empty for all
 * @param fixed addresses to be taken, of pools
 * @param withoutIpam addresses that no pool is asked for
 * @param mac the hardware address of the pod's end
 * @param spoofable source addresses that the pod may use besides its own
 */
record AddressWishes(
    Set<AddressFamily> families,
    List<String> pools,
    List<Address> fixed,
    List<Address> withoutIpam,
    Optional<String> mac,
    List<Prefix> spoofable) {

  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

  AddressWishes {
    families = Set.copyOf(families);
    pools = List.copyOf(pools);
    fixed = List.copyOf(fixed);
    withoutIpam = List.copyOf(withoutIpam);
    spoofable = List.copyOf(spoofable);
  }

  /**
   * @param pod the pod's annotations
   * @param namespace its namespace's
   * @throws CniException when an annotation cannot be met
   */
  static AddressWishes of(
      NetworkConfiguration network, Map<String, String> pod, Map<String, String> namespace) {
    Annotations ofPod = new Annotations("pod", pod);
    Annotations ofBoth = new Annotations("pod or namespace", merged(namespace, pod));
    List<Address> fixed = ofPod.read("ipAddrs", Address::parse).orElse(List.of());
    List<Address> free = ofPod.read("ipAddrsNoIpam", Address::parse).orElse(List.of());
    if (ofPod.read("floatingIPs", Address::parse).filter(list -> !list.isEmpty()).isPresent()) {
      throw wrong("floatingIPs", "is not supported");
    }
    if (!free.isEmpty() && !network.addressesWithoutIpam()) {
      throw wrong(
          "ipAddrsNoIpam", "needs feature_control.ip_addrs_no_ipam in the network configuration");
    }
    if (!free.isEmpty() && !fixed.isEmpty()) {
      throw wrong("ipAddrsNoIpam", "and ipAddrs cannot be used together");
    }
    oneOfEach("ipAddrs", fixed);
    oneOfEach("ipAddrsNoIpam", free);
    Set<AddressFamily> families =
        fixed.isEmpty() && free.isEmpty() ? families(network, ofBoth) : Set.of();
    return new AddressWishes(
        families,
        pools(network, ofBoth),
        fixed,
        free,
        ofPod.text("hwAddr").map(AddressWishes::mac),
        AllowedSources.of(pod));
  }

  /** A pod's annotation stands for its namespace's, unless it says nothing. */
  private static Map<String, String> merged(
      Map<String, String> namespace, Map<String, String> pod) {
    Map<String, String> all = new HashMap<>(namespace);
    pod.forEach(
        (key, value) -> {
          if (!value.isBlank()) {
            all.put(key, value);
          }
        });
    return all;
  }

  private static Set<AddressFamily> families(
      NetworkConfiguration network, Annotations annotations) {
    EnumSet<AddressFamily> families = EnumSet.noneOf(AddressFamily.class);
    Optional<List<AddressFamily>> named =
        annotations.read("ipFamilies", AddressWishes::family).filter(list -> !list.isEmpty());
    if (named.isPresent()) {
      families.addAll(named.get());
      return families;
    }
    if (network.assignIpv4()) {
      families.add(AddressFamily.IPV4);
    }
    if (network.assignIpv6()) {
      families.add(AddressFamily.IPV6);
    }
    if (families.isEmpty()) {
      throw new CniException(
          Code.INVALID_CONFIGURATION, "ipam.assign_ipv4 and ipam.assign_ipv6 are both false");
    }
    return families;
  }

  private static AddressFamily family(String text) {
    return switch (text) {
      case "IPv4" -> AddressFamily.IPV4;
      case "IPv6" -> AddressFamily.IPV6;
      default ->
          throw new IllegalArgumentException("\"" + text + "\" is no family; IPv4 and IPv6 are");
    };
  }

  private static List<String> pools(NetworkConfiguration network, Annotations annotations) {
    List<String> pools = new ArrayList<>();
    pools.addAll(annotations.read("ipv4pools", Function.identity()).orElseGet(network::ipv4Pools));
    pools.addAll(annotations.read("ipv6pools", Function.identity()).orElseGet(network::ipv6Pools));
    return pools;
  }

  private static void oneOfEach(String annotation, List<Address> addresses) {
    for (AddressFamily family : AddressFamily.values()) {
      if (addresses.stream().filter(a -> a.family() == family).count() > 1) {
        throw wrong(annotation, "names more than one address of a family: " + addresses);
      }
    }
  }

  private static String mac(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    boolean unicast = MAC.matcher(lower).matches() && Integer.parseInt(lower, 1, 2, 16) % 2 == 0;
    if (!unicast) {
      throw wrong("hwAddr", "is \"" + text + "\"; one looks like 02:42:0a:01:05:0a");
    }
    return lower;
  }

  private static CniException wrong(String annotation, String problem) {
    return new CniException(
        Code.INVALID_ANNOTATION, "annotation " + Annotations.PREFIX + annotation + " " + problem);
  }

  /** Whether a link is to carry IPv6, as far as is known before addresses are taken. */
  boolean ipv6() {
    return families.contains(AddressFamily.IPV6)
        || fixed.stream().anyMatch(a -> a.family() == AddressFamily.IPV6)
        || withoutIpam.stream().anyMatch(a -> a.family() == AddressFamily.IPV6);
  }
}
