package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Everything the agent is told from outside the datastore.
 *
 * @param nodeName this node's name
 * @param datastore the file datastore's directory
 * @param runDirectory where the control socket is made
 * @param stateDirectory what outlives a reboot
 * @param ipv4 where the IPv4 address comes from
 * @param ipv6 where the IPv6 address comes from
 * @param asNumber {@code AS}: the node's own AS number; empty inherits BGPConfiguration's
 * @param routerId {@code CALICO_ROUTER_ID}: an identifier, or empty for the IPv4 address
 * @param hashedRouterId {@code CALICO_ROUTER_ID=hash}: derive the identifier from the node's name
 * @param checkAddressConflicts false with {@code DISABLE_NODE_IP_CHECK=true}
 * @param ipv4Pool the default IPv4 pool to make when there is none; empty for none
 * @param ipv6Pool the default IPv6 pool to make when there is none; empty for none
 * @param ipipMtu the tunnel's MTU in octets; empty follows the parent interface
 * @param healthHost where the probes are answered
 * @param healthPort 1 to 65535; empty for no probes over TCP
 * @param fullCheckInterval how often the kernel's routes are read whole; zero for never
 * @param convergenceLimit how long the first routes of peers are waited for
 */
record AgentConfiguration(
    String nodeName,
    Path datastore,
    Path runDirectory,
    Path stateDirectory,
    AddressSource ipv4,
    AddressSource ipv6,
    OptionalLong asNumber,
    Optional<Ipv4Address> routerId,
    boolean hashedRouterId,
    boolean checkAddressConflicts,
    Optional<PoolSettings> ipv4Pool,
    Optional<PoolSettings> ipv6Pool,
    OptionalInt ipipMtu,
    String healthHost,
    OptionalInt healthPort,
    Duration fullCheckInterval,
    Duration convergenceLimit) {

  /** Where a node's address of one family comes from ({@code IP}, {@code IP6}). */
  sealed interface AddressSource {
    /** {@code autodetect}: looked for at every start. */
    record Detect(DetectionMethod method) implements AddressSource {}

    /** Unset: looked for only when the node has none yet. */
    record DetectIfMissing(DetectionMethod method) implements AddressSource {}

    /** {@code none}: not looked for; what the node has is kept. */
    record Keep() implements AddressSource {}

    /** An address given by hand; without a subnet, the host's interface tells it. */
    record Fixed(InterfaceAddress address, boolean withSubnet) implements AddressSource {
      Address bare() {
        return address.address();
      }
    }
  }

  /**
   * A default pool.
   *
   * @param cidr empty to choose one that does not overlap the node's subnet
   */
  record PoolSettings(
      Optional<Prefix> cidr,
      EncapsulationMode ipipMode,
      EncapsulationMode vxlanMode,
      int blockSize,
      boolean natOutgoing,
      String nodeSelector,
      boolean disableBgpExport) {}

  /** The Unix socket on which the agent answers {@code manulctl node status}. */
  Path controlSocket() {
    return runDirectory.resolve("agent.sock");
  }
}
