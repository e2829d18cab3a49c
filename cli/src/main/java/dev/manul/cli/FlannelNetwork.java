package dev.manul.cli;

import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What flannel's {@code net-conf.json} says, as resources that mean the same. Defaults and limits
 * are flannel's (pkg/subnet/config.go and Documentation/configuration.md, backends.md). Pure.
 */
final class FlannelNetwork {

  private static final Set<String> FIELDS =
      Set.of(
          "Network",
          "IPv6Network",
          "EnableIPv4",
          "EnableIPv6",
          "EnableNFTables",
          "SubnetLen",
          "SubnetMin",
          "SubnetMax",
          "IPv6SubnetLen",
          "IPv6SubnetMin",
          "IPv6SubnetMax",
          "Backend");
  private static final Set<String> BACKENDS =
      new TreeSet<>(Set.of("vxlan", "host-gw", "udp", "ipip"));
  private static final Set<String> BACKEND_FIELDS =
      Set.of("Type", "VNI", "Port", "GBP", "Learning", "DirectRouting", "MTU");

  /**
   * VXLAN's outer headers: flannel's MTU is that of the link below, Calico's that of the device.
   */
  private static final int VXLAN_OVERHEAD = 50;

  private static final int IPIP_OVERHEAD = 20;
  private static final int FLANNELS_VNI = 1;
  private static final int FLANNELS_VXLAN_PORT = 8472;
  private static final int FLANNELS_UDP_PORT = 8285;
  private static final int MOST_PORT = 65_535;
  private static final int MOST_VNI = (1 << 24) - 1;

  private final String file;
  private final Map<?, ?> tree;
  private final Map<?, ?> backend;
  private final boolean kubeSubnets;
  private final boolean masquerade;
  private final List<String> complaints = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private FlannelNetwork(String file, Map<?, ?> tree, boolean kubeSubnets, boolean masquerade) {
    this.file = file;
    this.tree = tree;
    this.kubeSubnets = kubeSubnets;
    this.masquerade = masquerade;
    Object found = tree.get("Backend");
    if (found != null && !(found instanceof Map<?, ?>)) {
      complaints.add("Backend: got " + found + ", allowed is an object with a Type");
    }
    this.backend = found instanceof Map<?, ?> map ? map : Map.of();
  }

  /**
   * Resources as YAML, and what has no equal here.
   *
   * @param notes a line each
   */
  record Converted(String yaml, List<String> notes) {}

  /**
   * Converts.
   *
   * @param kubeSubnets whether subnets come from the nodes' podCIDR, as with flanneld's {@code
   *     --kube-subnet-mgr}
   * @param masquerade whether what leaves the network is masqueraded, as with {@code --ip-masq}
   * @throws CommandFailure with a line for each thing that is wrong
   */
  static Converted convert(String text, String file, boolean kubeSubnets, boolean masquerade) {
    List<Object> trees = ResourceText.parseTrees(text, file);
    if (trees.size() != 1 || !(trees.getFirst() instanceof Map<?, ?> tree)) {
      throw CommandFailure.failed(file + ": wanted one JSON object, flannel's net-conf.json");
    }
    return new FlannelNetwork(file, tree, kubeSubnets, masquerade).convert();
  }

