package dev.manul.datastore.kubernetes;

import dev.manul.model.Address;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Calico keeps of a node in the annotations {@code projectcalico.org/…} of Kubernetes' Node,
 * since that has no fields for it. Annotations that cannot be read are told in the log once and
 * taken for absent.
 */
final class NodeAnnotations {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAnnotations.class);

  static final String PREFIX = "projectcalico.org/";
  static final String LABELS = PREFIX + "labels";
  static final String ANNOTATIONS = PREFIX + "annotations";

  private static final String IPV4_ADDRESS = PREFIX + "IPv4Address";
  private static final String IPV6_ADDRESS = PREFIX + "IPv6Address";
  private static final String AS_NUMBER = PREFIX + "ASNumber";
  private static final String CLUSTER_ID = PREFIX + "RouteReflectorClusterID";
  private static final String IPIP_ADDRESS = PREFIX + "IPv4IPIPTunnelAddr";
  private static final String VXLAN_ADDRESS = PREFIX + "IPv4VXLANTunnelAddr";
  private static final String VXLAN_ADDRESS_6 = PREFIX + "IPv6VXLANTunnelAddr";
  private static final String VXLAN_MAC = PREFIX + "VXLANTunnelMACAddr";
  private static final String VXLAN_MAC_6 = PREFIX + "VXLANTunnelMACAddrV6";
  private static final String UDP_ADDRESS = PREFIX + "IPv4UDPTunnelAddr";
  private static final String UDP_ADDRESS_6 = PREFIX + "IPv6UDPTunnelAddr";
  private static final String WIREGUARD_ADDRESS = PREFIX + "IPv4WireguardInterfaceAddr";
  private static final String WIREGUARD_ADDRESS_6 = PREFIX + "IPv6WireguardInterfaceAddr";
  private static final String WIREGUARD_KEY = PREFIX + "WireguardPublicKey";
  private static final String WIREGUARD_KEY_6 = PREFIX + "WireguardPublicKeyV6";
  private static final String INTERFACES = PREFIX + "Interfaces";

  /** Complaints in the log; bounded, since every version of a node is read. */
  private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

  private static final int MOST_TOLD = 1000;

  private final String node;
  private final Map<String, String> annotations;

  NodeAnnotations(String node, Map<String, String> annotations) {
    this.node = node;
    this.annotations = annotations;
  }

  Optional<Node.Bgp> bgp() {
    Optional<Long> asNumber = parsed(AS_NUMBER, NodeAnnotations::asNumber);
    Optional<InterfaceAddress> ipv4 = parsed(IPV4_ADDRESS, InterfaceAddress::parse);
    Optional<InterfaceAddress> ipv6 = parsed(IPV6_ADDRESS, InterfaceAddress::parse);
    Optional<Address> tunnel = parsed(IPIP_ADDRESS, Address::parse);
    Node.Bgp bgp = new Node.Bgp(asNumber, ipv4, ipv6, tunnel, text(CLUSTER_ID));
    return bgp.equals(Node.Bgp.EMPTY) ? Optional.empty() : Optional.of(bgp);
  }

  Optional<Address> ipv4VxlanAddress() {
    return parsed(VXLAN_ADDRESS, Address::parse);
  }

  Optional<Address> ipv6VxlanAddress() {
    return parsed(VXLAN_ADDRESS_6, Address::parse);
  }

  Optional<Address> ipv4UdpAddress() {
    return parsed(UDP_ADDRESS, Address::parse);
  }

  Optional<Address> ipv6UdpAddress() {
    return parsed(UDP_ADDRESS_6, Address::parse);
  }

  String vxlanMac() {
    return text(VXLAN_MAC);
  }

  String vxlanMacV6() {
    return text(VXLAN_MAC_6);
  }

  Optional<Node.Wireguard> wireguard() {
    Node.Wireguard wireguard =
        new Node.Wireguard(
            parsed(WIREGUARD_ADDRESS, Address::parse), parsed(WIREGUARD_ADDRESS_6, Address::parse));
    return wireguard.interfaceIPv4Address().isEmpty() && wireguard.interfaceIPv6Address().isEmpty()
        ? Optional.empty()
        : Optional.of(wireguard);
  }

  String wireguardKey() {
    return text(WIREGUARD_KEY);
  }

  String wireguardKeyV6() {
    return text(WIREGUARD_KEY_6);
  }

  List<Node.NodeInterface> interfaces() {
    return parsed(INTERFACES, NodeAnnotations::interfaces).orElse(List.of());
  }

  /** Labels that Calico keeps and Kubernetes does not know. */
  Map<String, String> labels() {
    return parsed(LABELS, NodeAnnotations::texts).orElse(Map.of());
  }

  /** Annotations that Calico keeps and Kubernetes does not know. */
  Map<String, String> annotations() {
    return parsed(ANNOTATIONS, NodeAnnotations::texts).orElse(Map.of());
  }

  private String text(String name) {
    return annotations.getOrDefault(name, "");
  }

  private <T> Optional<T> parsed(String name, Function<String, T> parser) {
    String text = text(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(text));
    } catch (IllegalArgumentException e) {
      String complaint = node + name + text;
      if (TOLD.size() < MOST_TOLD && TOLD.add(complaint)) {
        LOG.atWarn()
            .log(
                "node-annotation-ignored node={} annotation={} reason=\"{}\"",
                node,
                name,
                e.getMessage());
      }
      return Optional.empty();
    }
  }

  private static long asNumber(String text) {
    String[] halves = text.split("\\.", -1);
    try {
      long high = halves.length == 2 ? Long.parseLong(halves[0]) : 0;
      long low = Long.parseLong(halves[halves.length - 1]);
      long number = high << 16 | low;
      if (halves.length <= 2 && high <= 0xffff && number > 0 && number <= 0xffffffffL) {
        return number;
      }
    } catch (NumberFormatException e) {
      // refused below
    }
    throw new IllegalArgumentException("got \"" + text + "\", wanted an AS number such as 64512");
  }

  private static Map<String, String> texts(String json) {
    TreeMap<String, String> made = new TreeMap<>();
    wrapped(json)
        .forEach(
            (name, value) -> {
              if (value instanceof String text) {
                made.put(name, text);
              }
            });
    return made;
  }

  private static Map<String, Object> wrapped(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try {
      return ApiJson.read(bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new IllegalArgumentException("is no JSON: " + json, e);
    }
  }

  private static List<Node.NodeInterface> interfaces(String json) {
    return Fields.maps(wrapped("{\"list\":" + json + "}"), "list").stream()
        .map(
            each ->
                new Node.NodeInterface(Fields.text(each, "name"), Fields.texts(each, "addresses")))
        .toList();
  }

  /** The annotations that say what a node says of itself, without its labels and annotations. */
  static Map<String, String> of(Node node) {
    Map<String, String> made = new TreeMap<>();
    Node.Bgp bgp = node.spec().bgp().orElse(Node.Bgp.EMPTY);
    put(made, IPV4_ADDRESS, bgp.ipv4Address());
    put(made, IPV6_ADDRESS, bgp.ipv6Address());
    put(made, AS_NUMBER, bgp.asNumber());
    put(made, CLUSTER_ID, bgp.routeReflectorClusterID());
    put(made, IPIP_ADDRESS, bgp.ipv4IPIPTunnelAddr().map(Address::text));
    put(made, VXLAN_ADDRESS, node.spec().ipv4VXLANTunnelAddr().map(Address::text));
    put(made, VXLAN_ADDRESS_6, node.spec().ipv6VXLANTunnelAddr().map(Address::text));
    put(made, VXLAN_MAC, node.spec().vxlanTunnelMACAddr());
    put(made, VXLAN_MAC_6, node.spec().vxlanTunnelMACAddrV6());
    put(made, UDP_ADDRESS, node.spec().ipv4UDPTunnelAddr().map(Address::text));
    put(made, UDP_ADDRESS_6, node.spec().ipv6UDPTunnelAddr().map(Address::text));
    Optional<Node.Wireguard> wireguard = node.spec().wireguard();
    put(
        made,
        WIREGUARD_ADDRESS,
        wireguard.flatMap(Node.Wireguard::interfaceIPv4Address).map(Address::text));
    put(
        made,
        WIREGUARD_ADDRESS_6,
        wireguard.flatMap(Node.Wireguard::interfaceIPv6Address).map(Address::text));
    put(made, WIREGUARD_KEY, node.status().wireguardPublicKey());
    put(made, WIREGUARD_KEY_6, node.status().wireguardPublicKeyV6());
    if (!node.spec().interfaces().isEmpty()) {
      made.put(INTERFACES, json(node.spec().interfaces()));
    }
    return made;
  }

  private static String json(List<Node.NodeInterface> interfaces) {
    List<Object> trees = new ArrayList<>();
    for (Node.NodeInterface each : interfaces) {
      Map<String, Object> tree = new TreeMap<>();
      tree.put("name", each.name());
      tree.put("addresses", each.addresses());
      trees.add(tree);
    }
    String wrapped = ApiJson.write(Map.of("list", trees));
    return wrapped.substring("{\"list\":".length(), wrapped.length() - 1);
  }

  private static void put(Map<String, String> into, String name, Optional<?> value) {
    value.ifPresent(present -> into.put(name, present.toString()));
  }

  private static void put(Map<String, String> into, String name, String value) {
    if (!value.isEmpty()) {
      into.put(name, value);
    }
  }
}
