package dev.manul.agent;

import dev.manul.agent.AgentConfiguration.AddressSource;
import dev.manul.agent.AgentConfiguration.PoolSettings;
import dev.manul.agent.AgentConfiguration.Store;
import dev.manul.agent.Flags.Flag;
import dev.manul.bgp.BfdSettings;
import dev.manul.bgp.bmp.BmpStation;
import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.PeerAddress;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The configuration of manul-agent. Every flag takes its default from an environment variable, the
 * same that calico-node reads where it has one; it stands in the flag's description.
 */
final class AgentCommand {

  private final Flags flags;
  private Map<String, String> environment = Map.of();

  AgentCommand(Flags flags) {
    this.flags = flags;
  }

  /**
   * The configuration that arguments and environment give; flags come before the environment.
   *
   * @throws AgentException one line that names the setting and what it allows
   */
  AgentConfiguration configuration(Map<String, String> variables) {
    environment = variables;
    boolean noPools = flag("NO_DEFAULT_POOLS", false);
    String router = variable("CALICO_ROUTER_ID", "");
    return new AgentConfiguration(
        nodeName(),
        store(),
        Path.of(option(Flag.RUN_DIR, "MANUL_RUN_DIR", "/var/run/manul")),
        Path.of(option(Flag.STATE_DIR, "MANUL_STATE_DIR", "/var/lib/manul")),
        source(AddressFamily.IPV4, "IP", option(Flag.IP, "IP", ""), Flag.IP_AUTODETECTION_METHOD),
        source(
            AddressFamily.IPV6,
            "IP6",
            option(Flag.IP6, "IP6", "none"),
            Flag.IP6_AUTODETECTION_METHOD),
        asNumber(option(Flag.AS, "AS", "")),
        router.isEmpty() || router.equals("hash") ? Optional.empty() : Optional.of(id(router)),
        router.equals("hash"),
        !flag("DISABLE_NODE_IP_CHECK", false),
        noPools ? Optional.empty() : pool(AddressFamily.IPV4),
        noPools ? Optional.empty() : pool(AddressFamily.IPV6),
        positive("FELIX_IPINIPMTU", variable("FELIX_IPINIPMTU", "0"), 65535),
        variable("FELIX_HEALTHHOST", "127.0.0.1"),
        positive("FELIX_HEALTHPORT", option(Flag.HEALTH_PORT, "FELIX_HEALTHPORT", "9099"), 65535),
        seconds("FELIX_ROUTEREFRESHINTERVAL", variable("FELIX_ROUTEREFRESHINTERVAL", "90")),
        seconds(
            "MANUL_CONVERGENCE_LIMIT",
            option(Flag.CONVERGENCE_LIMIT, "MANUL_CONVERGENCE_LIMIT", "15")),
        flag("CALICO_MANAGE_CNI", true),
        seconds("MANUL_LEAK_GRACE_PERIOD", variable("MANUL_LEAK_GRACE_PERIOD", "900")),
        flags.value(Flag.POLICY_ONLY) != null || flag("MANUL_POLICY_ONLY", false),
        policySettings(),
        namespace(),
        clusterIps(),
        bgp("CALICO_NETWORKING_BACKEND"),
        bfd("MANUL_BGP_BFD"),
        bmpStations("MANUL_BMP_STATIONS"));
  }

  /** Texts with commas between, each as {@link PeerAddress} has it. */
  private List<BmpStation> bmpStations(String setting) {
    List<BmpStation> stations = new ArrayList<>();
    for (String text : variable(setting, "").split(",", -1)) {
      if (!text.isBlank()) {
        try {
          PeerAddress station = PeerAddress.parse(text.strip());
          stations.add(
              new BmpStation(
                  station.address(),
                  station.givenPort().orElse(BmpStation.DEFAULT_PORT),
                  BmpStation.DEFAULT_STATISTICS_SECONDS));
        } catch (IllegalArgumentException e) {
          throw new AgentException(
              setting + ": " + e.getMessage() + "; wanted ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT",
              e);
        }
      }
    }
    return stations;
  }

  private boolean bgp(String setting) {
    String backend = variable(setting, "bird");
    return switch (backend.toLowerCase(Locale.ROOT)) {
      case "bird", "" -> true;
      case "vxlan", "none" -> false;
      default ->
          throw new AgentException(
              setting + ": \"" + backend + "\" is not bird (with BGP), vxlan or none (without)");
    };
  }

