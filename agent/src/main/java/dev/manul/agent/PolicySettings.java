package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.GoDuration;
import dev.manul.model.Prefix;
import dev.manul.policy.Exclusions;
import dev.manul.policy.Masquerade;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.rendering.Failsafe;
import dev.manul.policy.rendering.Marks;
import dev.manul.policy.rendering.PolicyOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * How policy is enforced, by Calico's settings: the environment's {@code FELIX_…} before the
 * FelixConfiguration of this node, before the one called default. A setting that cannot be read
 * does not count, and is told. Pure.
 *
 * @param problems one line each, with the setting, what it says and what is allowed
 */
record PolicySettings(NetworkPolicyOptions options, List<String> problems) {

  private static final Map<String, Integer> PROTOCOLS = Map.of("tcp", 6, "udp", 17, "sctp", 132);

  /** Reads settings, one by one. */
  private static final class Reader {
    private final Map<String, Object> configured = new HashMap<>();
    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    Reader(Optional<FelixConfiguration> configuration, Map<String, String> environment) {
      this.environment = environment;
      configuration.ifPresent(
          felix -> {
            configured.putAll(felix.spec().further());
            felix.spec().interfacePrefix().ifPresent(p -> configured.put("interfacePrefix", p));
          });
    }

    /**
     * A setting.
     *
     * @param read throws IllegalArgumentException for what is not allowed
     */
    <T> T get(String name, T otherwise, Function<Object, T> read) {
      String variable = "FELIX_" + name.toUpperCase(Locale.ROOT);
      String given = environment.getOrDefault(variable, "");
      Object value = given.isEmpty() ? configured.get(name) : given;
      if (value == null || value.toString().isEmpty()) {
        return otherwise;
      }
      try {
        return read.apply(value);
      } catch (IllegalArgumentException e) {
        String where = given.isEmpty() ? "FelixConfiguration: field spec." + name : variable;
        problems.add("%s: got %s, %s".formatted(where, value, e.getMessage()));
        return otherwise;
      }
    }

    boolean enabled(String name, boolean otherwise) {
      return get(name, otherwise, value -> word(value, Map.of("true", true, "false", false)));
    }
  }

  private static <T> T word(Object value, Map<String, T> meanings) {
    T meaning = meanings.get(value.toString().toLowerCase(Locale.ROOT));
    if (meaning == null) {
      throw new IllegalArgumentException(
          "allowed are " + String.join(", ", meanings.keySet().stream().sorted().toList()));
    }
    return meaning;
  }

  /**
   * The settings in force.
   *
   * @param configuration what the cluster says for this node
   * @param ipip whether nodes exchange IPIP
   * @param vxlan whether they exchange VXLAN
   * @param udp whether they exchange packets in UDP through their agents
   */
  static PolicySettings of(
      Optional<FelixConfiguration> configuration,
      Map<String, String> environment,
      boolean ipip,
      boolean vxlan,
      boolean udp) {
    var reader = new Reader(configuration, environment);
    PolicyOptions usual = PolicyOptions.DEFAULT.withTunnels(ipip, vxlan);
    PolicyOptions rules =
        new PolicyOptions(
            reader.get("iptablesMarkMask", usual.marks(), PolicySettings::marks),
            reader.get("interfacePrefix", usual.interfacePrefixes(), PolicySettings::list),
            reader.get(
                "defaultEndpointToHostAction",
                usual.toHost(),
                value ->
                    word(
                        value,
                        Map.of(
                            "drop", PolicyOptions.ToHost.DROP,
                            "accept", PolicyOptions.ToHost.ACCEPT,
                            "return", PolicyOptions.ToHost.RETURN))),
            reader.get(
                "iptablesFilterDenyAction",
                usual.denial(),
                value ->
                    word(
                        value,
                        Map.of(
                            "drop", PolicyOptions.Denial.DROP,
                            "reject", PolicyOptions.Denial.REJECT))),
            reader.get("logPrefix", usual.logPrefix(), Object::toString),
            reader.get(
                "failsafeInboundHostPorts", usual.failsafeInbound(), PolicySettings::failsafes),
            reader.get(
                "failsafeOutboundHostPorts", usual.failsafeOutbound(), PolicySettings::failsafes),
            usual.ipip(),
            vxlan ? VxlanSettings.of(configuration, environment).port() : 0,
            reader.enabled("allowIPIPPacketsFromWorkloads", usual.ipipFromPods()),
            reader.enabled("allowVXLANPacketsFromWorkloads", usual.vxlanFromPods()),
            !reader.enabled("disableConntrackInvalidCheck", !usual.dropsInvalid()),
            reader.get(
                "chainInsertMode",
                usual.first(),
                value -> word(value, Map.of("insert", true, "append", false))),
            usual.checksSources(),
            usual.seesPorts(),
            udp ? UdpSettings.of(configuration, environment).port() : 0);
    NetworkPolicyOptions options =
        NetworkPolicyOptions.DEFAULT
            .withRules(rules)
            .withMasquerade(masquerade(reader))
            .withLongestCheck(
                reader.get(
                    "iptablesRefreshInterval",
                    NetworkPolicyOptions.DEFAULT.longestCheck(),
                    PolicySettings::interval));
    Optional<Backend> backend =
        reader.get("iptablesBackend", Optional.empty(), value -> Backend.parse(value.toString()));
    return new PolicySettings(
        backend.map(options::withBackend).orElse(options), List.copyOf(reader.problems));
  }

