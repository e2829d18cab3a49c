package dev.manul.agent;

import dev.manul.bgp.BfdSettings;
import dev.manul.bgp.bmp.BmpStation;
import dev.manul.model.Address;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Everything the agent is told from outside the datastore.
 *
 * @param nodeName this node's name
 * @param store where the cluster's state is kept
 * @param runDirectory where the control socket is made
 * @param stateDirectory what outlives a restart
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
 * @param managesCni false with {@code CALICO_MANAGE_CNI=false}: pods are somebody else's work
 * @param leakGracePeriod how long an address may be without its pod before it is taken back, unless
 *     KubeControllersConfiguration says otherwise; zero takes none back
 * @param policyOnly {@code MANUL_POLICY_ONLY=true}: the network is somebody else's work
 * @param policySettings the environment's {@code FELIX_…}, by their names
 * @param namespace {@code NAMESPACE} or {@code POD_NAMESPACE}: where Secrets with passwords are
 * @param advertisedClusterIps {@code CALICO_ADVERTISE_CLUSTER_IPS}: cluster IPs to announce, unless
 *     BGPConfiguration says which
 * @param bgp false with {@code CALICO_NETWORKING_BACKEND=vxlan} or {@code none}: whose which block
 *     is comes from the datastore, and nobody is spoken with
 * @param bfd {@code MANUL_BGP_BFD}: how every peer is watched with BFD; empty for not at all
 * @param bmpStations {@code MANUL_BMP_STATIONS}: who is told of all that peers announce (RFC 7854)
 */
record AgentConfiguration(
    String nodeName,
    Store store,
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
    Duration convergenceLimit,
    boolean managesCni,
    Duration leakGracePeriod,
    boolean policyOnly,
    Map<String, String> policySettings,
    String namespace,
    List<Prefix> advertisedClusterIps,
    boolean bgp,
    Optional<BfdSettings> bfd,
    List<BmpStation> bmpStations) {

  AgentConfiguration {
    policySettings = Map.copyOf(policySettings);
    advertisedClusterIps = List.copyOf(advertisedClusterIps);
    bmpStations = List.copyOf(bmpStations);
  }

  /** Where the cluster's state is kept ({@code DATASTORE_TYPE}). */
  sealed interface Store {
    /** A directory of this host. */
    record Files(Path directory) implements Store {
      @Override
      public String toString() {
        return directory.toString();
      }
    }

    /**
     * The Kubernetes API.
     *
     * @param environment what says how to reach it
     */
    record Kubernetes(Map<String, String> environment) implements Store {
      public Kubernetes {
        environment = Map.copyOf(environment);
      }

      @Override
      public String toString() {
        return "the Kubernetes API";
      }
    }
  }

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
      EncapsulationMode udpMode,
      int blockSize,
      boolean natOutgoing,
      String nodeSelector,
      boolean disableBgpExport) {}

  /** The Unix socket on which the CNI plugin's program asks. */
  Path cniSocket() {
    return runDirectory.resolve("cni.sock");
  }

  /** The Unix socket on which the agent answers {@code manulctl node status}. */
  Path controlSocket() {
    return runDirectory.resolve("agent.sock");
  }
}