  /**
   * {@code off}, {@code on}, or {@code MILLISECONDS/MULTIPLIER}. Asking a peer without BFD costs a
   * packet a second and changes nothing.
   */
  private Optional<BfdSettings> bfd(String setting) {
    String text = variable(setting, "off");
    switch (text.toLowerCase(Locale.ROOT)) {
      case "off" -> {
        return Optional.empty();
      }
      case "on" -> {
        return Optional.of(new BfdSettings(100, 100, 3));
      }
      default -> {}
    }
    int slash = text.indexOf('/');
    try {
      int millis = Integer.parseInt(text.substring(0, Math.max(0, slash)));
      return Optional.of(
          new BfdSettings(millis, millis, Integer.parseInt(text.substring(slash + 1))));
    } catch (NumberFormatException e) {
      throw new AgentException(
          setting + ": \"" + text + "\" is not on, off or MILLISECONDS/MULTIPLIER such as 100/3",
          e);
    } catch (IllegalArgumentException e) {
      throw new AgentException(setting + ": " + e.getMessage(), e);
    }
  }

  /** As Calico has it: where the agent runs, else where Kubernetes keeps its own. */
  private String namespace() {
    String given = variable("NAMESPACE", variable("POD_NAMESPACE", ""));
    return given.isEmpty() ? "kube-system" : given;
  }

  private List<Prefix> clusterIps() {
    String setting = "CALICO_ADVERTISE_CLUSTER_IPS";
    List<Prefix> ranges = new ArrayList<>();
    for (String text : variable(setting, "").split(",", -1)) {
      if (!text.isBlank()) {
        try {
          ranges.add(Prefix.parse(text.strip()));
        } catch (IllegalArgumentException e) {
          throw new AgentException(setting + ": " + e.getMessage(), e);
        }
      }
    }
    return ranges;
  }

