package dev.manul.bgp.daemon;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;

/**
 * The configuration of {@code manul-bgp} as it is written in YAML. A field left out is null, be it
 * required or not.
 *
 * @param asNumber this speaker's AS number
 * @param routerId the BGP identifier, an IPv4 address
 * @param listen where to accept connections; left out for nowhere
 * @param control path of the control socket; left out for none
 * @param bmp monitoring stations to keep informed (RFC 7854)
 * @param kernel what to do with the kernel's routes
 * @param originate what to announce
 * @param neighbors whom to speak with
 */
record ConfigurationFile(
    Long asNumber,
    Address routerId,
    List<Listen> listen,
    String control,
    List<Bmp> bmp,
    Kernel kernel,
    List<Originate> originate,
    List<Neighbor> neighbors) {

  /**
   * @param port 179 when left out
   */
  record Listen(Address address, Integer port) {}

  /**
   * @param port 11019 when left out
   * @param statisticsSeconds 60 when left out, 0 for never
   */
  record Bmp(Address address, Integer port, Integer statisticsSeconds) {}

  /** Kernel routes, which another program has to write for now. */
  record Kernel(Boolean export, Integer table, Integer protocol) {}

  /**
   * @param nextHop an address, or {@code self} (also when left out)
   * @param communities each as {@code AS:VALUE}
   */
  record Originate(Prefix prefix, String nextHop, List<String> communities) {}

  /**
   * A neighbour; defaults are those of {@link dev.manul.bgp.NeighborConfiguration#builder}, but
   * without graceful restart.
   *
   * @param addPaths {@code none}, {@code receive}, {@code send} or {@code both}
   * @param addPathsLimit how many paths a prefix to send at most; 8 when left out
   * @param role as RFC 9234 names it, such as {@code route-server-client}
   */
  record Neighbor(
      Address address,
      Integer port,
      Long asNumber,
      Address localAddress,
      Long localAsNumber,
      Boolean passive,
      String password,
      Integer multihop,
      Integer ttlSecurity,
      Integer holdTime,
      Boolean routeReflectorClient,
      GracefulRestart gracefulRestart,
      List<String> families,
      String addPaths,
      Integer addPathsLimit,
      Boolean nextHopSelf,
      Boolean nextHopKeep,
      Address clusterId,
      Integer allowAsIn,
      Boolean asOverride,
      String role,
      Boolean strictRole,
      PrefixLimit prefixLimit,
      String shutdown,
      Integer connectRetryTime,
      Integer keepaliveTime,
      Integer idleHoldTime,
      Bfd bfd,
      Boolean extendedMessages,
      Boolean extendedNextHop,
      Boolean localWorkload,
      String description,
      @JsonProperty("import") JsonNode importPolicy,
      @JsonProperty("export") JsonNode exportPolicy) {}

  /**
   * @param restartTime seconds, 0 to 4095; 120 when left out
   * @param longLivedStaleTime seconds, 0 to 16777215; left out for no long-lived graceful restart
   */
  record GracefulRestart(Integer restartTime, Integer longLivedStaleTime) {}

  /**
   * @param max prefixes of all families
   * @param restartMinutes left out to stay down until the configuration changes
   */
  record PrefixLimit(Integer max, Integer restartMinutes) {}

  /**
   * @param minTxMillis milliseconds between packets sent; 100 when left out
   * @param minRxMillis milliseconds between packets asked for; 100 when left out
   * @param multiplier packets that may be lost in a row; 3 when left out
   */
  record Bfd(Integer minTxMillis, Integer minRxMillis, Integer multiplier) {}
}