  /** With what the kernel is able to do, which no setting says. */
  PolicySettings withSeesPorts(boolean seesPorts) {
    return new PolicySettings(
        options.withRules(options.rules().withSeesPorts(seesPorts)), problems);
  }

  private static Masquerade masquerade(Reader reader) {
    Masquerade usual = Masquerade.DEFAULT;
    return new Masquerade(
        reader.get(
            "natOutgoingAddress", usual.address(), v -> Optional.of(Address.parse(v.toString()))),
        reader.get(
            "natPortRange", usual.ports(), v -> Optional.of(Masquerade.Ports.parse(v.toString()))),
        reader.get(
            "natOutgoingExclusions",
            usual.exclusions(),
            value ->
                word(
                    value,
                    Map.of(
                        "ippoolsonly", Exclusions.POOLS,
                        "ippoolsandhostips", Exclusions.POOLS_AND_NODES))));
  }

  private static Marks marks(Object value) {
    long mask = Long.decode(value.toString());
    if (mask < 0 || mask > 0xffff_ffffL) {
      throw new IllegalArgumentException("allowed are 0x0 to 0xffffffff");
    }
    return Marks.of((int) mask);
  }

  private static List<String> list(Object value) {
    return List.of(value.toString().split(" *, *", -1));
  }

  /** Zero switches the reading off, as far as that goes. */
  private static Duration interval(Object value) {
    String text = value.toString();
    Duration interval =
        text.matches("\\d+(\\.\\d+)?") ? GoDuration.parse(text + "s") : GoDuration.parse(text);
    if (interval.isNegative()) {
      throw new IllegalArgumentException("allowed is a time that is not negative");
    }
    return interval.isZero() ? Duration.ofDays(1) : interval;
  }

  /** A list of objects in a document; in the environment {@code tcp:22,udp:10.0.0.0/8:68}. */
  private static List<Failsafe> failsafes(Object value) {
    List<Failsafe> failsafes = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object each : list) {
        if (!(each instanceof Map<?, ?> port) || !(port.get("port") instanceof Number number)) {
          throw new IllegalArgumentException("allowed are objects with protocol, port and net");
        }
        Object net = port.get("net");
        failsafes.add(
            failsafe(
                port.get("protocol") == null ? "tcp" : port.get("protocol").toString(),
                number.toString(),
                net == null ? "" : net.toString()));
      }
    } else if (!value.toString().equalsIgnoreCase("none")) {
      for (String text : list(value)) {
        int first = text.indexOf(':');
        int last = text.lastIndexOf(':');
        failsafes.add(
            first < 0
                ? failsafe("tcp", text, "")
                : failsafe(
                    text.substring(0, first),
                    text.substring(last + 1),
                    first == last ? "" : text.substring(first + 1, last)));
      }
    }
    return failsafes;
  }

  private static Failsafe failsafe(String protocol, String port, String net) {
    int number = Integer.parseInt(port);
    if (number < 1 || number > 65_535) {
      throw new IllegalArgumentException("allowed are ports 1 to 65535");
    }
    return new Failsafe(
        word(protocol, PROTOCOLS),
        number,
        net.isEmpty() ? Optional.empty() : Optional.of(Prefix.parse(net)));
  }
}