  private Map<String, String> policySettings() {
    Map<String, String> settings = new HashMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith("FELIX_")) {
            settings.put(name, value.strip());
          }
        });
    String prefixes = flags.value(Flag.INTERFACE_PREFIX);
    if (prefixes != null) {
      settings.put("FELIX_INTERFACEPREFIX", prefixes);
    }
    return settings;
  }

  /**
   * The store that is named; where none is, Kubernetes for a pod or with a KUBECONFIG, else files.
   */
  private Store store() {
    String path = option(Flag.DATASTORE, "MANUL_DATASTORE_PATH", "");
    boolean inCluster =
        !variable("KUBERNETES_SERVICE_HOST", "").isEmpty() || !variable("KUBECONFIG", "").isEmpty();
    String given = option(Flag.DATASTORE_TYPE, "DATASTORE_TYPE", "");
    String type = !given.isEmpty() ? given : path.isEmpty() && inCluster ? "kubernetes" : "file";
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "kubernetes" -> new Store.Kubernetes(environment);
      case "file" -> new Store.Files(Path.of(path.isEmpty() ? "/etc/manul/datastore" : path));
      default ->
          throw new AgentException("DATASTORE_TYPE: \"" + type + "\" is not kubernetes or file");
    };
  }

  private String nodeName() {
    String name = option(Flag.NODE, "NODENAME", "");
    if (!name.isEmpty()) {
      return name;
    }
    String host = variable("HOSTNAME", "");
    if (host.isEmpty()) {
      try {
        host = InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        throw new AgentException("NODENAME: not set, and this host has no name either", e);
      }
    }
    return host.toLowerCase(Locale.ROOT);
  }

  private AddressSource source(
      AddressFamily family, String setting, String value, Flag methodFlag) {
    String methodSetting = setting + "_AUTODETECTION_METHOD";
    DetectionMethod method =
        DetectionMethod.parse(methodSetting, option(methodFlag, methodSetting, "first-found"));
    return switch (value) {
      case "" -> new AddressSource.DetectIfMissing(method);
      case "autodetect" -> new AddressSource.Detect(method);
      case "none" -> new AddressSource.Keep();
      default -> {
        try {
          InterfaceAddress address = InterfaceAddress.parse(value);
          if (address.address().family() == family) {
            yield new AddressSource.Fixed(address, value.indexOf('/') >= 0);
          }
        } catch (IllegalArgumentException e) {
          // The message below says it all.
        }
        throw new AgentException(
            setting
                + ": \""
                + value
                + "\" is not autodetect, none or an "
                + (family == AddressFamily.IPV4 ? "IPv4" : "IPv6")
                + " address");
      }
    };
  }

  private Optional<PoolSettings> pool(AddressFamily family) {
    boolean four = family == AddressFamily.IPV4;
    String prefix = four ? "CALICO_IPV4POOL_" : "CALICO_IPV6POOL_";
    String cidr = variable(prefix + "CIDR", four ? "" : "none");
    if (cidr.equals("none")) {
      return Optional.empty();
    }
    EncapsulationMode ipip = four ? mode("CALICO_IPV4POOL_IPIP") : EncapsulationMode.NEVER;
    EncapsulationMode vxlan = mode(prefix + "VXLAN");
    EncapsulationMode udp = mode(prefix + "UDP");
    if (Stream.of(ipip, vxlan, udp).filter(mode -> mode != EncapsulationMode.NEVER).count() > 1) {
      throw new AgentException(
          (four ? prefix + "IPIP, " : "")
              + prefix
              + "VXLAN and "
              + prefix
              + "UDP: only one may be other than Never");
    }
    int size = four ? 26 : 122;
    String sizeSetting = prefix + "BLOCK_SIZE";
    int blockSize =
        positive(sizeSetting, variable(sizeSetting, Integer.toString(size)), family.bits())
            .orElse(size);
    if (blockSize < (four ? 20 : 116)) {
      throw new AgentException(
          sizeSetting + ": " + blockSize + " is not within " + (four ? "20 to 32" : "116 to 128"));
    }
    String selectorSetting = prefix + "NODE_SELECTOR";
    String selector = variable(selectorSetting, "all()");
    try {
      Selector.parse(selector);
    } catch (IllegalArgumentException e) {
      throw new AgentException(selectorSetting + ": " + e.getMessage(), e);
    }
    return Optional.of(
        new PoolSettings(
            cidr.isEmpty() ? Optional.empty() : Optional.of(prefix(prefix + "CIDR", cidr, family)),
            ipip,
            vxlan,
            udp,
            blockSize,
            flag(prefix + "NAT_OUTGOING", four),
            selector,
            flag(prefix + "DISABLE_BGP_EXPORT", false)));
  }

  private EncapsulationMode mode(String setting) {
    String value = variable(setting, "");
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "always" -> EncapsulationMode.ALWAYS;
      case "crosssubnet", "cross-subnet" -> EncapsulationMode.CROSS_SUBNET;
      case "never", "off", "" -> EncapsulationMode.NEVER;
      default ->
          throw new AgentException(
              setting + ": \"" + value + "\" is not Always, CrossSubnet or Never");
    };
  }

  private static Prefix prefix(String setting, String text, AddressFamily family) {
    try {
      Prefix prefix = Prefix.parse(text);
      if (prefix.family() == family) {
        return prefix;
      }
    } catch (IllegalArgumentException e) {
      throw new AgentException(setting + ": " + e.getMessage(), e);
    }
    throw new AgentException(setting + ": \"" + text + "\" is of the other address family");
  }

  private static Ipv4Address id(String text) {
    try {
      return Ipv4Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw new AgentException(
          "CALICO_ROUTER_ID: \"" + text + "\" is not hash or an IPv4-shaped identifier", e);
    }
  }

  private static OptionalLong asNumber(String text) {
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      int dot = text.indexOf('.');
      long number =
          dot < 0
              ? Long.parseLong(text)
              : (Long.parseLong(text.substring(0, dot)) << 16)
                  | Long.parseLong(text.substring(dot + 1));
      if (number >= 1 && number <= 0xffff_ffffL) {
        return OptionalLong.of(number);
      }
    } catch (NumberFormatException e) {
      // The message below says it all.
    }
    throw new AgentException("AS: \"" + text + "\" is not within 1 to 4294967295");
  }

  private static OptionalInt positive(String setting, String text, int most) {
    try {
      int value = Integer.parseInt(text);
      if (value >= 0 && value <= most) {
        return value == 0 ? OptionalInt.empty() : OptionalInt.of(value);
      }
    } catch (NumberFormatException e) {
      // The message below says it all.
    }
    throw new AgentException(setting + ": \"" + text + "\" is not within 0 to " + most);
  }

  private static Duration seconds(String setting, String text) {
    try {
      double value = Double.parseDouble(text);
      if (value >= 0 && value <= 86_400) {
        return Duration.ofMillis(Math.round(value * 1000));
      }
    } catch (NumberFormatException e) {
      // The message below says it all.
    }
    throw new AgentException(setting + ": \"" + text + "\" is not within 0 to 86400 seconds");
  }

  private boolean flag(String setting, boolean absent) {
    String value = variable(setting, Boolean.toString(absent));
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "1", "on" -> true;
      case "false", "no", "0", "off", "" -> false;
      default -> throw new AgentException(setting + ": \"" + value + "\" is not true or false");
    };
  }

  private String option(Flag flag, String variable, String absent) {
    String given = flags.value(flag);
    return given != null ? given : variable(variable, absent);
  }

  private String variable(String name, String absent) {
    String value = environment.get(name);
    return value == null ? absent : value.strip();
  }
}