  private Converted convert() {
    unknown(tree, FIELDS, "");
    unknown(backend, BACKEND_FIELDS, "Backend.");
    StringBuilder yaml = new StringBuilder();
    boolean ipv4 = truth(tree, "EnableIPv4", "EnableIPv4", true);
    boolean ipv6 = truth(tree, "EnableIPv6", "EnableIPv6", false);
    if (!ipv4 && !ipv6) {
      complaints.add(
          "EnableIPv4: got false, allowed is one of EnableIPv4 and EnableIPv6 to be true");
    }
    if (ipv4) {
      pool(yaml, AddressFamily.IPV4);
    }
    if (ipv6) {
      pool(yaml, AddressFamily.IPV6);
    }
    settings(yaml);
    if (!complaints.isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILED, complaints.stream().map(line -> file + ": field " + line).toList());
    }
    return new Converted(yaml.toString(), List.copyOf(notes));
  }

  private void unknown(Map<?, ?> object, Set<String> known, String where) {
    object.keySet().stream()
        .map(Object::toString)
        .filter(key -> !known.contains(key))
        .sorted()
        .forEach(key -> notes.add(where + key + " has no equal here and is left out"));
  }

  private void pool(StringBuilder yaml, AddressFamily family) {
    String prefix = family == AddressFamily.IPV6 ? "IPv6" : "";
    Prefix network = network(prefix + "Network", family);
    if (network == null) {
      return;
    }
    int length = length(prefix + "SubnetLen", network);
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("cidr", network);
    spec.put("blockSize", length);
    modes(spec, family);
    if (masquerade) {
      spec.put("natOutgoing", true);
    }
    document(yaml, "IPPool", "flannel-ipv" + (family == AddressFamily.IPV6 ? "6" : "4"), spec);
    yaml.append("  nodeSubnet:\n");
    if (kubeSubnets) {
      yaml.append("    source: PodCIDR\n");
      return;
    }
    if (length > network.family().bits() || length < network.length()) {
      return; // complained of
    }
    Address second = new Prefix(network.address(), length).lastAddress().plus(1);
    yaml.append("    source: Pool\n");
    bound(yaml, "min", prefix + "SubnetMin", network, length, second);
    bound(
        yaml,
        "max",
        prefix + "SubnetMax",
        network,
        length,
        Prefix.of(network.lastAddress(), length).address());
  }

  private Prefix network(String field, AddressFamily family) {
    Object value = tree.get(field);
    if (value == null || value.toString().isEmpty()) {
      complaints.add(
          field
              + ": is missing, wanted a network such as "
              + (family == AddressFamily.IPV4 ? "10.244.0.0/16" : "fd00:10:244::/56"));
      return null;
    }
    try {
      Prefix network = Prefix.parse(value.toString());
      if (network.family() == family) {
        return network;
      }
    } catch (IllegalArgumentException _) {
      // told below
    }
    complaints.add(
        field
            + ": got "
            + value
            + ", allowed is an "
            + (family == AddressFamily.IPV4 ? "IPv4 network such as 10.244.0.0/16" : "IPv6 network")
            + " without bits beside its length");
    return null;
  }

  /** A node's length: as given, or flannel's choice. */
  private int length(String field, Prefix network) {
    boolean ipv4 = network.family() == AddressFamily.IPV4;
    int least = ipv4 ? 20 : 116;
    int most = ipv4 ? 30 : 126;
    int usual = ipv4 ? 24 : 64;
    int chosen = network.length() <= usual - 2 ? usual : network.length() + 2;
    int length = number(tree, field, field, chosen, 0, network.family().bits());
    if (network.length() > most - 2) {
      complaints.add(
          "%s: got %s, allowed is a /%d or larger, as a network must have four subnets"
              .formatted(field.replace("SubnetLen", "Network"), network, most - 2));
    } else if (length > most || length < network.length() + 2) {
      complaints.add(
          "%s: got %d, allowed are %d to %d for the network %s, which must have four subnets"
              .formatted(field, length, network.length() + 2, most, network));
    } else if (length < least && (tree.containsKey(field) || ipv4)) {
      complaints.add(
          "%s: got %d, allowed are %d to %d, the lengths of blocks here"
              .formatted(field, length, least, most));
    } else if (length < least) {
      notes.add(
          "%s: flannel gives nodes a /%d, which is larger than a block here can be: they get a /%d"
              .formatted(field, length, least));
      return least;
    }
    return length;
  }

  private void bound(
      StringBuilder yaml, String name, String field, Prefix network, int length, Address usual) {
    Object value = tree.get(field);
    Address address = usual;
    if (value != null && !value.toString().isEmpty()) {
      try {
        address = Address.parse(value.toString());
      } catch (IllegalArgumentException _) {
        complaints.add(field + ": got " + value + ", allowed is an address of " + network);
        return;
      }
      if (address.family() != network.family() || !network.contains(address)) {
        complaints.add(field + ": got " + value + ", allowed is an address of " + network);
        return;
      }
      Address first = Prefix.of(address, length).address();
      if (!first.equals(address)) {
        complaints.add(
            "%s: got %s, allowed is the first address of a subnet, such as %s"
                .formatted(field, address, first));
      }
    }
    yaml.append("    ").append(name).append(": ").append(quoted(address)).append('\n');
  }

  private String type() {
    Object type = backend.get("Type");
    return type == null ? "udp" : type.toString(); // flannel's default
  }

  private boolean direct() {
    return truth(backend, "DirectRouting", "Backend.DirectRouting", false);
  }

  private void modes(Map<String, Object> spec, AddressFamily family) {
    String mode = direct() ? "CrossSubnet" : "Always";
    switch (type()) {
      case "vxlan" -> spec.put("vxlanMode", mode);
      case "ipip" -> {
        if (family == AddressFamily.IPV6) {
          complaints.add("Backend.Type: got ipip, allowed for IPv6 are host-gw and vxlan");
        }
        spec.put("ipipMode", mode);
      }
      case "udp" -> {
        if (family == AddressFamily.IPV6) {
          complaints.add("Backend.Type: got udp, allowed for IPv6 are host-gw and vxlan");
        }
        spec.put("udpMode", "Always");
      }
      default -> {} // host-gw encapsulates nothing; another is complained of with the settings
    }
  }

  private void settings(StringBuilder yaml) {
    Map<String, Object> spec = new LinkedHashMap<>();
    int mtu = number(backend, "MTU", "Backend.MTU", 0, 0, MOST_PORT);
    switch (type()) {
      case "vxlan" -> {
        spec.put("vxlanVNI", number(backend, "VNI", "Backend.VNI", FLANNELS_VNI, 0, MOST_VNI));
        spec.put("vxlanPort", port(FLANNELS_VXLAN_PORT));
        if (mtu != 0) {
          spec.put("vxlanMTU", mtu - VXLAN_OVERHEAD);
        }
        told("GBP");
        told("Learning");
      }
      case "ipip" -> {
        if (mtu != 0) {
          spec.put("ipipMTU", mtu - IPIP_OVERHEAD);
        }
      }
      case "udp" -> {
        if (port(FLANNELS_UDP_PORT) != FLANNELS_UDP_PORT) {
          notes.add("Backend.Port has no equal here for udp and is left out");
        }
      }
      case "host-gw" -> {}
      default ->
          complaints.add(
              "Backend.Type: got " + type() + ", allowed are " + String.join(", ", BACKENDS));
    }
    if (!spec.isEmpty()) {
      document(yaml, "FelixConfiguration", "default", spec);
    }
  }

  private void told(String field) {
    if (truth(backend, field, "Backend." + field, false)) {
      notes.add("Backend." + field + " true has no equal here and is left out");
    }
  }

  private int port(int usual) {
    return number(backend, "Port", "Backend.Port", usual, 1, MOST_PORT);
  }

  /** Flannel takes a zero for nothing said. */
  private int number(Map<?, ?> object, String key, String field, int usual, int least, int most) {
    Object value = object.get(key);
    if (value == null) {
      return usual;
    }
    if (value instanceof Integer || value instanceof Long || value instanceof BigInteger) {
      long number = ((Number) value).longValue();
      if (number == 0) {
        return usual;
      }
      if (number >= least && number <= most) {
        return (int) number;
      }
    }
    complaints.add(
        field + ": got " + value + ", allowed are whole numbers " + least + " to " + most);
    return usual;
  }

  private boolean truth(Map<?, ?> object, String key, String field, boolean usual) {
    Object value = object.get(key);
    if (value == null) {
      return usual;
    }
    if (value instanceof Boolean truth) {
      return truth;
    }
    complaints.add(field + ": got " + value + ", allowed are true and false");
    return usual;
  }

  private static void document(
      StringBuilder yaml, String kind, String name, Map<String, Object> spec) {
    yaml.append(yaml.isEmpty() ? "" : "---\n")
        .append("apiVersion: projectcalico.org/v3\nkind: ")
        .append(kind)
        .append("\nmetadata:\n  name: ")
        .append(name)
        .append("\nspec:\n");
    spec.forEach(
        (key, value) ->
            yaml.append("  ").append(key).append(": ").append(quoted(value)).append('\n'));
  }

  /** An IPv6 address may end in a colon or look like a map. */
  private static String quoted(Object value) {
    String text = value.toString();
    return text.contains(":") ? '"' + text + '"' : text;
  }
}
