package dev.manul.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.cni.CniException.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the runtime hands in about the network, as far as it is of interest here. Calico's own
 * configuration is understood as it stands; keys that are not known are left alone.
 *
 * @param version the version of the specification the answer must keep to
 * @param name the network's name
 * @param bridge the bridge that pods are on; empty for pods with a route each
 * @param mtu the MTU of both ends, 0 for the node's choice
 * @param assignIpv4 whether pods get an IPv4 address unless an annotation says otherwise
 * @param assignIpv6 the same for IPv6
 * @param ipv4Pools names or prefixes of pools; empty for all
 * @param ipv6Pools the same for IPv6
 * @param addressesWithoutIpam whether pods may name addresses that no pool knows
 * @param allowForwarding whether the pod may forward packets
 * @param policyWait how long ADD waits for the pod's own policy; zero: not at all
 * @param dns handed on in the result as it is
 * @param previousResult of the plugins before in the chain; on CHECK the result of ADD
 * @param validAttachments for GC: who is alive
 */
record NetworkConfiguration(
    CniVersion version,
    String name,
    Optional<BridgeSettings> bridge,
    int mtu,
    boolean assignIpv4,
    boolean assignIpv6,
    List<String> ipv4Pools,
    List<String> ipv6Pools,
    boolean addressesWithoutIpam,
    boolean allowForwarding,
    Duration policyWait,
    ObjectNode dns,
    Optional<ObjectNode> previousResult,
    Optional<Set<AttachmentKey>> validAttachments) {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
  private static final List<String> IPAM_TYPES = List.of("manul-ipam", "calico-ipam");

  /** Below this IPv6 does not work (RFC 8200 section 5), and 68 is the least of IPv4. */
  private static final int LEAST_MTU = 68;

  private static final int MOST_MTU = 65_535;

  /** In seconds; a request has an end before that. */
  private static final int MOST_POLICY_WAIT = 3600;

  NetworkConfiguration {
    ipv4Pools = List.copyOf(ipv4Pools);
    ipv6Pools = List.copyOf(ipv6Pools);
    validAttachments = validAttachments.map(Set::copyOf);
  }

  /** The text as JSON. */
  static ObjectNode decode(String input) {
    try {
      return Json.object(input);
    } catch (IOException e) {
      throw new CniException(
          Code.DECODING_FAILURE, "the network configuration is not JSON", e.getMessage());
    }
  }

  /** The version a configuration speaks, even if all else in it is wrong; or "". */
  static String versionIn(ObjectNode tree) {
    return tree.path("cniVersion").asText("");
  }

  /** Reads a configuration. */
  static NetworkConfiguration of(ObjectNode tree) {
    CniVersion version = CniVersion.of(versionIn(tree));
    try {
      return read(version, tree);
    } catch (Json.WrongFieldException e) {
      throw new CniException(Code.INVALID_CONFIGURATION, e.getMessage());
    }
  }

  private static NetworkConfiguration read(CniVersion version, ObjectNode tree) {
    String name = Json.text(tree, "name");
    if (!NAME.matcher(name).matches()) {
      throw invalid(
          "name \"" + name + "\" is not a network's name: letters, digits, '_', '.', '-' are");
    }
    int mtu = Json.integer(tree, "mtu", 0);
    if (mtu != 0 && (mtu < LEAST_MTU || mtu > MOST_MTU)) {
      throw invalid("mtu " + mtu + " is not 0 or within " + LEAST_MTU + " to " + MOST_MTU);
    }
    ObjectNode ipam = Json.object(tree, "ipam");
    String ipamType = Json.text(ipam, "type");
    if (!ipamType.isEmpty() && !IPAM_TYPES.contains(ipamType)) {
      throw new CniException(
          Code.UNSUPPORTED_FIELD,
          "ipam.type \""
              + ipamType
              + "\" is not supported; allowed: "
              + String.join(", ", IPAM_TYPES));
    }
    ObjectNode features = Json.object(tree, "feature_control");
    return new NetworkConfiguration(
        version,
        name,
        BridgeSettings.of(tree),
        mtu,
        Json.truth(ipam, "assign_ipv4").orElse(true),
        Json.truth(ipam, "assign_ipv6").orElse(false),
        Json.texts(ipam, "ipv4_pools"),
        Json.texts(ipam, "ipv6_pools"),
        Json.truth(features, "ip_addrs_no_ipam").orElse(false),
        Json.truth(Json.object(tree, "container_settings"), "allow_ip_forwarding").orElse(false),
        policyWait(tree),
        Json.object(tree, "dns"),
        Json.field(tree, "prevResult").map(_ -> Json.object(tree, "prevResult")),
        validAttachments(tree));
  }

  private static Duration policyWait(ObjectNode tree) {
    String key = "policy_setup_timeout_seconds";
    int seconds = Json.integer(tree, key, 0);
    if (seconds < 0 || seconds > MOST_POLICY_WAIT) {
      throw invalid(key + " " + seconds + " is not within 0 to " + MOST_POLICY_WAIT);
    }
    return Duration.ofSeconds(seconds);
  }

  private static Optional<Set<AttachmentKey>> validAttachments(ObjectNode tree) {
    String key = "cni.dev/valid-attachments";
    if (Json.field(tree, key).isEmpty()) {
      key = "cni.dev/attachments"; // as drafts of the specification had it
    }
    if (Json.field(tree, key).isEmpty()) {
      return Optional.empty();
    }
    List<AttachmentKey> keys = new ArrayList<>();
    for (ObjectNode item : Json.objects(tree, key)) {
      keys.add(new AttachmentKey(Json.text(item, "containerID"), Json.text(item, "ifname")));
    }
    return Optional.of(new HashSet<>(keys));
  }

  /** The pools to take addresses from; a family of which none is named may use all. */
  List<String> pools() {
    List<String> pools = new ArrayList<>(ipv4Pools);
    pools.addAll(ipv6Pools);
    return pools;
  }

  private static CniException invalid(String message) {
    return new CniException(Code.INVALID_CONFIGURATION, message);
  }
}
